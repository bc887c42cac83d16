// SPDX-License-Identifier: Apache-2.0
// A whole network as IR: buffers, spike queues, and the phases of a timestep in time loops.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/few_spike.h"
#include "compiler/ir/stmt.h"
#include "mlgenn/compiler.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn::ir {

enum class Space : std::uint8_t {
    constant,   ///< weights and parameters, shared by all examples, read only
    workspace,  ///< one example's state
    argument,   ///< a pointer given per example: events, recordings, readouts and targets of score functions
};

/// Named after the description ("hidden.V", "input_to_hidden.weight"), never after counters.
struct Buffer {
    std::string name{};
    Storage storage = Storage::f32;
    /// Elements that the program may index. Memory holds at least 16 more, so a whole vector may be read past the end.
    std::uint64_t count = 0;
    Space space = Space::workspace;
    /// constant: the bytes (count elements).
    std::shared_ptr<const std::vector<std::byte>> data{};
    /// workspace: value after a reset (bit pattern of one element), or a constant buffer of the same size.
    ResetClass reset_class = ResetClass::never;
    std::uint32_t initial_bits = 0;
    std::optional<BufferId> initial_from{};
    /// Set by place_buffers: offset in the constants or the workspace, or the argument's number.
    std::uint64_t location = 0;
};

/// The recent spikes of one population: a ring of `slots` lists, slot = (step counter) & (slots - 1).
struct SpikeQueue {
    std::string population{};
    std::uint32_t num_neurons = 0;
    /// Largest number of steps between emission and delivery of any connection that reads it.
    std::uint32_t max_delay = 1;
    /// Set by place_buffers: a power of two; buffers of counts [slots] and ids [slots][stride], both u32.
    std::uint32_t slots = 0;
    std::uint32_t stride = 0;
    BufferId counts{};
    BufferId ids{};
};

/// Where a connection's spikes add up during one step. The mode is decided by choose_accumulation.
struct Accumulator {
    enum class Form : std::uint8_t { undecided, f32, i32 };
    std::string connection{};
    std::uint32_t num_neurons = 0;
    /// f32 state that Receive's base reads ("<connection>.in_syn"); none for delta.
    std::optional<BufferId> state{};
    /// The synapse has state elsewhere, with which a ring is reset.
    bool belongs_to_state = false;
    /// Source and the steps between emission and delivery.
    QueueId queue{};
    std::uint32_t delay = 1;
    /// Negative events of a source that has them: delivered before the spikes, with -weight.
    std::optional<QueueId> negative_queue{};
    /// f32 weights; none when all synapses share one literal weight.
    std::optional<BufferId> weights{};
    /// Set when row `i` is weights[dense_row_start + j] for every target j: start as an expression of "i".
    ExprPtr dense_row_start{};
    /// Largest possible sum of |weight| that one neuron can receive in a step.
    double max_abs_input = 0.0;
    Form form = Form::undecided;
    /// i32: integers are weight * 2^scale_log2.
    int scale_log2 = 0;
    /// The scale to begin with, where connections into one population share it; else the largest that is safe.
    std::optional<int> fixed_scale_log2{};
    /// i32: what a spike of neuron "i" counts for (i32); null: 1.
    ExprPtr spike_value{};
    std::uint64_t num_synapses = 0;
    /// Steps that each synapse adds to `delay` (u8 or u16), in the order of the weights.
    std::optional<BufferId> delays{};
    /// Above 1: synapses have delays of their own, up to ring_slots - 1 steps more than `delay`. A power of two.
    std::uint32_t ring_slots = 1;
    /// The accumulator's memory, unless the update sums in registers (expand_accumulators). With a ring:
    /// [slots][stride], slot = step & (slots - 1), stride = ring_stride().
    std::optional<BufferId> buffer{};

    /// Elements between slots: whole vectors.
    [[nodiscard]] std::uint32_t ring_stride() const { return (num_neurons + 15) / 16 * 16; }
};

enum class PhaseKind : std::uint8_t { read_input, deliver_spikes, update_neurons };

struct Phase {
    PhaseKind kind = PhaseKind::update_neurons;
    /// "hidden" or "input_to_hidden".
    std::string name{};
    /// Population that the phase belongs to (the target for deliver_spikes).
    std::uint32_t population = 0;
    /// "leaky_integrate_fire: V = alpha * V + Isyn": for comments in generated code.
    std::string origin{};
    Block body{};
};

