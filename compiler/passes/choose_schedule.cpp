// SPDX-License-Identifier: Apache-2.0
// The planner: one table of schedules, each with what it needs and what it costs.
#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/passes/pipeline.h"
#include "compiler/passes/schedules.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

/// Share of neurons that fire in a step, for cost estimates only.
constexpr double assumed_activity = 0.03;

std::uint64_t constant_bytes(const ir::Program& program) {
    std::uint64_t bytes = 0;
    for (const ir::Buffer& buffer : program.buffers) {
        bytes += buffer.space == ir::Space::constant ? buffer.count * size_of(buffer.storage) : 0;
    }
    return bytes;
}

std::uint64_t state_bytes(const ir::Program& program) {
    std::uint64_t bytes = 0;
    for (const ir::Buffer& buffer : program.buffers) {
        bytes += buffer.space == ir::Space::workspace ? buffer.count * size_of(buffer.storage) : 0;
    }
    return bytes;
}

/// Largest share of constants and state that any one loop touches.
double largest_loop_share(const ir::Program& program) {
    std::vector<double> work(program.populations.size(), 0.0);
    double total = 0.0;
    for (std::size_t p = 0; p < work.size(); ++p) {
        work[p] = program.populations[p].num_neurons;
        for (const std::uint32_t source : program.populations[p].sources) {
            work[p] += 0.01 * program.populations[p].num_neurons * program.populations[source].num_neurons;
        }
        total += work[p];
    }
    double largest = 0.0;
    for (const ir::TimeLoop& loop : program.loops) {
        double sum = 0.0;
        std::vector<bool> seen(work.size(), false);
        for (const ir::Phase& phase : loop.phases) {
            if (!seen[phase.population]) {
                seen[phase.population] = true;
                sum += work[phase.population];
            }
        }
        largest = std::max(largest, sum);
    }
    return total == 0.0 ? 1.0 : largest / total;
}

/// Relative cost of touching `bytes` again and again, by the cache level that holds them.
double access_cost(double bytes, const backends::Limits& limits) {
    if (bytes <= static_cast<double>(limits.near_cache_bytes)) {
        return 1.0;
    }
    return bytes <= static_cast<double>(limits.far_cache_bytes) ? 1.5 : 5.0;
}

/// Memory for spike lists, of which every worker has its own, in which all neurons may fire in every step.
constexpr double most_list_bytes = 32 << 20;

/// Timesteps whose spike lists of all populations still fit beside the weights in the far cache.
std::uint32_t layerwise_chunk(const ir::Program& program, const backends::Limits& limits) {
    double bytes_per_step = 1.0;
    double most_bytes_per_step = 1.0;
    for (const ir::SpikeQueue& queue : program.queues) {
        bytes_per_step += 64.0 + 4.0 * queue.num_neurons * assumed_activity * 2.0;
        // Rings have a power of two of slots, up to twice the chunk.
        most_bytes_per_step += 2.0 * 4.0 * queue.num_neurons;
    }
    const double steps = std::min(static_cast<double>(limits.far_cache_bytes) / 4.0 / bytes_per_step,
                                  most_list_bytes / most_bytes_per_step);
    const auto chunk = static_cast<std::uint32_t>(std::clamp(steps, 1.0, 256.0));
    return std::min(chunk, std::max(program.num_timesteps, 1U));
}

constexpr const char* needs_threads = "the back end launches kernels";
constexpr const char* needs_launches = "the back end runs on the host's threads";

std::string sequential_obstacle(const ir::Program&, const backends::Limits& limits) {
    return limits.launches_kernels ? needs_threads : "";
}

double sequential_cost(const ir::Program& program, const backends::Limits& limits) {
    return access_cost(static_cast<double>(constant_bytes(program) + state_bytes(program)), limits);
}

void merge_loops(ir::Program& program, const backends::Limits&) {
    ir::TimeLoop merged;
    for (ir::TimeLoop& loop : program.loops) {
        merged.recurrent = merged.recurrent || loop.recurrent;
        std::move(loop.phases.begin(), loop.phases.end(), std::back_inserter(merged.phases));
    }
    program.loops.clear();
    program.loops.push_back(std::move(merged));
    program.schedule.chunk = std::max(program.num_timesteps, 1U);
}

std::string layerwise_obstacle(const ir::Program& program, const backends::Limits& limits) {
    if (limits.launches_kernels) {
        return needs_threads;
    }
    if (!limits.runs_loops_apart) {
        return "the back end runs all loops together";
    }
    return program.loops.size() < 2 ? "the network has a single component" : "";
}

