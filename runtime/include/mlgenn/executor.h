// SPDX-License-Identifier: Apache-2.0
// The device seam: what a device must do for the runtime. One implementation per kind of device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mlgenn/execution_plan.h"

namespace mlgenn {

/// Inputs of one example, already converted for the device.
struct ExampleInput {
    /// Per InputPlan of kind values: f32 [frame][neuron]. Empty span otherwise.
    std::vector<std::span<const float>> values;
    /// Per InputPlan of kind events: step offsets [timesteps + 1] and ids, both u32.
    std::vector<std::span<const std::uint32_t>> event_offsets;
    std::vector<std::span<const std::uint32_t>> event_ids;
};

/// Where the results of one example go. Pointers may be null when not wanted.
struct ExampleOutput {
    std::vector<std::byte*> readouts;    ///< per OutputPlan: num_neurons elements
    std::vector<std::byte*> recordings;  ///< per RecordingPlan: timesteps * row_bytes, zeroed by the caller
    std::vector<const std::byte*> targets;  ///< per MetricPlan: the example's target, null: do not score
    std::vector<std::byte*> scores;         ///< per MetricPlan: 4 bytes
};

/// Source of examples for a run: called from worker threads, for distinct examples at the same time.
class ExampleProvider {
public:
    virtual ~ExampleProvider() = default;
    /// Fills `input` with views that stay valid until the same worker asks again.
    virtual void input(std::size_t example, unsigned worker, ExampleInput& input) = 0;
    virtual void output(std::size_t example, ExampleOutput& output) = 0;
};

/// How a run carries state from one batch to the next.
struct RunRequest {
    std::size_t num_examples = 0;
    std::uint32_t batch_size = 1;
    /// Per ResetClass (index = value): reset before every example?
    std::vector<bool> reset;
    /// False: the step counter and `t` go on from where the batch slot's last example ended.
    bool reset_time = true;
};

/// Runs examples on a device. Implementations own the code, constants and workspaces.
class Executor {
public:
    virtual ~Executor() = default;
    /// Runs all examples. Example e uses batch slot e % batch_size; when any state is carried over, examples of one
    /// slot run in order on that slot's workspace, otherwise in any order on any workspace.
    virtual void run(const RunRequest& request, ExampleProvider& provider) = 0;
    /// Puts every workspace back to its state at load.
    virtual void reset_all() = 0;
    [[nodiscard]] virtual unsigned num_workers() const = 0;
    [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

/// Arguments of the generated CPU entry point: one example, timesteps [t_begin, t_end).
struct CpuRunArguments {
    const std::byte* constants;
    std::byte* workspace;
    std::byte* const* arguments;
    std::uint32_t t_begin;
    std::uint32_t t_end;
};
using CpuRunFunction = void (*)(const CpuRunArguments*);
/// Generated CPU score function: (readout, target, score), see MetricPlan.
using CpuScoreFunction = void (*)(const std::byte* readout, const std::byte* target, std::byte* score);

}  // namespace mlgenn
