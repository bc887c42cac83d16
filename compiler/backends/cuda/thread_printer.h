// SPDX-License-Identifier: Apache-2.0
// Statements as one thread runs them: plain serial C++.
#pragma once

#include "compiler/backends/cuda/expr_printer.h"
#include "compiler/backends/cuda/names.h"
#include "compiler/backends/cuda/source_writer.h"
#include "compiler/ir/program.h"

namespace mlgenn::cuda {

/// What other threads do at the same time.
struct ThreadContext {
    /// Other threads may add to the same element.
    bool atomic_adds = false;
    /// A spike is kept in the local `<population>_spiked`; the warp's votes make the row's words.
    bool vote_spikes = false;
};

class ThreadPrinter {
public:
    ThreadPrinter(const ir::Program& program, NameTable& names, SourceWriter& out)
        : program_(program), names_(names), out_(out), expr_(program, names) {}

    void block(const ir::Block& statements, const ThreadContext& context);
    void statement(const ir::Stmt& stmt, const ThreadContext& context);

    [[nodiscard]] std::string expr(const ir::ExprPtr& expression) const { return expr_.print(expression); }
    /// A bound of a loop, beside an operator.
    [[nodiscard]] std::string bound(const ir::ExprPtr& expression) const { return expr_.print_bound(expression); }
    /// Opens the two loops that visit the set bits of `row` in ascending order and names the neuron `index`; the
    /// first word and the distance to the next are given. Closed by two close().
    void open_walk(const std::string& row, std::uint32_t num_words, const std::string& index, const std::string& first,
                   const std::string& stride);
    void add_to(const ir::AddTo& node, const ThreadContext& context);
    [[nodiscard]] std::string vote_flag(ir::QueueId queue) const { return names_.ring(queue) + "_vote"; }

private:
    void sum_spikes(const ir::SumSpikes& node);
    void emit(const ir::EmitSpike& node, const ThreadContext& context);
    void set_bit(const std::string& array, const std::string& word_start, const std::string& neuron);

    const ir::Program& program_;
    NameTable& names_;
    SourceWriter& out_;
    ExprPrinter expr_;
};

/// Words of one row of spikes.
[[nodiscard]] inline std::uint32_t num_spike_words(const ir::SpikeQueue& queue) {
    return (queue.num_neurons + 31) / 32;
}

}  // namespace mlgenn::cuda
