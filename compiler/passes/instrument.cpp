// SPDX-License-Identifier: Apache-2.0
// Says what instrumented code counts: ticks per phase, spikes per population, and the synapses behind them.
#include <algorithm>

#include "compiler/passes/pipeline.h"

namespace mlgenn::passes {
namespace {

const char* kind_of(const ir::Phase& phase) {
    switch (phase.kind) {
        case ir::PhaseKind::read_input:
            return "input";
        case ir::PhaseKind::deliver_spikes:
            return "delivery";
        case ir::PhaseKind::update_neurons:
            return "update";
    }
    return "";
}

std::vector<const ir::Phase*> all_phases(const ir::Program& program) {
    std::vector<const ir::Phase*> phases;
    for (const ir::TimeLoop& loop : program.loops) {
        for (const ir::Phase& phase : loop.phases) {
            phases.push_back(&phase);
        }
    }
    return phases;
}

/// The phase that delivers an accumulator's spikes: its own, or the update of its target that sums them up.
std::size_t delivering_phase(const ir::Program& program, const std::vector<const ir::Phase*>& phases,
                             const ir::Accumulator& accumulator, const std::string& name) {
    for (std::size_t k = 0; k < phases.size(); ++k) {
        if (phases[k]->kind == ir::PhaseKind::deliver_spikes && phases[k]->name == name) {
            return k;
        }
    }
    const ir::SpikeQueue& queue = program.queue(accumulator.queue);
    for (std::size_t k = 0; k < phases.size(); ++k) {
        bool sums = false;
        ir::for_each_stmt(phases[k]->body, [&](const ir::Stmt& stmt) {
            const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node);
            sums = sums || (sum != nullptr && program.queue(sum->queue).population == queue.population &&
                            sum->local.rfind(accumulator.connection + "_received", 0) == 0);
        });
        if (sums) {
            return k;
        }
    }
    return phases.size();
}

void add_delivery(const ir::Program& program, const std::vector<const ir::Phase*>& phases,
                  const ir::Accumulator& accumulator, ir::QueueId source, const std::string& phase_name,
                  ProfilePlan& profile) {
    const std::size_t phase = delivering_phase(program, phases, accumulator, phase_name);
    if (phase == phases.size()) {
        return;
    }
    const double synapses = static_cast<double>(accumulator.num_synapses) / program.queue(source).num_neurons;
    const double bytes =
        accumulator.weights ? static_cast<double>(size_of(program.buffer(*accumulator.weights).storage)) : 0.0;
    profile.phases[phase].deliveries.push_back({.source = static_cast<std::uint32_t>(source),
                                                .synapses_per_spike = synapses,
                                                .weight_bytes_per_spike = synapses * bytes});
}

}  // namespace

void instrument(ir::Program& program, const CompilerOptions& options, const backends::Limits&) {
    if (!options.kernel_profiling) {
        return;
    }
    if (!options.phase_profiling) {
        program.profile.emplace();
        return;
    }
    ProfilePlan profile;
    const std::vector<const ir::Phase*> phases = all_phases(program);
    for (const ir::Phase* phase : phases) {
        profile.phases.push_back(
            {.name = phase->name, .kind = kind_of(*phase), .origin = phase->origin, .deliveries = {}});
    }
    for (const ir::SpikeQueue& queue : program.queues) {
        profile.sources.push_back(queue.population);
    }
    for (const ir::Accumulator& accumulator : program.accumulators) {
        add_delivery(program, phases, accumulator, accumulator.queue, accumulator.connection, profile);
        if (accumulator.negative_queue) {
            add_delivery(program, phases, accumulator, *accumulator.negative_queue,
                         accumulator.connection + ".negative", profile);
        }
    }
    program.profile_buffer = program.add_buffer({.name = "profile",
                                                 .storage = Storage::u32,
                                                 .count = 2 * (profile.phases.size() + profile.sources.size()),
                                                 .reset_class = ResetClass::readout});
    program.profile = std::move(profile);
}

}  // namespace mlgenn::passes
