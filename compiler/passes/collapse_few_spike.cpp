// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "compiler/models/few_spike_code.h"
#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using ir::E;
using ir::Type;

/// Half of the neurons have a number above 0, and half of its bits are set: for cost estimates only.
constexpr double assumed_active = 0.5;
constexpr double assumed_bits_set = 0.5;
/// In additions to a sum: an update in one step, a bit of a code, a multiplication with its addition.
/// Estimates, compared with one convolutional network on a processor with AVX-512.
constexpr double update_cost = 6.0;
constexpr double bit_cost = 3.0;
constexpr double multiply_cost = 2.0;

class Collapse {
public:
    explicit Collapse(ir::Program& program) : program_(program), codes_(program.populations.size()) {
        for (const ir::TimeLoop& loop : program.loops) {
            for (const ir::Phase& phase : loop.phases) {
                ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
                    if (const auto* add = std::get_if<ir::Accumulate>(&stmt.node)) {
                        target_of_[add->accumulator] = phase.population;
                    }
                });
            }
        }
        for (std::size_t p = 0; p < program.few_spike.size(); ++p) {
            if (const auto queue = program.few_spike[p].queue) {
                source_of_[*queue] = p;
            }
        }
    }

    /// Why this cannot be done; empty if it can.
    [[nodiscard]] std::string obstacle() const {
        if (program_.accumulation != Accumulation::exact) {
            return "it needs exact accumulation";
        }
        for (const RecordingPlan& recording : program_.recordings) {
            if (!recording.spikes) {
                return "variable '" + recording.variable + "' of '" + recording.population +
                       "' is recorded in every step";
            }
        }
        if (program_.few_spike.front().omits_last_spike) {
            return "the readout of mlGeNN 2.4 leaves out the last step";
        }
        return {};
    }

    /// Additions per example, roughly, if every step is run.
    [[nodiscard]] double literal_cost() const {
        double cost = 0.0;
        for (const ir::PopulationInfo& population : program_.populations) {
            cost += update_cost * population.num_neurons * program_.num_timesteps;
        }
        for (const auto& [id, target] : target_of_) {
            const double bits = program_.few_spike[target].sums.source.num_bits();
            cost += assumed_active * assumed_bits_set * bits * num_synapses(id);
        }
        return cost;
    }

    [[nodiscard]] double collapsed_cost() const {
        double cost = 0.0;
        for (std::size_t p = 0; p < program_.populations.size(); ++p) {
            cost += bit_cost * program_.populations[p].num_neurons * program_.few_spike[p].code.k;
        }
        for (const auto& [id, target] : target_of_) {
            cost += assumed_active * multiply_cost * program_.few_spike[target].sums.num_planes() * num_synapses(id);
        }
        return cost;
    }

    void run() {
        drop_state();
        add_codes();
        for (ir::TimeLoop& loop : program_.loops) {
            for (ir::Phase& phase : loop.phases) {
                if (phase.kind == ir::PhaseKind::deliver_spikes) {
                    phase.body = deliver(phase);
                }
            }
            for (ir::Phase& phase : loop.phases) {
                if (phase.kind == ir::PhaseKind::update_neurons) {
                    phase.body = update(phase.population);
                }
            }
        }
        for (ir::SpikeQueue& queue : program_.queues) {
            queue.max_delay = 0;
        }
        program_.num_timesteps = 1;
        program_.collapsed = true;
    }

