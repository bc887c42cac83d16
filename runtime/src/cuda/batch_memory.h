// SPDX-License-Identifier: Apache-2.0
// Memory for one batch of examples: on the device, and pinned on the host for the way there and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/cuda/resources.h"

namespace mlgenn::cuda {

/// An array with one equally long row per batch slot, mirrored in pinned memory.
struct MirroredRows {
    std::size_t row_bytes = 0;
    PinnedMemory host{};
    DeviceMemory device{};

    [[nodiscard]] std::byte* host_row(std::size_t slot) const { return host.data() + slot * row_bytes; }
    [[nodiscard]] DevicePointer device_row(std::size_t slot) const { return device.address() + slot * row_bytes; }
};

/// Ids of spike events of a whole batch, one example after another.
struct EventIds {
    PinnedMemory host{};
    DeviceMemory device{};
    /// First id of every slot.
    std::vector<std::size_t> starts{};
    std::size_t used = 0;

    /// Grows to at least `count` ids, keeping the used ones only on the host.
    void reserve(const Driver& driver, const Stream& stream, std::size_t count);
};

struct BatchMemory {
    BatchMemory(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size);

    DeviceMemory workspaces;
    /// Two u32 per slot: the next t, and its number in the arguments' rows.
    MirroredRows timesteps;
    /// u32 per slot, where the plan has a place for it: goes straight into the workspaces.
    PinnedMemory example_numbers;
    /// Argument pointers of every slot.
    MirroredRows arguments;
    /// Per InputPlan: pinned values (they go straight into the workspaces) or step offsets.
    std::vector<PinnedMemory> values;
    std::vector<MirroredRows> event_offsets;
    std::vector<EventIds> event_ids;
    std::vector<MirroredRows> recordings;
    /// Per OutputPlan: pinned only, copied out of the workspaces.
    std::vector<PinnedMemory> readouts;
    /// Per MetricPlan.
    std::vector<MirroredRows> targets;
    /// Per MetricPlan, one row: the words of its sum (score_sums.h).
    std::vector<MirroredRows> scores;
};

/// Bytes of a target of one example.
[[nodiscard]] std::size_t target_bytes(const ExecutionPlan& plan, const MetricPlan& metric);
/// Bytes of an example's values, or of its step offsets.
[[nodiscard]] std::size_t input_bytes(const ExecutionPlan& plan, const InputPlan& input);

}  // namespace mlgenn::cuda
