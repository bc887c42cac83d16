// SPDX-License-Identifier: Apache-2.0
// Prints statements for the threads of a team.
#include "compiler/backends/cuda/team_printer.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/passes/barriers.h"
#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

template <class Node>
bool contains(const ir::Block& block) {
    bool found = false;
    ir::for_each_stmt(block, [&](const ir::Stmt& stmt) { found = found || std::holds_alternative<Node>(stmt.node); });
    return found;
}

bool contains_parallel_loop(const ir::Block& block) {
    bool found = false;
    ir::for_each_stmt(block, [&](const ir::Stmt& stmt) {
        const auto* loop = std::get_if<ir::For>(&stmt.node);
        found = found || (loop != nullptr && loop->kind == ir::LoopKind::parallel);
    });
    return found;
}

/// The block changes a local that it does not introduce itself, so every thread must run it.
bool assigns_outer_local(const ir::Block& block) {
    std::set<std::string> introduced;
    bool found = false;
    ir::for_each_stmt(block, [&](const ir::Stmt& stmt) {
        if (const auto* let = std::get_if<ir::Let>(&stmt.node)) {
            introduced.insert(let->name);
        } else if (const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node)) {
            introduced.insert(sum->local);
        } else if (const auto* assign = std::get_if<ir::Assign>(&stmt.node)) {
            found = found || introduced.count(assign->name) == 0;
        }
    });
    return found;
}

const ir::Literal* literal_of(const ir::ExprPtr& expr) {
    return std::get_if<ir::Literal>(&expr->node);
}

/// Iterations if both bounds are constants, else 0.
std::uint32_t constant_trips(const ir::For& loop) {
    const ir::Literal* begin = literal_of(loop.begin);
    const ir::Literal* end = literal_of(loop.end);
    return begin != nullptr && end != nullptr && end->bits > begin->bits ? end->bits - begin->bits : 0;
}

/// The loop in `loop`'s nest whose iterations the lanes of a warp share: the longest constant one, else the innermost.
const ir::For* loop_to_share(const ir::For& loop) {
    const ir::For* best = &loop;
    ir::for_each_stmt(loop.body, [&](const ir::Stmt& stmt) {
        const auto* inner = std::get_if<ir::For>(&stmt.node);
        if (inner != nullptr && constant_trips(*inner) >= constant_trips(*best)) {
            best = inner;
        }
    });
    return best;
}

bool is_index(const ir::ExprPtr& expr, const std::string& name) {
    const auto* reference = std::get_if<ir::IndexRef>(&expr->node);
    return reference != nullptr && reference->name == name;
}

/// Queues that a block emits to, with the raster that goes along.
std::map<ir::QueueId, std::optional<ir::BufferId>> emissions(const ir::Block& block) {
    std::map<ir::QueueId, std::optional<ir::BufferId>> result;
    ir::for_each_stmt(block, [&](const ir::Stmt& stmt) {
        if (const auto* emit = std::get_if<ir::EmitSpike>(&stmt.node)) {
            result.emplace(emit->queue, emit->raster);
        }
    });
    return result;
}

}  // namespace

bool votes_spikes(const ir::Program& program, const ir::For& loop) {
    if (loop.kind != ir::LoopKind::parallel || !ir::is_literal(loop.begin, 0)) {
        return false;
    }
    bool all = true;
    bool any = false;
    ir::for_each_stmt(loop.body, [&](const ir::Stmt& stmt) {
        if (const auto* emit = std::get_if<ir::EmitSpike>(&stmt.node)) {
            any = true;
            all = all && is_index(emit->neuron, loop.index) &&
                  ir::is_literal(loop.end, program.queue(emit->queue).num_neurons);
        }
        // A spike inside a nested loop may be emitted more than once.
        const auto* inner = std::get_if<ir::For>(&stmt.node);
        all = all && (inner == nullptr || !contains<ir::EmitSpike>(inner->body));
    });
    return any && all;
}

void TeamPrinter::region(const ir::Stmt& stmt) {
    std::visit(ir::Overload{
                   [&](const ir::For& n) {
                       if (n.kind == ir::LoopKind::parallel) {
                           parallel_loop(n);
                       } else {
                           serial_loop(stmt, false);
                       }
                   },
                   [&](const ir::ForSpikes& n) {
                       if (passes::is_commutative_scatter(program_, n)) {
                           scatter(n);
                       } else {
                           serial_loop(stmt, false);
                       }
                   },
                   [&](const ir::If& n) {
                       out_.open("if (" + thread_.expr(n.condition) + ")");
                       uniform(n.then_body);
                       if (!n.else_body.empty()) {
                           out_.otherwise();
                           uniform(n.else_body);
                       }
                       out_.close();
                   },
                   [&](const ir::Store&) { single_thread(stmt); },
                   [&](const ir::AddTo&) { single_thread(stmt); },
                   [&](const ir::EmitSpike&) { single_thread(stmt); },
                   [&](const auto&) { thread_.statement(stmt, {}); },
               },
               stmt.node);
}