private:
    [[nodiscard]] double num_synapses(ir::AccumulatorId id) const {
        return static_cast<double>(program_.accumulator(id).num_synapses);
    }

    /// Membranes and sums of the single steps are not needed any more.
    void drop_state() {
        for (std::size_t id = 0; id < program_.buffers.size(); ++id) {
            ir::Buffer& buffer = program_.buffers[id];
            const bool kept = std::any_of(program_.few_spike.begin(), program_.few_spike.end(),
                                          [&](const ir::FewSpikePopulation& population) {
                                              return population.input == static_cast<ir::BufferId>(id) ||
                                                     population.value == static_cast<ir::BufferId>(id);
                                          });
            if (buffer.space == ir::Space::workspace && !kept) {
                buffer.count = 0;
                buffer.reset_class = ResetClass::never;
            }
        }
        const auto gone = [&](const ir::StateVariable& state) { return program_.buffer(state.buffer).count == 0; };
        program_.states.erase(std::remove_if(program_.states.begin(), program_.states.end(), gone),
                              program_.states.end());
    }

    void add_codes() {
        for (const auto& [queue, p] : source_of_) {
            const ir::PopulationInfo& population = program_.populations[p];
            codes_[p] = program_.add_buffer(
                {.name = population.name + ".code", .storage = Storage::i32, .count = population.num_neurons});
        }
    }

    /// Planes of `id`'s accumulator: the first is itself, the others are made here, once.
    const std::vector<ir::AccumulatorId>& planes_of(ir::AccumulatorId id) {
        std::vector<ir::AccumulatorId>& planes = planes_[id];
        if (!planes.empty()) {
            return planes;
        }
        const ir::FewSpikeSums& sums = program_.few_spike[target_of_.at(id)].sums;
        const ir::BufferId codes = codes_[source_of_.at(program_.accumulator(id).queue)].value();
        const ir::Accumulator original = program_.accumulator(id);
        for (std::uint32_t plane = 0; plane < sums.num_planes(); ++plane) {
            planes.push_back(plane == 0 ? id : static_cast<ir::AccumulatorId>(program_.accumulators.size()));
            if (plane != 0) {
                program_.accumulators.push_back(original);
            }
            ir::Accumulator& accumulator = program_.accumulators[static_cast<std::size_t>(planes.back())];
            accumulator.connection += plane == 0 ? std::string() : ".plane_" + std::to_string(plane);
            accumulator.delay = 0;
            accumulator.spike_value =
                models::few_spike_plane(sums, ir::load(codes, Type::i32, ir::index("i")), plane).ptr();
        }
        return planes;
    }

    /// The same rows, from neurons that have a number above 0 in this pass, once for every plane.
    ir::Block deliver(const ir::Phase& phase) {
        return ir::rewrite_block(phase.body, [&](const ir::StmtPtr& stmt) -> ir::Block {
            if (const auto* spikes = std::get_if<ir::ForSpikes>(&stmt->node)) {
                return {ir::make(ir::ForSpikes{spikes->queue, 0, spikes->index, spikes->body})};
            }
            const auto* add = std::get_if<ir::Accumulate>(&stmt->node);
            if (add == nullptr) {
                return {stmt};
            }
            ir::Block result;
            for (const ir::AccumulatorId plane : planes_of(add->accumulator)) {
                result.push_back(ir::make(ir::Accumulate{plane, add->target, add->weight, add->delay}));
            }
            return result;
        });
    }

    ir::Block update(std::uint32_t p) {
        const std::uint32_t n = program_.populations[p].num_neurons;
        models::CodeBuilder code;
        code.loop("j", E(0U), E(n), ir::LoopKind::parallel, [&](const E& j) { neuron(code, p, j); });
        record_spikes(code, p);
        return code.take();
    }

    void neuron(models::CodeBuilder& code, std::uint32_t p, const E& j) {
        const ir::FewSpikePopulation& self = program_.few_spike[p];
        const E value = code.let("value", self.input ? ir::load(*self.input, Type::f32, j) : weighted_sum(code, p, j));
        if (self.value) {
            code.append(ir::make(ir::Store{*self.value, j.ptr(), value.ptr()}));
        }
        if (self.queue) {
            const E number = models::few_spike_encode(code, self.code, value);
            code.append(ir::make(ir::Store{codes_[p].value(), j.ptr(), number.ptr()}));
            code.append(ir::make(ir::EmitSpike{*self.queue, j.ptr(), (number != E(0)).ptr(), {}}));
        }
    }

    E weighted_sum(models::CodeBuilder& code, std::uint32_t p, const E& j) {
        const ir::FewSpikeSums& sums = program_.few_spike[p].sums;
        std::vector<E> totals;
        for (std::uint32_t plane = 0; plane < sums.num_planes(); ++plane) {
            E total = E(0);
            for (const auto& [id, target] : target_of_) {
                if (target != p) {
                    continue;
                }
                const ir::AccumulatorId accumulator = planes_of(id)[plane];
                const std::string local = "received_" + std::to_string(static_cast<std::size_t>(accumulator));
                code.append(ir::make(ir::Receive{local, accumulator, j.ptr(), nullptr, true}));
                // Weights may have been stored without their common factor.
                const int shift = sums.scale_log2 - program_.accumulator(id).scale_log2;
                total = total + ir::binary(ir::BinaryOp::shift_left, ir::local(local, Type::i32), E(shift));
            }
            totals.push_back(code.let("plane_" + std::to_string(plane), total));
        }
        return models::few_spike_value(sums, totals);
    }

    /// The steps that a literal run would have recorded, from the codes.
    void record_spikes(models::CodeBuilder& code, std::uint32_t p) {
        const ir::FewSpikeCode& own = program_.few_spike[p].code;
        for (std::size_t r = 0; r < program_.recordings.size(); ++r) {
            RecordingPlan& recording = program_.recordings[r];
            if (recording.population != program_.populations[p].name) {
                continue;
            }
            const std::uint32_t n = recording.num_neurons;
            const std::uint32_t words = (n + 31) / 32;
            recording.rows = RecordedRows{.num_rows = own.k, .begin = 0, .end = own.k};
            program_.buffer(program_.recording_buffers[r]).count = std::uint64_t{words} * own.k;
            code.loop("w", E(0U), E(words), ir::LoopKind::parallel, [&](const E& w) {
                for (std::uint32_t step = 0; step < own.k; ++step) {
                    const std::string name = "word_" + std::to_string(step);
                    const E word = code.let(name, E(0U));
                    code.loop("b", E(0U), E(32U), ir::LoopKind::serial, [&](const E& b) {
                        const E j = w * E(32U) + b;
                        const E number = ir::load(codes_[p].value(), Type::i32, ir::min(j, E(n - 1)));
                        const E sent = ir::select(j < E(n), models::few_spike_sent(own, number, E(step)), E(0U));
                        code.assign(name, ir::binary(ir::BinaryOp::bit_or, word,
                                                     ir::binary(ir::BinaryOp::shift_left, sent, b)));
                    });
                    code.append(
                        ir::make(ir::Store{program_.recording_buffers[r], (E(step * words) + w).ptr(), word.ptr()}));
                }
            });
        }
    }

    ir::Program& program_;
    /// Target population by accumulator, as lowered.
    std::map<ir::AccumulatorId, std::uint32_t> target_of_;
    std::map<ir::QueueId, std::size_t> source_of_;
    std::vector<std::optional<ir::BufferId>> codes_;
    std::map<ir::AccumulatorId, std::vector<ir::AccumulatorId>> planes_;
};