/// Phases that advance together, one timestep at a time.
struct TimeLoop {
    std::vector<Phase> phases{};
    /// A recurrent component; a feed-forward one may run any number of timesteps ahead of its targets.
    bool recurrent = false;
};

struct PopulationInfo {
    std::string name{};
    Shape shape{};
    std::uint32_t num_neurons = 0;
    /// Populations that it receives spikes from.
    std::vector<std::uint32_t> sources{};
};

/// A buffer that holds one variable of every neuron of a population, or of the synapses that end there.
struct StateVariable {
    std::uint32_t population = 0;
    /// Empty for variables of neurons and readouts.
    std::string connection{};
    std::string name{};
    BufferId buffer{};
};

struct Schedule {
    std::string name{};
    /// Timesteps that each time loop runs before the next loop starts.
    std::uint32_t chunk = 1;
    /// What was chosen, what was rejected and why; a line each.
    std::vector<std::string> explanation{};
};

/// Scores one example of one output against its target. Buffers `readout`, `target`, `score` are arguments 0, 1, 2.
struct ScoreFunction {
    MetricPlan plan{};
    BufferId readout{};
    BufferId target{};
    BufferId score{};
    Block body{};
};

struct Program {
    std::string name{};
    double dt_ms = 1.0;
    std::uint32_t num_timesteps = 0;
    Accumulation accumulation = Accumulation::exact;

    std::vector<Buffer> buffers{};
    std::vector<SpikeQueue> queues{};
    std::vector<Accumulator> accumulators{};
    std::vector<PopulationInfo> populations{};
    std::vector<TimeLoop> loops{};
    std::vector<ScoreFunction> scores{};
    Schedule schedule{};
    /// By population; empty unless all of them are few-spike neurons.
    std::vector<FewSpikePopulation> few_spike{};
    /// Spikes of few-spike populations carry whole numbers (collapse_few_spike).
    bool collapsed = false;

    /// Filled by lowering except for places, which place_buffers adds.
    std::vector<InputPlan> inputs{};
    std::vector<OutputPlan> outputs{};
    std::vector<RecordingPlan> recordings{};
    std::vector<ConnectionVariablePlan> connection_variables{};
    /// Buffers behind inputs (values, or step offsets and ids), outputs and recordings.
    std::vector<std::vector<BufferId>> input_buffers{};
    std::vector<BufferId> output_buffers{};
    std::vector<BufferId> recording_buffers{};
    std::vector<StateVariable> states{};
    /// One u32 that holds the number of the example in its call; only in programs that use it.
    std::optional<BufferId> example_number{};

    /// Set by instrument: what is counted, and where (u32 pairs).
    std::optional<ProfilePlan> profile{};
    std::optional<BufferId> profile_buffer{};

    std::uint64_t num_synapses = 0;
    std::uint64_t constants_bytes = 0;
    std::uint64_t workspace_bytes = 0;
    std::uint64_t step_counter_location = 0;
    std::uint32_t num_arguments = 0;

    [[nodiscard]] const Buffer& buffer(BufferId id) const { return buffers.at(static_cast<std::size_t>(id)); }
    [[nodiscard]] Buffer& buffer(BufferId id) { return buffers.at(static_cast<std::size_t>(id)); }
    [[nodiscard]] const SpikeQueue& queue(QueueId id) const { return queues.at(static_cast<std::size_t>(id)); }
    [[nodiscard]] const Accumulator& accumulator(AccumulatorId id) const {
        return accumulators.at(static_cast<std::size_t>(id));
    }
    BufferId add_buffer(Buffer buffer);
};

/// Type of a value loaded from such storage.
[[nodiscard]] Type value_type(Storage storage);

/// The program as text: deterministic, stable names, exact literals. Part of the cache key.
[[nodiscard]] std::string print(const Program& program);
[[nodiscard]] std::string print(const Program& program, const ExprPtr& expr);

/// Throws InternalError naming phase and statement if the program breaks a rule of this file or of `stage`.
enum class VerifyStage : std::uint8_t { lowered, expanded };
void verify(const Program& program, VerifyStage stage);

}  // namespace mlgenn::ir
