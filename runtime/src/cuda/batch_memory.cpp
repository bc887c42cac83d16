// SPDX-License-Identifier: Apache-2.0
// Allocates a batch's memory.
#include "runtime/src/cuda/batch_memory.h"

#include <cstring>
#include <utility>

#include "mlgenn/cuda_executor.h"
#include "mlgenn/memory_estimate.h"
#include "runtime/src/score_sums.h"

namespace mlgenn {

std::size_t cuda_memory_needed(const ExecutionPlan& plan, std::uint32_t batch_size) {
    return estimate_memory(plan, {.batch_size = batch_size}).total();
}

}  // namespace mlgenn

namespace mlgenn::cuda {
namespace {

MirroredRows make_rows(const Driver& driver, std::size_t row_bytes, std::uint32_t batch_size, const char* purpose) {
    return {.row_bytes = row_bytes,
            .host = PinnedMemory(driver, row_bytes * batch_size, purpose),
            .device = DeviceMemory(driver, row_bytes * batch_size, purpose)};
}

}  // namespace

std::size_t target_bytes(const ExecutionPlan& plan, const MetricPlan& metric) {
    constexpr std::size_t element = sizeof(std::uint32_t);
    return metric.target == TargetKind::values ? element * plan.outputs.at(metric.output).num_neurons : element;
}

std::size_t input_bytes(const ExecutionPlan& plan, const InputPlan& input) {
    return input.kind == InputPlan::Kind::values ? std::size_t{input.num_frames} * input.num_neurons * sizeof(float)
                                                 : (std::size_t{plan.num_timesteps} + 1) * sizeof(std::uint32_t);
}

void EventIds::reserve(const Driver& driver, const Stream& stream, std::size_t count) {
    const std::size_t bytes = count * sizeof(std::uint32_t);
    if (host.size() >= bytes) {
        return;
    }
    stream.wait("making room for spike events");
    const std::size_t roomy = bytes + bytes / 2;
    PinnedMemory larger(driver, roomy, "spike events");
    if (used > 0) {
        std::memcpy(larger.data(), host.data(), used * sizeof(std::uint32_t));
    }
    host = std::move(larger);
    device = DeviceMemory(driver, roomy, "spike events");
}

BatchMemory::BatchMemory(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size)
    : workspaces(driver, plan.workspace_bytes * batch_size, "the examples' state"),
      timesteps(make_rows(driver, 2 * sizeof(std::uint32_t), batch_size, "timestep counters")),
      example_numbers(driver, sizeof(std::uint32_t) * batch_size, "example numbers"),
      arguments(make_rows(driver, plan.num_arguments * sizeof(std::uint64_t), batch_size, "argument pointers")) {
    values.resize(plan.inputs.size());
    event_offsets.resize(plan.inputs.size());
    event_ids.resize(plan.inputs.size());
    for (std::size_t k = 0; k < plan.inputs.size(); ++k) {
        const std::size_t bytes = input_bytes(plan, plan.inputs[k]);
        if (plan.inputs[k].kind == InputPlan::Kind::values) {
            values[k] = PinnedMemory(driver, bytes * batch_size, "input values");
        } else {
            event_offsets[k] = make_rows(driver, bytes, batch_size, "spike events");
            event_ids[k].starts.resize(batch_size);
        }
    }
    for (const RecordingPlan& recording : plan.recordings) {
        recordings.push_back(
            make_rows(driver, plan.rows_of(recording).num_rows * recording.row_bytes, batch_size, "recordings"));
    }
    for (const OutputPlan& output : plan.outputs) {
        readouts.emplace_back(driver, output.num_neurons * size_of(output.storage) * batch_size, "readouts");
    }
    for (const MetricPlan& metric : plan.metrics) {
        targets.push_back(make_rows(driver, target_bytes(plan, metric), batch_size, "targets"));
        scores.push_back(
            make_rows(driver, runtime::num_score_words(metric) * sizeof(std::uint64_t), 1, "sums of scores"));
    }
}

}  // namespace mlgenn::cuda