std::string thousands(double cost) {
    return std::to_string(static_cast<std::uint64_t>(cost / 1000.0 + 0.5)) + "k";
}

}  // namespace

void collapse_few_spike(ir::Program& program, const CompilerOptions& options, const backends::Limits&) {
    if (program.few_spike.empty()) {
        return;
    }
    Collapse collapse(program);
    std::vector<std::string>& explanation = program.schedule.explanation;
    explanation.push_back("few-spike literal: estimated cost " + thousands(collapse.literal_cost()) + " additions (" +
                          std::to_string(program.num_timesteps) + " timesteps through all layers)");
    const std::string obstacle = collapse.obstacle();
    explanation.push_back("few-spike collapsed: " + (obstacle.empty()
                                                         ? "estimated cost " + thousands(collapse.collapsed_cost()) +
                                                               " additions (one pass, spikes carry whole numbers)"
                                                         : "not possible, " + obstacle));
    if (options.few_spike == "collapsed" && !obstacle.empty()) {
        throw DescriptionError({"option few_spike",
                                "network '" + program.name + "' cannot run collapsed: " + obstacle,
                                {},
                                "use auto or literal"});
    }
    const bool collapsed = options.few_spike == "collapsed" || (options.few_spike == "auto" && obstacle.empty() &&
                                                                collapse.collapsed_cost() <= collapse.literal_cost());
    explanation.push_back(std::string("chosen: few-spike ") + (collapsed ? "collapsed" : "literal") +
                          (options.few_spike == "auto" ? "" : " (asked for)"));
    if (collapsed) {
        collapse.run();
    }
}

}  // namespace mlgenn::passes
