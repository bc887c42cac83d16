// SPDX-License-Identifier: Apache-2.0
// Adds up what a plan makes the executors allocate.
#include "mlgenn/memory_estimate.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>

#include "runtime/src/score_sums.h"
#include "runtime/src/thread_pool.h"

namespace mlgenn {
namespace {

constexpr std::size_t word = sizeof(std::uint32_t);

/// Batches that are on their way at the same time.
constexpr std::size_t gpu_stages = 2;

std::size_t values_bytes(const InputPlan& input) {
    return input.kind == InputPlan::Kind::values ? std::size_t{input.num_frames} * input.num_neurons * sizeof(float)
                                                 : 0;
}

/// What brings an example to a GPU and is not part of its workspace.
void add_stages(const ExecutionPlan& plan, MemoryEstimate& one) {
    for (const InputPlan& input : plan.inputs) {
        one.input_bytes += gpu_stages * values_bytes(input);
        if (input.kind == InputPlan::Kind::events) {
            const std::size_t offsets = (std::size_t{plan.num_timesteps} + 1) * word;
            one.input_bytes += gpu_stages * (offsets + event_room(plan, input) * size_of(input.ids_storage));
        }
    }
    for (const MetricPlan& metric : plan.metrics) {
        const bool values = metric.target == TargetKind::values;
        one.output_bytes += gpu_stages * (values ? word * plan.outputs[metric.output].num_neurons : word);
    }
    // Timestep and row, argument pointers, and number of the example.
    one.state_bytes += gpu_stages * (2 * word + plan.num_arguments * sizeof(std::uint64_t));
    one.state_bytes += plan.example_number_offset ? gpu_stages * word : 0;
}

/// What exists once on a GPU, apart from the constants.
void add_shared(const ExecutionPlan& plan, MemoryEstimate& estimate) {
    constexpr std::size_t reset_range_bytes = 40;
    constexpr std::size_t byte_table = 256 * sizeof(float);
    for (const MetricPlan& metric : plan.metrics) {
        estimate.score_bytes += runtime::num_score_words(metric) * sizeof(std::uint64_t);
    }
    for (const InputPlan& input : plan.inputs) {
        estimate.table_bytes += input.kind == InputPlan::Kind::values ? gpu_stages * byte_table : 0;
    }
    estimate.table_bytes += plan.resets.size() * reset_range_bytes;
}

/// What one example in flight takes, apart from what is shared.
MemoryEstimate per_example(const ExecutionPlan& plan) {
    MemoryEstimate one;
    std::size_t inside_workspace = 0;
    for (const InputPlan& input : plan.inputs) {
        inside_workspace += values_bytes(input);
        one.input_bytes += values_bytes(input);
    }
    for (const OutputPlan& output : plan.outputs) {
        const std::size_t bytes = output.num_neurons * size_of(output.storage);
        inside_workspace += bytes;
        one.output_bytes += bytes;
    }
    for (const RecordingPlan& recording : plan.recordings) {
        one.recording_bytes += plan.rows_of(recording).num_rows * recording.row_bytes;
    }
    if (plan.gpu) {
        add_stages(plan, one);
    } else {
        // The worker's converted copy of dense input.
        for (const InputPlan& input : plan.inputs) {
            one.input_bytes += values_bytes(input);
            one.input_bytes += input.kind == InputPlan::Kind::events ? (std::size_t{plan.num_timesteps} + 1) * word : 0;
        }
    }
    one.state_bytes += plan.workspace_bytes - std::min(inside_workspace, plan.workspace_bytes);
    return one;
}

std::optional<std::size_t> number_in(const char* file, const std::string& key) {
    std::ifstream in(file);
    std::string name;
    std::size_t number = 0;
    while (key.empty() ? static_cast<bool>(in >> number) : static_cast<bool>(in >> name)) {
        if (key.empty()) {
            return number;
        }
        if (name == key && in >> number) {
            return number;
        }
    }
    return std::nullopt;
}

std::string mebibytes(std::size_t bytes) {
    return std::to_string((bytes + (1U << 20U) - 1) >> 20U) + " MiB";
}

}  // namespace

std::size_t event_room(const ExecutionPlan& plan, const InputPlan& input) {
    constexpr std::uint32_t usual_events = 8192;
    // A neuron emits at most one spike per timestep; what it has more of never reaches the device.
    const std::size_t most = std::size_t{plan.num_timesteps} * input.num_neurons;
    return std::min<std::size_t>(input.max_events.value_or(usual_events), most);
}

MemoryEstimate estimate_memory(const ExecutionPlan& plan, const MemoryRequest& request) {
    MemoryEstimate estimate = per_example(plan);
    if (plan.gpu) {
        estimate.examples_in_flight = request.batch_size;
    } else {
        estimate.examples_in_flight = request.num_threads != 0 ? request.num_threads : runtime::available_processors();
        estimate.examples_in_flight += request.carries_state ? request.batch_size : 0;
    }
    const auto n = static_cast<std::size_t>(estimate.examples_in_flight);
    estimate.state_bytes *= n;
    estimate.input_bytes *= n;
    estimate.output_bytes *= n;
    estimate.recording_bytes *= n;
    estimate.constants_bytes = plan.constants ? plan.constants->size() : 0;
    if (plan.gpu) {
        add_shared(plan, estimate);
    }
    return estimate;
}

std::uint32_t largest_batch(const ExecutionPlan& plan, const MemoryRequest& request, std::size_t free_bytes) {
    const auto total = [&](std::uint32_t batch_size) {
        MemoryRequest other = request;
        other.batch_size = batch_size;
        return estimate_memory(plan, other).total();
    };
    const std::size_t fixed = total(0);
    const std::size_t per_batch_example = total(1) - fixed;
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    if (fixed > free_bytes) {
        return 0;
    }
    if (per_batch_example == 0) {
        return most;
    }
    return static_cast<std::uint32_t>(std::min<std::size_t>((free_bytes - fixed) / per_batch_example, most));
}

DeviceMemoryState host_memory() {
    constexpr std::size_t kibibyte = 1024;
    const auto available = number_in("/proc/meminfo", "MemAvailable:");
    const auto total = number_in("/proc/meminfo", "MemTotal:");
    if (!available || !total) {
        return {.known = false, .device = "this system does not say how much memory is free"};
    }
    DeviceMemoryState state{
        .known = true, .device = "this machine", .free_bytes = *available * kibibyte, .total_bytes = *total * kibibyte};
    const auto limit = number_in("/sys/fs/cgroup/memory.max", "");
    const auto used = number_in("/sys/fs/cgroup/memory.current", "");
    if (limit && used && *limit < state.total_bytes) {
        state.total_bytes = *limit;
        state.free_bytes = std::min(state.free_bytes, *limit - std::min(*limit, *used));
    }
    return state;
}

std::string memory_shortage_text(const ExecutionPlan& plan, const MemoryRequest& request,
                                 const DeviceMemoryState& memory) {
    const std::uint32_t fitting = largest_batch(plan, request, memory.free_bytes);
    return "network '" + plan.network + "' at batch size " + std::to_string(request.batch_size) + " needs " +
           mebibytes(estimate_memory(plan, request).total()) + " on " + memory.device + ", which has " +
           mebibytes(memory.free_bytes) + " free of " + mebibytes(memory.total_bytes) + "\n    " +
           (fitting > 0 ? "use a batch size of at most " + std::to_string(fitting)
                        : std::string("not even one example fits"));
}

}  // namespace mlgenn
