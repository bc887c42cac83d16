// SPDX-License-Identifier: Apache-2.0
// Receives what generated code records and turns it into spike lists and traces.
#include "runtime/src/recorder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/result_shape.h"

namespace mlgenn::runtime {

namespace {

constexpr std::uint32_t word_bits = 32;

template <class T>
void widen(std::span<const std::byte> row, std::span<float> values) {
    for (std::size_t neuron = 0; neuron < values.size(); ++neuron) {
        T value;
        std::memcpy(&value, row.data() + neuron * sizeof(T), sizeof(T));
        values[neuron] = static_cast<float>(value);
    }
}

void widen(Storage storage, std::span<const std::byte> row, std::span<float> values) {
    switch (storage) {
        case Storage::i8:
            return widen<std::int8_t>(row, values);
        case Storage::u8:
            return widen<std::uint8_t>(row, values);
        case Storage::i16:
            return widen<std::int16_t>(row, values);
        case Storage::u16:
            return widen<std::uint16_t>(row, values);
        case Storage::i32:
            return widen<std::int32_t>(row, values);
        case Storage::u32:
            return widen<std::uint32_t>(row, values);
        case Storage::f32:
            return widen<float>(row, values);
    }
    throw InternalError("a recording of a storage kind outside the enumeration");
}

}  // namespace

Recorder::Recorder(const ExecutionPlan& plan, std::size_t num_examples, unsigned num_workers)
    : num_timesteps_(plan.num_timesteps) {
    for (const RecordingPlan& recording : plan.recordings) {
        Channel& channel = channels_.emplace_back();
        channel.plan = recording;
        if (recording.spikes) {
            channel.spikes.resize(num_examples);
        } else {
            channel.trace = Array(DType::f32, with_leading({num_examples, num_timesteps_}, recording.shape));
            channel.values = channel.trace.as_mutable<float>();
            channel.in_place =
                recording.storage == Storage::f32 && recording.row_bytes == recording.num_neurons * sizeof(float);
        }
        if (!channel.in_place) {
            channel.rows_of_worker.assign(num_workers, std::vector<std::byte>(num_timesteps_ * recording.row_bytes));
        }
    }
}

std::byte* Recorder::rows(std::size_t recording, std::size_t example, unsigned worker) {
    Channel& channel = channels_[recording];
    if (channel.in_place) {
        const std::size_t values_per_example = std::size_t{num_timesteps_} * channel.plan.num_neurons;
        return reinterpret_cast<std::byte*>(channel.values.data() + example * values_per_example);
    }
    std::vector<std::byte>& rows = channel.rows_of_worker[worker];
    std::fill(rows.begin(), rows.end(), std::byte{0});
    return rows.data();
}

void Recorder::collect(std::size_t recording, std::size_t example, unsigned worker) {
    Channel& channel = channels_[recording];
    if (channel.plan.spikes) {
        collect_spikes(channel, example, channel.rows_of_worker[worker]);
    } else if (!channel.in_place) {
        collect_trace(channel, example, channel.rows_of_worker[worker]);
    }
}

void Recorder::collect_spikes(Channel& channel, std::size_t example, std::span<const std::byte> rows) const {
    const std::size_t words_per_row = (std::size_t{channel.plan.num_neurons} + word_bits - 1) / word_bits;
    const auto word_at = [&](std::size_t step, std::size_t word) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, rows.data() + step * channel.plan.row_bytes + word * sizeof(bits), sizeof(bits));
        return bits;
    };
    std::size_t num_spikes = 0;
    for (std::size_t step = 0; step < num_timesteps_; ++step) {
        for (std::size_t word = 0; word < words_per_row; ++word) {
            num_spikes += static_cast<std::size_t>(std::popcount(word_at(step, word)));
        }
    }
    SpikeRecord record;
    record.steps.reserve(num_spikes);
    record.ids.reserve(num_spikes);
    for (std::size_t step = 0; step < num_timesteps_; ++step) {
        for (std::size_t word = 0; word < words_per_row; ++word) {
            for (std::uint32_t bits = word_at(step, word); bits != 0; bits &= bits - 1) {
                record.steps.push_back(static_cast<std::uint32_t>(step));
                record.ids.push_back(static_cast<std::uint32_t>(word) * word_bits +
                                     static_cast<std::uint32_t>(std::countr_zero(bits)));
            }
        }
    }
    channel.spikes[example] = std::move(record);
}

void Recorder::collect_trace(Channel& channel, std::size_t example, std::span<const std::byte> rows) const {
    const std::size_t num_neurons = channel.plan.num_neurons;
    for (std::size_t step = 0; step < num_timesteps_; ++step) {
        widen(channel.plan.storage, rows.subspan(step * channel.plan.row_bytes, channel.plan.row_bytes),
              channel.values.subspan((example * num_timesteps_ + step) * num_neurons, num_neurons));
    }
}

Recordings Recorder::take() {
    Recordings recordings;
    for (Channel& channel : channels_) {
        if (channel.plan.spikes) {
            recordings.spikes[channel.plan.key] = std::move(channel.spikes);
        } else {
            recordings.traces[channel.plan.key] = std::move(channel.trace);
        }
    }
    channels_.clear();
    return recordings;
}

}  // namespace mlgenn::runtime