void TeamPrinter::clear_row(ir::QueueId queue) {
    const std::string words = std::to_string(num_spike_words(program_.queue(queue)));
    out_.open("for (u32 word = thread; word < " + words + "; word += " + std::to_string(team_.size) + ")");
    out_.line(names_.spike_row_now(queue) + "[word] = 0;");
    out_.close();
}

void TeamPrinter::single_thread(const ir::Stmt& stmt) {
    out_.open("if (thread == 0)");
    thread_.statement(stmt, {});
    out_.close();
}

/// Statements that all threads run together. Whatever they write is separated from its neighbours by barriers.
void TeamPrinter::uniform(const ir::Block& statements) {
    for (const ir::StmtPtr& stmt : statements) {
        std::visit(ir::Overload{
                       [&](const ir::For& n) {
                           if (n.kind == ir::LoopKind::parallel) {
                               uniform_write(*stmt);
                           } else {
                               serial_loop(*stmt, true);
                           }
                       },
                       [&](const ir::ForSpikes&) { serial_loop(*stmt, true); },
                       [&](const ir::Store&) { uniform_write(*stmt); },
                       [&](const ir::AddTo&) { uniform_write(*stmt); },
                       [&](const ir::EmitSpike&) { uniform_write(*stmt); },
                       [&](const auto&) { region(*stmt); },
                   },
                   stmt->node);
    }
}

void TeamPrinter::uniform_write(const ir::Stmt& stmt) {
    out_.line(team_.barrier);
    region(stmt);
    out_.line(team_.barrier);
}

/// A loop whose iterations depend on each other: one thread runs it, unless something in it needs all threads.
void TeamPrinter::serial_loop(const ir::Stmt& stmt, bool nested) {
    const auto* loop = std::get_if<ir::For>(&stmt.node);
    const ir::Block& body = loop != nullptr ? loop->body : std::get<ir::ForSpikes>(stmt.node).body;
    if (!contains_parallel_loop(body) && !assigns_outer_local(body)) {
        if (nested) {
            out_.line(team_.barrier);
        }
        single_thread(stmt);
        if (nested) {
            out_.line(team_.barrier);
        }
        return;
    }
    if (loop != nullptr) {
        const std::string& index = names_.local(loop->index);
        out_.open("for (u32 " + index + " = " + thread_.expr(loop->begin) + "; " + index + " < " +
                  thread_.bound(loop->end) + "; ++" + index + ")");
        uniform(body);
        out_.close();
        return;
    }
    const auto& spikes = std::get<ir::ForSpikes>(stmt.node);
    thread_.open_walk(names_.spike_row(spikes.queue, spikes.delay), num_spike_words(program_.queue(spikes.queue)),
                      names_.local(spikes.index), "0", "1");
    uniform(body);
    out_.close();
    out_.close();
}

void TeamPrinter::strided_loop(const ir::For& loop, const std::string& first, std::uint32_t stride,
                               const ThreadContext& context) {
    const std::string& index = names_.local(loop.index);
    const bool from_zero = ir::is_literal(loop.begin, 0);
    const std::string begin = from_zero ? first : thread_.bound(loop.begin) + " + " + first;
    const std::uint32_t trips = constant_trips(loop);
    if (trips != 0 && trips <= stride) {
        out_.open(trips == stride ? std::string() : "if (" + first + " < " + std::to_string(trips) + ")");
        out_.line("const u32 " + index + " = " + begin + ";");
    } else {
        out_.open("for (u32 " + index + " = " + begin + "; " + index + " < " + thread_.bound(loop.end) + "; " + index +
                  " += " + std::to_string(stride) + ")");
    }
    thread_.block(loop.body, context);
    out_.close();
}

void TeamPrinter::parallel_loop(const ir::For& loop) {
    if (votes_spikes(program_, loop)) {
        voting_loop(loop);
    } else {
        strided_loop(loop, "thread", team_.size, {});
    }
}

