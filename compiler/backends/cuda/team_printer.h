// SPDX-License-Identifier: Apache-2.0
// Statements as the threads of a team share them: parallel loops, spikes spread over warps, single-thread writes.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/backends/cuda/thread_printer.h"

namespace mlgenn::cuda {

/// The threads that carry one example.
struct TeamStyle {
    std::uint32_t size = 128;
    /// The statement at which they wait for each other.
    std::string barrier = "__syncthreads();";
};

class TeamPrinter {
public:
    TeamPrinter(const ir::Program& program, NameTable& names, SourceWriter& out, const TeamStyle& team)
        : program_(program), names_(names), out_(out), thread_(program, names, out), team_(team) {}

    /// A statement at the top of a phase. Barriers around it are the caller's; those inside it are printed here.
    void region(const ir::Stmt& stmt);
    /// Zeroes the row of spikes of this step, for queues whose spikes are set one by one.
    void clear_row(ir::QueueId queue);

private:
    void uniform(const ir::Block& statements);
    void uniform_write(const ir::Stmt& stmt);
    void parallel_loop(const ir::For& loop);
    void voting_loop(const ir::For& loop);
    void votes(const ir::For& loop);
    void serial_loop(const ir::Stmt& stmt, bool nested);
    void scatter(const ir::ForSpikes& spikes);
    void scatter_per_neuron(const ir::ForSpikes& spikes);
    void warp_block(const ir::Block& statements, const ir::For* shared_out);
    void warp_statement(const ir::Stmt& stmt, const ir::For* shared_out);
    void strided_loop(const ir::For& loop, const std::string& first, std::uint32_t stride,
                      const ThreadContext& context);
    void single_thread(const ir::Stmt& stmt);

    const ir::Program& program_;
    NameTable& names_;
    SourceWriter& out_;
    ThreadPrinter thread_;
    TeamStyle team_;
};

/// True if the loop's threads make whole words of spikes by voting: it runs over all neurons of a population and
/// every EmitSpike in it names the neuron at hand.
[[nodiscard]] bool votes_spikes(const ir::Program& program, const ir::For& loop);

}  // namespace mlgenn::cuda
