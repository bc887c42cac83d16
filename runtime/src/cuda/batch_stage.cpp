// SPDX-License-Identifier: Apache-2.0
// Gathers a batch in pinned memory and uploads it.
#include "runtime/src/cuda/batch_stage.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "mlgenn/memory_estimate.h"

namespace mlgenn::cuda {
namespace {

constexpr std::size_t table_bytes = 256 * sizeof(float);

/// Bytes of a target of one example.
std::size_t target_bytes(const ExecutionPlan& plan, const MetricPlan& metric) {
    constexpr std::size_t element = sizeof(std::uint32_t);
    return metric.target == TargetKind::values ? element * plan.outputs.at(metric.output).num_neurons : element;
}

void upload_bytes_to(const Driver& driver, const Stream& stream, DevicePointer to, const std::byte* from,
                     std::size_t bytes) {
    if (bytes > 0) {
        driver.check(driver.call().cuMemcpyHtoDAsync_v2(to, from, bytes, stream.handle()), "uploading a batch");
    }
}

}  // namespace

std::size_t recording_bytes(const ExecutionPlan& plan, const RecordingPlan& recording) {
    return plan.rows_of(recording).num_rows * recording.row_bytes;
}

std::size_t readout_bytes(const OutputPlan& output) {
    return output.num_neurons * size_of(output.storage);
}

std::size_t offsets_bytes(const ExecutionPlan& plan) {
    return (std::size_t{plan.num_timesteps} + 1) * sizeof(std::uint32_t);
}

MirroredRows::MirroredRows(const Driver& driver, std::size_t bytes_per_row, std::size_t num_rows, const char* purpose)
    : row_bytes(bytes_per_row),
      host(driver, bytes_per_row * num_rows, purpose),
      device(driver, bytes_per_row * num_rows, purpose) {}

void MirroredRows::upload(const Driver& driver, const Stream& stream, std::size_t num_rows) const {
    upload_bytes_to(driver, stream, device.address(), host.data(), row_bytes * num_rows);
}

EventIds::EventIds(const Driver& driver, Storage storage, std::size_t num_ids, std::size_t slots)
    : id_bytes_(size_of(storage)),
      room_(num_ids),
      host_(driver, num_ids * id_bytes_, "spike events"),
      device_(driver, num_ids * id_bytes_, "spike events"),
      starts_(slots) {}

void EventIds::grow(const Driver& driver, std::size_t num_ids) {
    const std::size_t roomy = num_ids + num_ids / 2;
    PinnedMemory larger(driver, roomy * id_bytes_, "spike events");
    std::memcpy(larger.data(), host_.data(), used_ * id_bytes_);
    host_ = std::move(larger);
    room_ = 0;
    // The old memory goes first: both need not fit beside each other.
    device_ = DeviceMemory();
    device_ = DeviceMemory(driver, roomy * id_bytes_, "spike events");
    room_ = roomy;
}

void EventIds::append(const Driver& driver, std::size_t slot, std::span<const std::uint32_t> ids) {
    starts_[slot] = used_;
    if (ids.size() > room_ - used_) {
        grow(driver, used_ + ids.size());
    }
    std::byte* const to = host_.data() + used_ * id_bytes_;
    if (id_bytes_ == sizeof(std::uint16_t)) {
        std::transform(ids.begin(), ids.end(), reinterpret_cast<std::uint16_t*>(to),
                       [](std::uint32_t id) { return static_cast<std::uint16_t>(id); });
    } else if (!ids.empty()) {
        std::memcpy(to, ids.data(), ids.size_bytes());
    }
    used_ += ids.size();
}

void EventIds::upload(const Driver& driver, const Stream& stream) const {
    upload_bytes_to(driver, stream, device_.address(), host_.data(), used_bytes());
}

StagedValues::StagedValues(const Driver& driver, const InputPlan& plan, std::uint32_t batch_size)
    : population_(plan.population),
      num_values_(std::size_t{plan.num_frames} * plan.num_neurons),
      host_(driver, num_values_ * sizeof(float) * batch_size, "input values"),
      device_(driver, num_values_ * sizeof(float) * batch_size, "input values"),
      table_(driver, table_bytes, 1, "input values") {}

void StagedValues::take(std::size_t slot, std::span<const float> values, const ByteValues& byte_values) {
    const bool bytes = !byte_values.bytes.empty();
    if (slot == 0) {
        are_bytes_ = bytes;
        take_table(byte_values.table);
    }
    const std::size_t found = bytes ? byte_values.bytes.size() : values.size();
    if (bytes != are_bytes_ || found != num_values_) {
        throw InternalError("input '" + population_ + "' got " + std::to_string(found) +
                            (bytes ? " bytes" : " values") + " for an example");
    }
    const void* from = bytes ? static_cast<const void*>(byte_values.bytes.data()) : values.data();
    std::memcpy(host_.data() + slot * row_bytes(), from, row_bytes());
}

void StagedValues::take_table(std::span<const float> table) {
    if (are_bytes_ && table.size_bytes() != table_bytes) {
        throw InternalError("input '" + population_ + "' got bytes without a table");
    }
    if (are_bytes_ && !(table_is_on_device_ && std::memcmp(table_.host.data(), table.data(), table_bytes) == 0)) {
        std::memcpy(table_.host.data(), table.data(), table_bytes);
        table_is_on_device_ = false;
    }
}

std::size_t StagedValues::upload_bytes(std::size_t num_slots) const {
    return row_bytes() * num_slots + (are_bytes_ && !table_is_on_device_ ? table_bytes : 0);
}

void StagedValues::upload(const Driver& driver, const Stream& stream, std::size_t num_slots) {
    upload_bytes_to(driver, stream, device_.address(), host_.data(), row_bytes() * num_slots);
    if (are_bytes_ && !table_is_on_device_) {
        table_.upload(driver, stream, 1);
        table_is_on_device_ = true;
    }
}

BatchStage::BatchStage(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size)
    : uploaded(driver, Event::Kind::order),
      ended(driver, Event::Kind::order),
      driver_(driver),
      plan_(plan),
      timesteps_(driver, 2 * sizeof(std::uint32_t), batch_size, "timestep counters"),
      arguments_(driver, plan.num_arguments * sizeof(std::uint64_t), batch_size, "argument pointers"),
      values_(plan.inputs.size()),
      events_(plan.inputs.size()),
      is_scored_(plan.metrics.size(), false) {
    if (plan.example_number_offset) {
        example_numbers_ = MirroredRows(driver, sizeof(std::uint32_t), batch_size, "example numbers");
    }
    for (std::size_t k = 0; k < plan.inputs.size(); ++k) {
        const InputPlan& input = plan.inputs[k];
        if (input.kind == InputPlan::Kind::values) {
            values_[k] = StagedValues(driver, input, batch_size);
        } else {
            events_[k].offsets = MirroredRows(driver, offsets_bytes(plan), batch_size, "spike events");
            events_[k].ids = EventIds(driver, input.ids_storage, event_room(plan, input) * batch_size, batch_size);
        }
    }
    for (const MetricPlan& metric : plan.metrics) {
        targets_.emplace_back(driver, target_bytes(plan, metric), batch_size, "targets");
    }
    for (const OutputPlan& output : plan.outputs) {
        readouts.emplace_back(driver, readout_bytes(output) * batch_size, "readouts");
    }
    for (const RecordingPlan& recording : plan.recordings) {
        recordings.emplace_back(driver, recording_bytes(plan, recording) * batch_size, "recordings");
    }
}

void BatchStage::clear() {
    for (StagedEvents& events : events_) {
        events.ids.clear();
    }
}

void BatchStage::take(std::size_t slot, const ExampleInput& input, const ExampleOutput& output) {
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        if (plan_.inputs[k].kind == InputPlan::Kind::values) {
            values_[k].take(slot, input.values[k], input.byte_values[k]);
            continue;
        }
        const std::span<const std::uint32_t> offsets = input.event_offsets[k];
        if (offsets.size_bytes() != offsets_bytes(plan_)) {
            throw InternalError("input '" + plan_.inputs[k].population + "' got step offsets of the wrong length");
        }
        std::memcpy(events_[k].offsets.host_row(slot), offsets.data(), offsets.size_bytes());
        events_[k].ids.append(driver_, slot, input.event_ids[k]);
    }
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        is_scored_[m] = output.targets[m] != nullptr;
        if (is_scored_[m]) {
            std::memcpy(targets_[m].host_row(slot), output.targets[m], targets_[m].row_bytes);
        }
    }
}

