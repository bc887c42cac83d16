// SPDX-License-Identifier: Apache-2.0
// The plain data that goes with generated code: what the runtime must allocate, fill, pass and read back.
// Nothing here knows how the code was made; both back ends produce it and every executor follows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/array.h"

namespace mlgenn {

/// How elements lie in memory. Values in generated code are bool, u32, i32 and f32; the narrow types are storage only.
enum class Storage : std::uint8_t { i8, u8, i16, u16, i32, u32, f32 };
[[nodiscard]] std::size_t size_of(Storage storage);
[[nodiscard]] DType dtype_of(Storage storage);

/// What kind of memory a reset touches; options decide which kinds are reset between examples.
enum class ResetClass : std::uint8_t {
    never,      ///< inputs and scratch: always written before they are read
    variable,   ///< neuron and synapse state variables
    readout,    ///< accumulators of readouts
    synaptic,   ///< synaptic currents (non-delta) and their delay rings
    in_flight,  ///< emitted, not yet delivered spikes, and delta delay rings
};

/// A stretch of an example's workspace and the value that a reset gives it.
struct ResetRange {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    ResetClass reset_class = ResetClass::variable;
    /// 32-bit pattern that fills the range ...
    std::uint32_t fill = 0;
    /// ... unless the initial values stand in the constants, at this offset.
    std::optional<std::size_t> constants_offset{};
};

struct InputPlan {
    enum class Kind : std::uint8_t { values, events };
    std::string population{};
    Shape shape{};
    std::uint32_t num_neurons = 0;
    Kind kind = Kind::values;
    std::uint32_t num_frames = 1;
    /// values: where the example's f32 [frame][neuron] stand in the workspace.
    std::size_t workspace_offset = 0;
    /// events: index of the argument that gets u32 step offsets [timesteps + 1] and of the one that gets ids.
    std::uint32_t offsets_argument = 0;
    std::uint32_t ids_argument = 0;
    /// events: u32; on a GPU u16 where that is enough.
    Storage ids_storage = Storage::u32;
    /// events: an example with more of them is refused. Unset: any number.
    std::optional<std::uint32_t> max_events{};
};

struct OutputPlan {
    std::string population{};
    std::string readout{};
    Shape shape{};
    std::uint32_t num_neurons = 0;
    Storage storage = Storage::f32;
    std::size_t workspace_offset = 0;
};

/// A state variable in an example's workspace: one element per neuron of `population`, in the order of its shape.
struct StatePlan {
    /// Whose neurons it belongs to; the target for variables of synapses.
    std::string population{};
    /// Empty for variables of neurons and readouts.
    std::string connection{};
    /// "V", "in_syn": with population and connection it names the variable.
    std::string variable{};
    Shape shape{};
    Storage storage = Storage::f32;
    std::size_t workspace_offset = 0;
    ResetClass reset_class = ResetClass::variable;
};

/// Where the recent spikes of a population stand in an example's workspace: a ring of `slots` steps.
struct QueuePlan {
    std::string population{};
    std::uint32_t num_neurons = 0;
    std::uint32_t slots = 0;
    /// Bytes between the slots' ids, or bits.
    std::size_t slot_bytes = 0;
    std::size_t workspace_offset = 0;
    /// u32 [slots]: the number of u32 ids in each slot. None: a slot is a row of bits, ceil(neurons / 32) u32.
    std::optional<std::size_t> counts_offset{};
};

/// Rows of a recording that is not simply one row per timestep.
struct RecordedRows {
    /// Rows in memory; the row of timestep t is row t.
    std::uint32_t num_rows = 0;
    /// The caller gets rows [begin, end), and steps count from `begin`.
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] std::uint32_t num_steps() const { return end - begin; }
};

/// What a compiled network can record per example and timestep.
struct RecordingPlan {
    std::string key{};
    /// Every call returns it. Otherwise only callbacks that record read it, and calls without them leave it out.
    bool returned = true;
    std::string population{};
    Shape shape{};
    std::uint32_t num_neurons = 0;
    /// Spikes: raster rows of ceil(neurons / 32) u32 words, bit j % 32 of word j / 32. Else: `storage` per neuron.
    bool spikes = false;
    std::string variable{};
    Storage storage = Storage::f32;
    /// Bytes of one timestep's row.
    std::size_t row_bytes = 0;
    /// Unset: one row per timestep, all of which the caller gets.
    std::optional<RecordedRows> rows{};
    std::uint32_t argument = 0;
};

/// What a connection's synapses hold, for callbacks that ask for it.
struct ConnectionVariablePlan {
    std::string connection{};
    /// "g": weights; "d": delays in timesteps.
    std::string variable{};
    Shape source_shape{};
    Shape target_shape{};
    /// f32 (source neurons, target neurons); 0 where there is no synapse. Of several synapses between two neurons the
    /// weights add up, and the delay is that of the last one.
    Array values{};
};

