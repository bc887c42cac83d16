// SPDX-License-Identifier: Apache-2.0
// Receives what generated code records and hands it to everybody who wants it: the call's results and its recorders.
#include "runtime/src/recorder.h"

#include <algorithm>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/recorded_rows.h"
#include "runtime/src/result_shape.h"

namespace mlgenn::runtime {

Recorder::Recorder(const ExecutionPlan& plan, std::size_t num_examples, unsigned num_workers,
                   std::vector<ChosenRecorder> recorders, std::size_t max_bytes)
    : budget_(max_bytes) {
    for (const RecordingPlan& recording : plan.recordings) {
        Channel& channel = channels_.emplace_back();
        channel.plan = recording;
        channel.rows = plan.rows_of(recording);
        channel.rows_of_worker.resize(num_workers);
        if (recording.returned) {
            add_results(channel, num_examples);
        }
    }
    for (ChosenRecorder& recorder : recorders) {
        const std::string key = recorder.key;
        if (recorder.kind == ChosenRecorder::Kind::connection) {
            connection_data_.emplace(key, connection_data(plan, recorder, budget_));
            continue;
        }
        Channel& channel = channels_.at(recorder.plan_index);
        sinks_.push_back({key, make_sink(plan, std::move(recorder), budget_)});
        channel.sinks.push_back(sinks_.back().sink.get());
    }
}

void Recorder::add_results(Channel& channel, std::size_t num_examples) {
    const RecordingPlan& recording = channel.plan;
    if (recording.spikes) {
        budget_.reserve(recording.key, saturated_product({num_examples, sizeof(SpikeRecord)}));
        channel.spikes.resize(num_examples);
        return;
    }
    const std::size_t num_steps = channel.rows.num_steps();
    budget_.reserve(recording.key, saturated_product({num_examples, num_steps, recording.num_neurons, sizeof(float)}));
    channel.trace = Array(DType::f32, with_leading({num_examples, num_steps}, recording.shape));
    channel.values = channel.trace.as_mutable<float>();
    channel.in_place = recording.storage == Storage::f32 &&
                       recording.row_bytes == recording.num_neurons * sizeof(float) &&
                       num_steps == channel.rows.num_rows;
}

std::span<std::byte> Recorder::place_in_trace(const Channel& channel, std::size_t example) const {
    const std::size_t values_per_example = std::size_t{channel.rows.num_rows} * channel.plan.num_neurons;
    return std::as_writable_bytes(channel.values.subspan(example * values_per_example, values_per_example));
}

std::byte* Recorder::rows(std::size_t recording, std::size_t example, unsigned worker) {
    Channel& channel = channels_[recording];
    if (channel.in_place) {
        return place_in_trace(channel, example).data();
    }
    if (!channel.plan.returned && std::none_of(channel.sinks.begin(), channel.sinks.end(),
                                               [&](const RecordingSink* sink) { return sink->wants(example); })) {
        return nullptr;
    }
    channel.rows_of_worker[worker].assign(channel.rows.num_rows * channel.plan.row_bytes, std::byte{0});
    return channel.rows_of_worker[worker].data();
}

void Recorder::collect(std::size_t recording, std::size_t example, unsigned worker) {
    Channel& channel = channels_[recording];
    const std::span<const std::byte> in_memory = channel.in_place
                                                     ? std::span<const std::byte>(place_in_trace(channel, example))
                                                     : std::span<const std::byte>(channel.rows_of_worker[worker]);
    const std::span<const std::byte> rows = in_memory.subspan(channel.rows.begin * channel.plan.row_bytes,
                                                              channel.rows.num_steps() * channel.plan.row_bytes);
    for (RecordingSink* sink : channel.sinks) {
        sink->collect(example, rows);
    }
    if (!channel.plan.returned || channel.in_place) {
        return;
    }
    if (channel.plan.spikes) {
        collect_spikes(channel, example, rows);
    } else {
        collect_trace(channel, example, rows);
    }
}

void Recorder::collect_spikes(Channel& channel, std::size_t example, std::span<const std::byte> rows) {
    std::vector<std::uint32_t> all(raster_words(channel.plan.num_neurons), ~0U);
    const std::size_t num_spikes = count_spikes(rows, channel.plan.row_bytes, all);
    budget_.reserve(channel.plan.key, num_spikes * 2 * sizeof(std::uint32_t));
    SpikeRecord record;
    record.steps.reserve(num_spikes);
    record.ids.reserve(num_spikes);
    for_each_spike(rows, channel.plan.row_bytes, all, [&](std::uint32_t step, std::uint32_t neuron) {
        record.steps.push_back(step);
        record.ids.push_back(neuron);
    });
    channel.spikes[example] = std::move(record);
}

void Recorder::collect_trace(const Channel& channel, std::size_t example, std::span<const std::byte> rows) const {
    const std::size_t num_neurons = channel.plan.num_neurons;
    const std::size_t num_steps = channel.rows.num_steps();
    for (std::size_t step = 0; step < num_steps; ++step) {
        widen(channel.plan.storage, rows.subspan(step * channel.plan.row_bytes, channel.plan.row_bytes),
              channel.values.subspan((example * num_steps + step) * num_neurons, num_neurons));
    }
}

Recordings Recorder::take() {
    Recordings recordings;
    for (Channel& channel : channels_) {
        if (!channel.plan.returned) {
            continue;
        }
        if (channel.plan.spikes) {
            recordings.spikes[channel.plan.key] = std::move(channel.spikes);
        } else {
            recordings.traces[channel.plan.key] = std::move(channel.trace);
        }
    }
    channels_.clear();
    return recordings;
}

CallbackData Recorder::take_data() {
    CallbackData data = std::move(connection_data_);
    for (Sink& sink : sinks_) {
        data.emplace(std::move(sink.key), sink.sink->take());
    }
    sinks_.clear();
    return data;
}

}  // namespace mlgenn::runtime