double layerwise_cost(const ir::Program& program, const backends::Limits& limits) {
    const double bytes =
        static_cast<double>(constant_bytes(program) + state_bytes(program)) * largest_loop_share(program);
    // Spike lists of a chunk are written and read once more than in lock-step.
    return access_cost(bytes, limits) + 0.1;
}

void keep_loops(ir::Program& program, const backends::Limits& limits) {
    program.schedule.chunk = layerwise_chunk(program, limits);
}

std::string launch_obstacle(const ir::Program&, const backends::Limits& limits) {
    return limits.launches_kernels ? "" : needs_launches;
}

double whole_sequence_cost(const ir::Program&, const backends::Limits&) {
    return 1.0;
}

/// A launch takes about as long as the work of a small network's timestep; assumed, not measured.
double step_cost(const ir::Program&, const backends::Limits&) {
    return 2.0;
}

const std::array schedule_table = {
    ScheduleRow{"sequential", "one example carried through all timesteps, every population in each step",
                sequential_obstacle, sequential_cost, merge_loops},
    ScheduleRow{"layerwise", "each feed-forward component runs a chunk of timesteps before the next one starts",
                layerwise_obstacle, layerwise_cost, keep_loops},
    ScheduleRow{"whole_sequence", "one launch, a thread block carries an example through all timesteps",
                launch_obstacle, whole_sequence_cost, merge_loops},
    ScheduleRow{"step", "one launch per timestep, replayed as a graph", launch_obstacle, step_cost, merge_loops},
};

std::string cost_text(double cost) {
    return std::to_string(static_cast<int>(cost * 100.0) / 100) + "." +
           std::to_string(static_cast<int>(cost * 100.0) % 100 / 10) +
           std::to_string(static_cast<int>(cost * 100.0) % 10);
}

const ScheduleRow& cheapest(const ir::Program& program, const backends::Limits& limits,
                            std::vector<std::string>& explanation) {
    const ScheduleRow* best = nullptr;
    double best_cost = 0.0;
    for (const ScheduleRow& row : schedule_table) {
        const std::string obstacle = row.obstacle(program, limits);
        if (!obstacle.empty()) {
            explanation.push_back(std::string(row.name) + ": not possible, " + obstacle);
            continue;
        }
        const double cost = row.cost(program, limits);
        explanation.push_back(std::string(row.name) + ": estimated cost " + cost_text(cost) + " (" + row.summary + ")");
        if (best == nullptr || cost < best_cost) {
            best = &row;
            best_cost = cost;
        }
    }
    return *best;
}

const ScheduleRow& named(const std::string& name, const ir::Program& program, const backends::Limits& limits) {
    std::string known = "auto";
    for (const ScheduleRow& row : schedule_table) {
        if (row.name == name) {
            const std::string obstacle = row.obstacle(program, limits);
            if (!obstacle.empty()) {
                throw BackendError("schedule '" + name + "' cannot run network '" + program.name + "': " + obstacle);
            }
            return row;
        }
        known += std::string(", ") + row.name;
    }
    throw DescriptionError({"option schedule", "there is no schedule '" + name + "'", {}, "use one of: " + known});
}

}  // namespace

std::span<const ScheduleRow> schedules() {
    return schedule_table;
}

void choose_schedule(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits) {
    std::vector<std::string> explanation = std::move(program.schedule.explanation);
    std::size_t recurrent = 0;
    for (const ir::TimeLoop& loop : program.loops) {
        recurrent += loop.recurrent ? 1 : 0;
    }
    explanation.push_back(std::to_string(program.loops.size()) + " components, " + std::to_string(recurrent) +
                          " of them recurrent; constants " + std::to_string(constant_bytes(program) / 1024) +
                          " KiB, state " + std::to_string(state_bytes(program) / 1024) + " KiB, far cache " +
                          std::to_string(limits.far_cache_bytes / 1024) + " KiB");
    const ScheduleRow& row =
        options.schedule == "auto" ? cheapest(program, limits, explanation) : named(options.schedule, program, limits);
    row.apply(program, limits);
    program.schedule.name = row.name;
    std::string chosen = std::string("chosen: ") + row.name;
    if (program.loops.size() > 1) {
        chosen += ", chunks of " + std::to_string(program.schedule.chunk) + " timesteps";
    }
    explanation.push_back(chosen + (options.schedule == "auto" ? "" : " (asked for)"));
    program.schedule.explanation = std::move(explanation);
}

}  // namespace mlgenn::passes