/// Whole warps run the loop, also past its end, so that every lane takes part in the vote.
void TeamPrinter::voting_loop(const ir::For& loop) {
    const std::uint32_t num_neurons = literal_of(loop.end)->bits;
    const std::string& index = names_.local(loop.index);
    if (num_neurons <= team_.size) {
        const bool all_warps = num_neurons > team_.size - 32;
        out_.open(all_warps ? std::string() : "if (32 * warp < " + std::to_string(num_neurons) + ")");
        out_.line("const u32 base = 32 * warp;");
    } else {
        out_.open("for (u32 base = 32 * warp; base < " + std::to_string(num_neurons) +
                  "; base += " + std::to_string(team_.size) + ")");
    }
    out_.line("const u32 " + index + " = base + lane;");
    for (const auto& [queue, raster] : emissions(loop.body)) {
        out_.line("bool " + thread_.vote_flag(queue) + " = false;");
    }
    out_.open(num_neurons % 32 == 0 ? std::string() : "if (" + index + " < " + std::to_string(num_neurons) + ")");
    thread_.block(loop.body, {.atomic_adds = false, .vote_spikes = true});
    out_.close();
    votes(loop);
    out_.close();
}

void TeamPrinter::votes(const ir::For& loop) {
    for (const auto& [queue, raster] : emissions(loop.body)) {
        const std::string word = names_.ring(queue) + "_word";
        out_.line("const u32 " + word + " = __ballot_sync(0xffffffffu, " + thread_.vote_flag(queue) + ");");
        out_.open("if (lane == 0)");
        out_.line(names_.spike_row_now(queue) + "[base / 32] = " + word + ";");
        if (raster) {
            out_.line(names_.buffer(*raster) + "[io_row * " + std::to_string(num_spike_words(program_.queue(queue))) +
                      " + base / 32] = " + word + ";");
        }
        out_.close();
    }
}

/// Integer sums do not depend on order: warps take words of spikes, lanes the synapses of a row.
void TeamPrinter::scatter(const ir::ForSpikes& spikes) {
    if (!contains<ir::For>(spikes.body)) {
        scatter_per_neuron(spikes);
        return;
    }
    thread_.open_walk(names_.spike_row(spikes.queue, spikes.delay), num_spike_words(program_.queue(spikes.queue)),
                      names_.local(spikes.index), "warp", std::to_string(team_.size / 32));
    warp_block(spikes.body, nullptr);
    out_.close();
    out_.close();
}

void TeamPrinter::scatter_per_neuron(const ir::ForSpikes& spikes) {
    const std::string& index = names_.local(spikes.index);
    const std::string num_neurons = std::to_string(program_.queue(spikes.queue).num_neurons);
    out_.open("for (u32 " + index + " = thread; " + index + " < " + num_neurons + "; " + index +
              " += " + std::to_string(team_.size) + ")");
    out_.open("if ((" + names_.spike_row(spikes.queue, spikes.delay) + "[" + index + " / 32] >> " + index +
              " % 32 & 1) != 0)");
    thread_.block(spikes.body, {.atomic_adds = true, .vote_spikes = false});
    out_.close();
    out_.close();
}

void TeamPrinter::warp_block(const ir::Block& statements, const ir::For* shared_out) {
    for (const ir::StmtPtr& stmt : statements) {
        warp_statement(*stmt, shared_out);
    }
}

/// A statement that the lanes of one warp run together; they share the iterations of `shared_out`.
void TeamPrinter::warp_statement(const ir::Stmt& stmt, const ir::For* shared_out) {
    const ThreadContext atomic{.atomic_adds = true, .vote_spikes = false};
    if (const auto* branch = std::get_if<ir::If>(&stmt.node)) {
        out_.open("if (" + thread_.expr(branch->condition) + ")");
        warp_block(branch->then_body, shared_out);
        if (!branch->else_body.empty()) {
            out_.otherwise();
            warp_block(branch->else_body, shared_out);
        }
        out_.close();
    } else if (const auto* loop = std::get_if<ir::For>(&stmt.node)) {
        const ir::For* share = shared_out != nullptr ? shared_out : loop_to_share(*loop);
        if (share == loop) {
            strided_loop(*loop, "lane", 32, atomic);
            return;
        }
        const std::string& index = names_.local(loop->index);
        out_.open("for (u32 " + index + " = " + thread_.expr(loop->begin) + "; " + index + " < " +
                  thread_.bound(loop->end) + "; ++" + index + ")");
        warp_block(loop->body, share);
        out_.close();
    } else if (const auto* add = std::get_if<ir::AddTo>(&stmt.node)) {
        out_.open("if (lane == 0)");
        thread_.add_to(*add, atomic);
        out_.close();
    } else {
        thread_.statement(stmt, atomic);
    }
}

}  // namespace mlgenn::cuda
