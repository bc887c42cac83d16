// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/cuda/locality.h"

#include <algorithm>
#include <array>
#include <vector>

#include "compiler/ir/access.h"

namespace mlgenn::cuda {
namespace {

/// State that a thread may hold at most: more would push other values out of the registers.
constexpr std::size_t most_registers = 16;

/// A loop at the top of a phase whose iteration j belongs to thread j.
const ir::For* loop_of_threads(const ir::Stmt& stmt, std::uint32_t team_size) {
    const auto* loop = std::get_if<ir::For>(&stmt.node);
    if (loop == nullptr || loop->kind != ir::LoopKind::parallel || !ir::is_literal(loop->begin, 0)) {
        return nullptr;
    }
    const auto* end = std::get_if<ir::Literal>(&loop->end->node);
    return end != nullptr && end->bits <= team_size ? loop : nullptr;
}

bool is_index(const ir::ExprPtr& expr, const std::string& name) {
    const auto* reference = std::get_if<ir::IndexRef>(&expr->node);
    return reference != nullptr && reference->name == name;
}

/// Memory that hosts or other kernels use as well, or that is no plain array.
std::set<ir::BufferId> kept_in_memory(const ir::Program& program) {
    std::set<ir::BufferId> kept;
    for (const std::vector<ir::BufferId>& buffers : program.input_buffers) {
        kept.insert(buffers.begin(), buffers.end());
    }
    for (const ir::SpikeQueue& queue : program.queues) {
        kept.insert({queue.counts, queue.ids});
    }
    if (program.example_number) {
        kept.insert(*program.example_number);
    }
    if (program.profile_buffer) {
        kept.insert(*program.profile_buffer);
    }
    return kept;
}

bool fits_a_register(const ir::Buffer& buffer, std::uint32_t team_size) {
    const bool whole_word = buffer.storage == Storage::f32 || buffer.storage == Storage::i32 ||  //
                            buffer.storage == Storage::u32;
    return buffer.space == ir::Space::workspace && whole_word && buffer.count > 0 && buffer.count <= team_size;
}

/// True if spikes of `source` come back to it through `target`.
bool closes_a_cycle(const ir::Program& program, std::uint32_t source, std::uint32_t target) {
    std::vector<std::uint32_t> open = {source};
    std::set<std::uint32_t> seen;
    while (!open.empty()) {
        const std::uint32_t population = open.back();
        open.pop_back();
        if (population == target) {
            return true;
        }
        if (seen.insert(population).second) {
            const std::vector<std::uint32_t>& sources = program.populations.at(population).sources;
            open.insert(open.end(), sources.begin(), sources.end());
        }
    }
    return false;
}

/// Negative events of an input are no population's, and come back to none.
bool is_recurrent(const ir::Program& program, ir::QueueId queue, std::uint32_t target) {
    const auto found = std::find_if(
        program.populations.begin(), program.populations.end(),
        [&](const ir::PopulationInfo& population) { return population.name == program.queue(queue).population; });
    return found != program.populations.end() &&
           closes_a_cycle(program, static_cast<std::uint32_t>(found - program.populations.begin()), target);
}

}  // namespace

std::set<ir::BufferId> state_of_single_threads(const ir::Program& program, std::uint32_t team_size) {
    std::set<ir::BufferId> touched;
    std::set<ir::BufferId> elsewhere = kept_in_memory(program);
    for (const ir::Phase& phase : program.loops.front().phases) {
        for (const ir::StmtPtr& top : phase.body) {
            const ir::For* loop = loop_of_threads(*top, team_size);
            ir::for_each_stmt({top}, [&](const ir::Stmt& stmt) {
                ir::for_each_element(stmt, [&](ir::BufferId id, const ir::ExprPtr& index) {
                    const bool own = loop != nullptr && is_index(index, loop->index);
                    (own ? touched : elsewhere).insert(id);
                });
            });
        }
    }
    std::set<ir::BufferId> result;
    for (const ir::BufferId id : touched) {
        if (elsewhere.count(id) == 0 && fits_a_register(program.buffer(id), team_size) &&
            result.size() < most_registers) {
            result.insert(id);
        }
    }
    return result;
}

std::set<ir::BufferId> constants_of_recurrent_connections(const ir::Program& program) {
    std::set<ir::BufferId> result;
    const auto add_constants = [&](const ir::Stmt& stmt) {
        ir::for_each_element(stmt, [&](ir::BufferId id, const ir::ExprPtr&) {
            if (program.buffer(id).space == ir::Space::constant) {
                result.insert(id);
            }
        });
    };
    for (const ir::Phase& phase : program.loops.front().phases) {
        const auto recurrent = [&](ir::QueueId queue) { return is_recurrent(program, queue, phase.population); };
        ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
            const auto* spikes = std::get_if<ir::ForSpikes>(&stmt.node);
            const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node);
            if (spikes != nullptr && recurrent(spikes->queue)) {
                ir::for_each_stmt(spikes->body, add_constants);
            } else if (sum != nullptr && recurrent(sum->queue)) {
                add_constants(stmt);
            }
        });
    }
    return result;
}

std::uint64_t shared_memory_of_block(const std::string& target) {
    struct Architecture {
        const char* target;
        std::uint64_t kibibytes;
    };
    constexpr std::array<Architecture, 10> architectures = {{{"sm_75", 64},
                                                             {"sm_80", 163},
                                                             {"sm_86", 99},
                                                             {"sm_87", 163},
                                                             {"sm_89", 99},
                                                             {"sm_90", 227},
                                                             {"sm_100", 227},
                                                             {"sm_103", 227},
                                                             {"sm_120", 99},
                                                             {"sm_121", 99}}};
    const auto* const found = std::find_if(architectures.begin(), architectures.end(),
                                           [&](const Architecture& a) { return a.target == target; });
    return (found == architectures.end() ? 48 : found->kibibytes) << 10U;
}

}  // namespace mlgenn::cuda
