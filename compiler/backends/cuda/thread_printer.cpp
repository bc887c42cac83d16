// SPDX-License-Identifier: Apache-2.0
// Prints statements for one thread.
#include "compiler/backends/cuda/thread_printer.h"

#include "mlgenn/errors.h"

namespace mlgenn::cuda {

void ThreadPrinter::block(const ir::Block& statements, const ThreadContext& context) {
    for (const ir::StmtPtr& stmt : statements) {
        statement(*stmt, context);
    }
}

void ThreadPrinter::statement(const ir::Stmt& stmt, const ThreadContext& context) {
    std::visit(
        ir::Overload{
            [&](const ir::Let& n) {
                out_.line(type_name(n.value->type) + " " + names_.local(n.name) + " = " + expr(n.value) + ";");
            },
            [&](const ir::Assign& n) { out_.line(names_.local(n.name) + " = " + expr(n.value) + ";"); },
            [&](const ir::Store& n) { out_.line(expr_.element(n.buffer, n.index) + " = " + expr(n.value) + ";"); },
            [&](const ir::AddTo& n) { add_to(n, context); },
            [&](const ir::If& n) {
                out_.open("if (" + expr(n.condition) + ")");
                block(n.then_body, context);
                if (!n.else_body.empty()) {
                    out_.otherwise();
                    block(n.else_body, context);
                }
                out_.close();
            },
            [&](const ir::For& n) {
                const std::string& index = names_.local(n.index);
                out_.open("for (u32 " + index + " = " + expr(n.begin) + "; " + index + " < " + bound(n.end) + "; ++" +
                          index + ")");
                block(n.body, context);
                out_.close();
            },
            [&](const ir::ForSpikes& n) {
                open_walk(names_.spike_row(n.queue, n.delay), num_spike_words(program_.queue(n.queue)),
                          names_.local(n.index), "0", "1");
                block(n.body, context);
                out_.close();
                out_.close();
            },
            [&](const ir::SumSpikes& n) { sum_spikes(n); },
            [&](const ir::EmitSpike& n) { emit(n, context); },
            [](const auto&) { throw InternalError("the CUDA back end needs expanded accumulators"); },
        },
        stmt.node);
}

void ThreadPrinter::open_walk(const std::string& row, std::uint32_t num_words, const std::string& index,
                              const std::string& first, const std::string& stride) {
    const std::string step = stride == "1" ? "++word" : "word += " + stride;
    out_.open("for (u32 word = " + first + "; word < " + std::to_string(num_words) + "; " + step + ")");
    out_.open("for (u32 bits = " + row + "[word]; bits != 0; bits &= bits - 1)");
    out_.line("const u32 " + index + " = 32 * word + lowest_bit(bits);");
}

void ThreadPrinter::add_to(const ir::AddTo& node, const ThreadContext& context) {
    const std::string element = expr_.element(node.buffer, node.index);
    if (context.atomic_adds) {
        out_.line("atomicAdd(&" + element + ", " + expr(node.value) + ");");
    } else {
        out_.line(element + " += " + expr(node.value) + ";");
    }
}

void ThreadPrinter::sum_spikes(const ir::SumSpikes& node) {
    const std::string& local = names_.local(node.local);
    out_.line(type_name(node.init->type) + " " + local + " = add_spikes(" + expr(node.init) + ", " +
              names_.spike_row(node.queue, node.delay) + ", " +
              std::to_string(num_spike_words(program_.queue(node.queue))) + ", [&](u32 " + names_.local(node.index) +
              ") { return " + expr(node.value) + "; });");
}

void ThreadPrinter::set_bit(const std::string& array, const std::string& word_start, const std::string& neuron) {
    out_.line("atomicOr(&" + array + "[" + word_start + neuron + " / 32], 1u << " + neuron + " % 32);");
}

void ThreadPrinter::emit(const ir::EmitSpike& node, const ThreadContext& context) {
    if (context.vote_spikes) {
        out_.line(vote_flag(node.queue) + " = " + expr(node.condition) + ";");
        return;
    }
    const std::string neuron = names_.ring(node.queue) + "_neuron";
    const std::string condition = expr(node.condition);
    out_.open(condition == "true" ? std::string() : "if (" + condition + ")");
    out_.line("const u32 " + neuron + " = " + expr(node.neuron) + ";");
    set_bit(names_.spike_row_now(node.queue), "", neuron);
    if (node.raster) {
        set_bit(names_.buffer(*node.raster),
                "io_row * " + std::to_string(num_spike_words(program_.queue(node.queue))) + " + ", neuron);
    }
    out_.close();
}

}  // namespace mlgenn::cuda
