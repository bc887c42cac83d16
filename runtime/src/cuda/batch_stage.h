// SPDX-License-Identifier: Apache-2.0
// What a batch takes to the device and what it brings back: pinned memory on the host, and for the way there its copy
// on the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"
#include "runtime/src/cuda/resources.h"

namespace mlgenn::cuda {

/// An array with one equally long row per batch slot, mirrored in pinned memory.
struct MirroredRows {
    MirroredRows() = default;
    MirroredRows(const Driver& driver, std::size_t bytes_per_row, std::size_t num_rows, const char* purpose);

    [[nodiscard]] std::byte* host_row(std::size_t slot) const { return host.data() + slot * row_bytes; }
    [[nodiscard]] DevicePointer device_row(std::size_t slot) const { return device.address() + slot * row_bytes; }
    /// Puts the upload of the first rows into the stream.
    void upload(const Driver& driver, const Stream& stream, std::size_t num_rows) const;

    std::size_t row_bytes = 0;
    PinnedMemory host{};
    DeviceMemory device{};
};

/// Ids of spike events of a whole batch, one example after another, as narrow as the plan says.
class EventIds {
public:
    EventIds() = default;
    /// With room for `num_ids`; `slots` examples.
    EventIds(const Driver& driver, Storage storage, std::size_t num_ids, std::size_t slots);

    /// Starts a batch. What the last one had on the device must have been used.
    void clear() { used_ = 0; }
    /// The next example's ids. Allocates when there is no room left for them.
    void append(const Driver& driver, std::size_t slot, std::span<const std::uint32_t> ids);
    void upload(const Driver& driver, const Stream& stream) const;
    [[nodiscard]] DevicePointer device_ids(std::size_t slot) const {
        return device_.address() + starts_[slot] * id_bytes_;
    }
    [[nodiscard]] std::size_t used_bytes() const { return used_ * id_bytes_; }
    [[nodiscard]] std::size_t device_bytes() const { return device_.size(); }

private:
    void grow(const Driver& driver, std::size_t num_ids);

    std::size_t id_bytes_ = sizeof(std::uint32_t);
    std::size_t room_ = 0;
    std::size_t used_ = 0;
    PinnedMemory host_{};
    DeviceMemory device_{};
    /// First id of every slot.
    std::vector<std::size_t> starts_{};
};

struct StagedEvents {
    MirroredRows offsets{};
    EventIds ids{};
};

/// A value input of a batch: f32, or bytes with a table of what they stand for.
class StagedValues {
public:
    StagedValues() = default;
    StagedValues(const Driver& driver, const InputPlan& plan, std::uint32_t batch_size);

    /// One example's; those of slot 0 decide for the batch whether they are bytes.
    void take(std::size_t slot, std::span<const float> values, const ByteValues& byte_values);
    void upload(const Driver& driver, const Stream& stream, std::size_t num_slots);
    [[nodiscard]] std::size_t upload_bytes(std::size_t num_slots) const;

    [[nodiscard]] bool are_bytes() const { return are_bytes_; }
    [[nodiscard]] std::size_t num_values() const { return num_values_; }
    [[nodiscard]] std::size_t row_bytes() const { return num_values_ * (are_bytes_ ? 1 : sizeof(float)); }
    [[nodiscard]] DevicePointer device_rows() const { return device_.address(); }
    [[nodiscard]] DevicePointer device_table() const { return table_.device.address(); }

private:
    void take_table(std::span<const float> table);

    std::string population_{};
    std::size_t num_values_ = 0;
    bool are_bytes_ = false;
    /// It is that of the host.
    bool table_is_on_device_ = false;
    PinnedMemory host_{};
    DeviceMemory device_{};
    MirroredRows table_{};
};

/// Two of them let a batch be made ready while another one computes.
class BatchStage {
public:
    BatchStage(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size);

    /// Starts a batch; the stage's last one must have ended.
    void clear();
    /// Copies everything an example brings; its views are not needed any more.
    void take(std::size_t slot, const ExampleInput& input, const ExampleOutput& output);
    void set_timestep(std::size_t slot, std::uint32_t t) const;
    void set_example_number(std::size_t slot, std::uint32_t number) const;
    /// When all examples have been taken. `recordings`: where those of slot 0 go, per RecordingPlan.
    void set_arguments(std::size_t num_slots, std::span<const DeviceMemory> recordings);
    void upload(const Stream& stream, std::size_t num_slots);
    [[nodiscard]] std::size_t upload_bytes(std::size_t num_slots) const;

    [[nodiscard]] DevicePointer device_arguments() const { return arguments_.device.address(); }
    [[nodiscard]] DevicePointer device_timesteps() const { return timesteps_.device.address(); }
    [[nodiscard]] DevicePointer device_example_numbers() const { return example_numbers_.device.address(); }
    [[nodiscard]] DevicePointer device_targets(std::size_t metric) const { return targets_[metric].device.address(); }
    [[nodiscard]] const StagedValues& values(std::size_t input) const { return values_[input]; }
    /// Whether the batch's examples have targets for this metric.
    [[nodiscard]] bool is_scored(std::size_t metric) const { return is_scored_[metric]; }

    /// The batch's upload, and everything that it does on the device.
    Event uploaded;
    Event ended;
    /// Per OutputPlan and RecordingPlan, a row per slot.
    std::vector<PinnedMemory> readouts{};
    std::vector<PinnedMemory> recordings{};

private:
    /// Calls visit(rows) for all rows that go to the device.
    template <class Visit>
    void for_each_rows(const Visit& visit) const;

    const Driver& driver_;
    const ExecutionPlan& plan_;
    /// Two u32 per slot: the next t, and its number in the arguments' rows.
    MirroredRows timesteps_;
    /// Argument pointers of every slot.
    MirroredRows arguments_;
    /// u32 per slot, where the plan has a place for it.
    MirroredRows example_numbers_{};
    /// Per InputPlan, for those of their kind.
    std::vector<StagedValues> values_{};
    std::vector<StagedEvents> events_{};
    /// Per MetricPlan.
    std::vector<MirroredRows> targets_{};
    std::vector<bool> is_scored_{};
};

/// Bytes of a recording of one example.
[[nodiscard]] std::size_t recording_bytes(const ExecutionPlan& plan, const RecordingPlan& recording);
[[nodiscard]] std::size_t readout_bytes(const OutputPlan& output);
/// Bytes of an example's step offsets.
[[nodiscard]] std::size_t offsets_bytes(const ExecutionPlan& plan);

}  // namespace mlgenn::cuda
