// SPDX-License-Identifier: Apache-2.0
// The device seam: what a device must do for the runtime. One implementation per kind of device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "mlgenn/profile.h"

namespace mlgenn {

/// Dense values as bytes, each of which stands for a number.
struct ByteValues {
    /// [frame][neuron]
    std::span<const std::byte> bytes{};
    /// [256]: what each byte stands for.
    std::span<const float> table{};
};

/// Inputs of one example, already converted for the device. The executor makes one entry per InputPlan in each vector;
/// in `byte_values` only if it takes bytes.
/// Generated code may read (and ignores) 16 elements behind the end of events, so their memory is that much longer.
struct ExampleInput {
    /// Per InputPlan of kind values: instead of `values`, for every example of a run or for none.
    std::vector<ByteValues> byte_values{};
    /// Per InputPlan of kind values: f32 [frame][neuron]. Empty span otherwise.
    std::vector<std::span<const float>> values{};
    /// Per InputPlan of kind events: step offsets [timesteps + 1] and ids, both u32.
    std::vector<std::span<const std::uint32_t>> event_offsets{};
    std::vector<std::span<const std::uint32_t>> event_ids{};
};

/// Where the results of one example go. The executor makes one entry per plan in each vector, all null.
struct ExampleOutput {
    std::vector<std::byte*> readouts{};  ///< per OutputPlan: num_neurons elements; null: not wanted
    /// Per RecordingPlan: its rows in memory, zeroed by the provider; null: not wanted.
    std::vector<std::byte*> recordings{};
    /// Per MetricPlan: the example's target (and 16 readable elements behind it); null: do not score.
    std::vector<const std::byte*> targets{};
};

/// Source of examples for a run and receiver of their results. Called from worker threads, for distinct examples at
/// the same time; `worker` is less than Executor::num_workers() (with a StepObserver: than the run's batch size), and
/// no two threads use the same number at once. For every example: input, output, then (when the results have been
/// written, with the worker of output) done.
class ExampleProvider {
public:
    virtual ~ExampleProvider() = default;
    /// Fills `input` with views that stay valid until the same worker asks again.
    virtual void input(std::size_t example, unsigned worker, ExampleInput& input) = 0;
    /// Fills `output` with pointers that stay valid until `done`.
    virtual void output(std::size_t example, unsigned worker, ExampleOutput& output) = 0;
    /// The example's results stand where `output` said.
    virtual void done(std::size_t example, unsigned worker) = 0;
};

/// The workspaces of a batch's slots, between timesteps. Ranges must lie within the plan's workspace_bytes.
class SlotMemory {
public:
    virtual ~SlotMemory() = default;
    /// Copies bytes.size() bytes from `offset` in the slot's workspace.
    virtual void read(std::uint32_t slot, std::size_t offset, std::span<std::byte> bytes) = 0;
    virtual void write(std::uint32_t slot, std::size_t offset, std::span<const std::byte> bytes) = 0;
};

/// A batch between two timesteps. Slot s carries example `first_example` + s of the run.
struct StepBatch {
    std::size_t first_example = 0;
    std::uint32_t num_examples = 0;
    SlotMemory& memory;
};

/// Watches a run between its timesteps, on the thread that called run(). With an observer all examples of a batch
/// advance together, one timestep at a time, with the same results. An exception that it throws ends the run and
/// reaches the caller.
class StepObserver {
public:
    virtual ~StepObserver() = default;
    /// `step` counts from the beginning of the example. Before step 0, resets and inputs are in place.
    virtual void step_begins(const StepBatch& batch, std::uint32_t step) = 0;
    /// After the last step the examples' results have not been read yet.
    virtual void step_ends(const StepBatch& batch, std::uint32_t step) = 0;
};

/// Fewer than could make an exact sum of scores overflow.
inline constexpr std::size_t max_scored_examples = std::size_t{1} << 22U;

/// How a run carries state from one batch to the next.
struct RunRequest {
    std::size_t num_examples = 0;
    /// Number in the call of the run's first example, from which random numbers are drawn.
    std::size_t first_example = 0;
    /// At most the batch size that the executor was made for.
    std::uint32_t batch_size = 1;
    /// Per ResetClass (index = value): reset before every example?
    std::vector<bool> reset{};
    /// False: `t` goes on from where the batch slot's last example ended. Step offsets and recording rows are those of
    /// the example all the same.
    bool reset_time = true;
    /// Null: nobody watches. Else the plan must be steppable, and the provider is asked with `worker` < batch size.
    StepObserver* observer = nullptr;
};

/// Whether nothing that `request` leaves alone exists in the plan, so that examples cannot influence each other.
[[nodiscard]] bool examples_are_independent(const ExecutionPlan& plan, const RunRequest& request);

/// A few timesteps of an endless run.
struct StepPiece {
    std::uint32_t t_begin = 0;
    /// At most the plan's num_timesteps.
    std::uint32_t num_steps = 0;
    /// Per InputPlan of kind events: step offsets [num_steps + 1] and ids, as in ExampleInput.
    std::vector<std::span<const std::uint32_t>> event_offsets{};
    std::vector<std::span<const std::uint32_t>> event_ids{};
    /// Per RecordingPlan: num_steps * row_bytes, zeroed by the caller.
    std::vector<std::byte*> recordings{};
};

/// Runs one example without end, on a workspace of its own. It keeps code and constants alive, so it may outlive its
/// executor, and different objects may run at the same time. The caller writes value inputs, and the example's number,
/// to their places in the workspace.
class StepRunner {
public:
    virtual ~StepRunner() = default;
    virtual void run(const StepPiece& piece) = 0;
    /// Puts the workspace back to its state at load.
    virtual void reset_all() = 0;
    /// Gives state of one class its initial values.
    virtual void reset(ResetClass reset_class) = 0;
    /// As SlotMemory.
    virtual void read(std::size_t offset, std::span<std::byte> bytes) const = 0;
    virtual void write(std::size_t offset, std::span<const std::byte> bytes) = 0;
    [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

/// Runs examples on a device. Implementations own the code, constants and workspaces.
class Executor {
public:
    virtual ~Executor() = default;
    /// Runs all examples. Example e uses batch slot e % batch_size; when any state is carried over, examples of one
    /// slot run in order on that slot's workspace, otherwise in any order on any workspace. Slots keep their state
    /// from run to run; a run of independent examples, and one that throws, leaves every slot as at load.
    /// If examples fail, the exception of the first one (of the first slot, when state is carried) is thrown.
    virtual void run(const RunRequest& request, ExampleProvider& provider) = 0;
    /// Puts every workspace back to its state at load.
    virtual void reset_all() = 0;
    /// Forgets the scores of all examples so far. Scores of at most `max_scored_examples` examples may add up before
    /// they are forgotten or taken.
    virtual void clear_scores() = 0;
    /// Adds what has been scored on a metric (index in ExecutionPlan::metrics) to `words`, see score_sums.h, and
    /// forgets it.
    virtual void take_scores(std::size_t metric, std::span<std::uint64_t> words) = 0;
    /// Bytes of readouts, recordings, scores and state that have come back from a device with memory of its own.
    [[nodiscard]] virtual std::uint64_t downloaded_bytes() const { return 0; }
    /// A run of its own, in its state at load; the plan must be steppable.
    [[nodiscard]] virtual std::unique_ptr<StepRunner> open_step_runner() = 0;
    /// What instrumented code has measured since the last time; empty for a plan without a profile.
    [[nodiscard]] virtual KernelProfile take_profile() { return {}; }
    [[nodiscard]] virtual unsigned num_workers() const = 0;
    [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

/// Arguments of the generated CPU entry point: one example, timesteps [t_begin, t_end), of which the first has step
/// offset and recording row number `row_begin`. It advances the step counter in the workspace by itself.
struct CpuRunArguments {
    const std::byte* constants;
    std::byte* workspace;
    std::byte* const* arguments;
    std::uint32_t t_begin;
    std::uint32_t t_end;
    std::uint32_t row_begin;
};
using CpuRunFunction = void (*)(const CpuRunArguments*);
/// Generated CPU score function: (readout, target, score), see MetricPlan.
using CpuScoreFunction = void (*)(const std::byte* readout, const std::byte* target, std::byte* score);

}  // namespace mlgenn
