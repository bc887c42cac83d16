// SPDX-License-Identifier: Apache-2.0
// How much memory a network takes when it is loaded, computed from its plan before anything is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "mlgenn/execution_plan.h"

namespace mlgenn {

/// Bytes; everything but constants, tables and scores exists once per example in flight. On a GPU what goes to the
/// device with a batch exists twice, because one batch is brought there while another one computes.
struct MemoryEstimate {
    /// Weights and per-neuron parameters, shared by all examples.
    std::size_t constants_bytes = 0;
    /// State of neurons, synapses and spikes in flight, and the bookkeeping of an example.
    std::size_t state_bytes = 0;
    /// Dense values, and step offsets of spike events; on a GPU also room for event_room() events.
    std::size_t input_bytes = 0;
    /// Readouts; on a GPU also targets.
    std::size_t output_bytes = 0;
    std::size_t recording_bytes = 0;
    /// Sums of scores, which exist once on a GPU.
    std::size_t score_bytes = 0;
    /// On a GPU: what bytes of dense input stand for, and what resets do.
    std::size_t table_bytes = 0;
    /// Examples that are in memory at the same time.
    std::uint64_t examples_in_flight = 0;

    [[nodiscard]] std::size_t total() const {
        return constants_bytes + state_bytes + input_bytes + output_bytes + recording_bytes + score_bytes + table_bytes;
    }
};

/// How a network is to run.
struct MemoryRequest {
    std::uint32_t batch_size = 1;
    /// Threads of the CPU back end, 0: one per processor that this process may use; a GPU has every example of a batch
    /// in flight.
    std::uint32_t num_threads = 1;
    /// State goes from batch to batch, so that the CPU back end keeps that of every example of a batch too.
    bool carries_state = false;
};

/// Spike events per example of a batch for which a GPU has room when a network is loaded: InputPlan::max_events, else
/// 8192, but not more than the population can emit. Without max_events the room grows when a batch has more.
[[nodiscard]] std::size_t event_room(const ExecutionPlan& plan, const InputPlan& input);

/// On a GPU what is allocated on the device; on the CPU what the back end allocates beside the caller's arrays.
[[nodiscard]] MemoryEstimate estimate_memory(const ExecutionPlan& plan, const MemoryRequest& request);

/// Largest batch that takes at most `free_bytes`, otherwise as `request` says; 0 when not even one example fits.
[[nodiscard]] std::uint32_t largest_batch(const ExecutionPlan& plan, const MemoryRequest& request,
                                          std::size_t free_bytes);

/// What a device has, as far as it says so.
struct DeviceMemoryState {
    bool known = false;
    /// "stand-in GPU", "this machine", or why nothing is known.
    std::string device{};
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
};
/// Memory that this process could still use: /proc/meminfo's MemAvailable, or what its control group leaves.
[[nodiscard]] DeviceMemoryState host_memory();

/// "network 'x' at batch size 4096 needs 4 MiB on DEVICE, which has 1 MiB free of 1 MiB", then on a line of its own
/// the largest batch size that fits: the text of the DeviceError when memory is short.
[[nodiscard]] std::string memory_shortage_text(const ExecutionPlan& plan, const MemoryRequest& request,
                                               const DeviceMemoryState& memory);

}  // namespace mlgenn
