// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/backend.h"

#include <bit>
#include <cstring>

#include "compiler/backends/cuda/cuda_backend.h"
#include "compiler/backends/kernel_cache.h"
#if MLGENN_HAS_LLVM
#include "compiler/backends/llvm/llvm_backend.h"
#endif
#include "mlgenn/errors.h"

namespace mlgenn::backends {

std::span<const Backend> all_backends() {
    static const std::vector<Backend> table = {
#if MLGENN_HAS_LLVM
        llvm(),
#endif
        cuda(),
    };
    return table;
}

const Backend& select_backend(const std::string& name, Purpose purpose) {
    std::string reasons;
    for (const Backend& backend : all_backends()) {
        if (name != "auto" && name != backend.name) {
            continue;
        }
        const Availability availability = purpose == Purpose::run ? backend.availability() : backend.toolchain();
        if (availability.available) {
            return backend;
        }
        reasons += (reasons.empty() ? "" : "; ") + backend.name + ": " + availability.detail;
    }
    if (!reasons.empty()) {
        throw BackendError(std::string("no back end can ") + (purpose == Purpose::run ? "run" : "build code") +
                           " here: " + reasons);
    }
    std::string known;
    for (const Backend& backend : all_backends()) {
        known += (known.empty() ? "" : ", ") + backend.name;
    }
    throw BackendError("this build has no back end '" + name + "'; it has: " + (known.empty() ? "none" : known));
}

namespace {

std::shared_ptr<const std::vector<std::byte>> join_constants(const ir::Program& program) {
    auto bytes = std::make_shared<std::vector<std::byte>>(program.constants_bytes);
    for (const ir::Buffer& buffer : program.buffers) {
        if (buffer.space == ir::Space::constant && !buffer.data->empty()) {
            std::memcpy(bytes->data() + buffer.location, buffer.data->data(), buffer.data->size());
        }
    }
    return bytes;
}

std::vector<ResetRange> reset_ranges(const ir::Program& program) {
    std::vector<ResetRange> ranges;
    for (const ir::Buffer& buffer : program.buffers) {
        if (buffer.space != ir::Space::workspace || buffer.reset_class == ResetClass::never) {
            continue;
        }
        ResetRange range{.offset = buffer.location,
                         .bytes = buffer.count * size_of(buffer.storage),
                         .reset_class = buffer.reset_class,
                         .fill = buffer.initial_bits};
        if (buffer.initial_from) {
            range.constants_offset = program.buffer(*buffer.initial_from).location;
        }
        ranges.push_back(range);
    }
    return ranges;
}

std::vector<StatePlan> state_plans(const ir::Program& program) {
    std::vector<StatePlan> plans;
    for (const ir::StateVariable& state : program.states) {
        const ir::PopulationInfo& population = program.populations.at(state.population);
        const ir::Buffer& buffer = program.buffer(state.buffer);
        plans.push_back({.population = population.name,
                         .connection = state.connection,
                         .variable = state.name,
                         .shape = population.shape,
                         .storage = buffer.storage,
                         .workspace_offset = buffer.location,
                         .reset_class = buffer.reset_class});
    }
    return plans;
}

std::vector<QueuePlan> queue_plans(const ir::Program& program) {
    std::vector<QueuePlan> plans;
    for (const ir::SpikeQueue& queue : program.queues) {
        const ir::Buffer& ids = program.buffer(queue.ids);
        const ir::Buffer& counts = program.buffer(queue.counts);
        QueuePlan plan{.population = queue.population,
                       .num_neurons = queue.num_neurons,
                       .slots = queue.slots,
                       .slot_bytes = ids.count / queue.slots * size_of(ids.storage),
                       .workspace_offset = ids.location};
        if (counts.count != 0) {
            plan.counts_offset = counts.location;
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace

ExecutionPlan make_plan(const ir::Program& program, const std::string& backend, const std::string& entry_point) {
    ExecutionPlan plan;
    plan.network = program.name;
    plan.backend = backend;
    plan.schedule = program.schedule.name;
    if (!program.few_spike.empty()) {
        plan.schedule =
            std::string(program.collapsed ? "few-spike collapsed, " : "few-spike literal, ") + plan.schedule;
    }
    if (program.loops.size() > 1) {
        plan.schedule += ", chunks of " + std::to_string(program.schedule.chunk) + " timesteps";
    }
    plan.dt_ms = program.dt_ms;
    plan.num_timesteps = program.num_timesteps;
    plan.always_independent = !program.few_spike.empty();
    plan.steppable = program.few_spike.empty();
    plan.entry_point = entry_point;
    plan.constants = join_constants(program);
    plan.workspace_bytes = program.workspace_bytes;
    plan.num_arguments = program.num_arguments;
    plan.step_counter_offset = program.step_counter_location;
    if (program.example_number) {
        plan.example_number_offset = program.buffer(*program.example_number).location;
    }
    plan.resets = reset_ranges(program);
    plan.inputs = program.inputs;
    plan.outputs = program.outputs;
    plan.recordings = program.recordings;
    plan.connection_variables = program.connection_variables;
    for (const ir::ScoreFunction& score : program.scores) {
        plan.metrics.push_back(score.plan);
    }
    plan.states = state_plans(program);
    plan.queues = queue_plans(program);
    plan.program_hash = cache_key(ir::print(program));
    if (program.profile) {
        plan.profile = program.profile;
    }
    if (program.profile_buffer) {
        plan.profile->workspace_offset = program.buffer(*program.profile_buffer).location;
    }
    plan.num_synapses = program.num_synapses;
    return plan;
}

}  // namespace mlgenn::backends