/// What a score function compares an example's readout with.
enum class TargetKind : std::uint8_t {
    label,   ///< one i32 class label
    values,  ///< one f32 per output neuron
    none,    ///< nothing; the function gets a label 0 and does not look at it
};

/// What a score function gives for one example, and how scores add up: always exactly, so that order does not matter.
enum class ScoreKind : std::uint8_t {
    count,      ///< u32; added as u64
    sum,        ///< f32; added without rounding, the sum is rounded once
    histogram,  ///< u32: the bin that counts one more
};

/// One compiled score function: how well one example's readout fits its target.
struct MetricPlan {
    /// The catalogue's name.
    std::string metric{};
    /// What results are called, "top_k_accuracy(k=3)": unique for the output.
    std::string name{};
    std::uint32_t output = 0;
    std::string entry_point{};
    TargetKind target = TargetKind::label;
    ScoreKind score = ScoreKind::count;
    /// histogram: the shape in which bins are given back.
    Shape bins{};
    /// count and sum: the result is the sum of scores divided by examples * divisor.
    double divisor = 1.0;
    /// evaluate() scores it when a call does not name metrics.
    bool is_default = false;
    /// The description or the options named it.
    bool is_named = false;
};

/// What code that is generated for profiling counts while an example runs: u64 in the workspace, which every example
/// starts at zero. First ticks (of any clock) of every phase, then spikes of every source.
struct ProfilePlan {
    /// Spikes that a phase delivers.
    struct Delivery {
        std::uint32_t source = 0;
        /// Means over the neurons of the source.
        double synapses_per_spike = 0.0;
        double weight_bytes_per_spike = 0.0;
    };
    struct Phase {
        /// Population or connection.
        std::string name{};
        /// "input", "delivery" or "update".
        std::string kind{};
        /// Models that it is made of.
        std::string origin{};
        std::vector<Delivery> deliveries{};
    };
    std::vector<Phase> phases{};
    /// Populations that emit spikes.
    std::vector<std::string> sources{};
    std::size_t workspace_offset = 0;
};

/// How a GPU runs the entry point: a block of threads_per_example * n threads carries n examples at a time.
struct GpuLaunchPlan {
    std::uint32_t threads_per_example = 0;
    /// Largest n that the code allows.
    std::uint32_t max_examples_per_block = 1;
    /// Dynamic shared memory of a block: that of each of its n examples, and weights that they share.
    std::uint32_t shared_bytes_per_example = 0;
    std::uint32_t shared_bytes_of_weights = 0;
    /// One launch per timestep instead of one for all.
    bool launch_per_step = false;
};

/// Everything the executor needs besides the code.
struct ExecutionPlan {
    /// The recording's rows, also where the plan does not say.
    [[nodiscard]] RecordedRows rows_of(const RecordingPlan& recording) const {
        return recording.rows.value_or(RecordedRows{num_timesteps, 0, num_timesteps});
    }

    std::string network{};
    std::string backend{};
    /// One line: the schedule that was chosen.
    std::string schedule{};
    double dt_ms = 1.0;
    std::uint32_t num_timesteps = 0;
    /// Timesteps only count inside an example, so no state may be carried over to the next one.
    bool always_independent = false;
    std::string entry_point{};

    /// Weights and per-neuron parameters, shared by all examples and read only. 64-byte aligned when loaded.
    std::shared_ptr<const std::vector<std::byte>> constants{};
    /// One example's state. 64-byte aligned, zeroed when allocated.
    std::size_t workspace_bytes = 0;
    /// Number of pointer arguments after constants and workspace.
    std::uint32_t num_arguments = 0;
    /// Offset of a u32 that counts all steps run since the workspace was created: position in the spike queues.
    std::size_t step_counter_offset = 0;
    /// Offset of a u32 that gets the number of the example in its call (modulo 2^32) before the example runs: random
    /// numbers depend on it.
    std::optional<std::size_t> example_number_offset{};

    std::vector<ResetRange> resets{};
    std::vector<InputPlan> inputs{};
    std::vector<OutputPlan> outputs{};
    std::vector<RecordingPlan> recordings{};
    std::vector<ConnectionVariablePlan> connection_variables{};
    std::vector<MetricPlan> metrics{};
    /// After any timestep these hold what the next one starts from.
    std::vector<StatePlan> states{};
    std::vector<QueuePlan> queues{};
    /// Strong hash of the program that the code was made from: state of one network fits no other. Empty: not known.
    std::string program_hash{};
    /// The code may run an example's timesteps in any number of pieces, with the same bits. False only for code that
    /// makes a whole example at once.
    bool steppable = true;

    /// Only for code that is generated for profiling.
    std::optional<ProfilePlan> profile{};
    /// Only for code that runs on a GPU.
    std::optional<GpuLaunchPlan> gpu{};

    /// Upper bound on synaptic adds per step is not known; this is the number of synapses, for reports.
    std::uint64_t num_synapses = 0;
};

}  // namespace mlgenn