void BatchStage::set_timestep(std::size_t slot, std::uint32_t t) const {
    const std::array<std::uint32_t, 2> t_and_row = {t, 0};
    std::memcpy(timesteps_.host_row(slot), t_and_row.data(), timesteps_.row_bytes);
}

void BatchStage::set_example_number(std::size_t slot, std::uint32_t number) const {
    if (example_numbers_.row_bytes > 0) {
        std::memcpy(example_numbers_.host_row(slot), &number, sizeof number);
    }
}

void BatchStage::set_arguments(std::size_t num_slots, std::span<const DeviceMemory> device_recordings) {
    const auto set = [&](std::size_t slot, std::uint32_t argument, DevicePointer pointer) {
        std::memcpy(arguments_.host_row(slot) + argument * sizeof pointer, &pointer, sizeof pointer);
    };
    for (std::size_t slot = 0; slot < num_slots; ++slot) {
        for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
            const InputPlan& input = plan_.inputs[k];
            if (input.kind == InputPlan::Kind::events) {
                set(slot, input.offsets_argument, events_[k].offsets.device_row(slot));
                set(slot, input.ids_argument, events_[k].ids.device_ids(slot));
            }
        }
        for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
            const RecordingPlan& recording = plan_.recordings[r];
            set(slot, recording.argument, device_recordings[r].address() + slot * recording_bytes(plan_, recording));
        }
    }
}

template <class Visit>
void BatchStage::for_each_rows(const Visit& visit) const {
    visit(timesteps_);
    visit(arguments_);
    visit(example_numbers_);
    for (const StagedEvents& events : events_) {
        visit(events.offsets);
    }
    for (std::size_t m = 0; m < targets_.size(); ++m) {
        if (is_scored_[m]) {
            visit(targets_[m]);
        }
    }
}

void BatchStage::upload(const Stream& stream, std::size_t num_slots) {
    for (StagedValues& values : values_) {
        values.upload(driver_, stream, num_slots);
    }
    for (const StagedEvents& events : events_) {
        events.ids.upload(driver_, stream);
    }
    for_each_rows([&](const MirroredRows& rows) { rows.upload(driver_, stream, num_slots); });
}

std::size_t BatchStage::upload_bytes(std::size_t num_slots) const {
    std::size_t bytes = 0;
    for (const StagedValues& values : values_) {
        bytes += values.upload_bytes(num_slots);
    }
    for (const StagedEvents& events : events_) {
        bytes += events.ids.used_bytes();
    }
    for_each_rows([&](const MirroredRows& rows) { bytes += rows.row_bytes * num_slots; });
    return bytes;
}

}  // namespace mlgenn::cuda
