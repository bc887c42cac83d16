// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/session_recordings.h"

#include <algorithm>
#include <string>

#include "mlgenn/errors.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/recorded_rows.h"

namespace mlgenn::runtime {

SessionRecordings::SessionRecordings(const ExecutionPlan& plan, std::uint32_t most_steps,
                                     std::uint32_t steps_per_call) {
    for (const RecordingPlan& recording : plan.recordings) {
        Channel& channel = channels_.emplace_back();
        channel.plan = recording;
        channel.rows.resize(most_steps * recording.row_bytes);
        const std::size_t most_values = std::size_t{steps_per_call} * recording.num_neurons;
        if (recording.spikes) {
            channel.mask.assign(raster_words(recording.num_neurons), ~0U);
            channel.spikes.steps.reserve(most_values);
            channel.spikes.ids.reserve(most_values);
        } else {
            channel.trace.reserve(most_values);
        }
    }
}

void SessionRecordings::begin_call(std::uint32_t num_steps) {
    for (Channel& channel : channels_) {
        channel.spikes.steps.clear();
        channel.spikes.ids.clear();
        if (!channel.plan.spikes) {
            channel.trace.resize(std::size_t{num_steps} * channel.plan.num_neurons);
        }
    }
}

void SessionRecordings::provide_rows(StepPiece& piece) {
    for (std::size_t k = 0; k < channels_.size(); ++k) {
        std::vector<std::byte>& rows = channels_[k].rows;
        std::fill_n(rows.begin(), piece.num_steps * channels_[k].plan.row_bytes, std::byte{0});
        piece.recordings[k] = rows.data();
    }
}

void SessionRecordings::collect(std::uint32_t first_step, std::uint32_t num_steps) {
    for (Channel& channel : channels_) {
        const std::size_t row_bytes = channel.plan.row_bytes;
        const auto rows = std::span<const std::byte>(channel.rows).first(num_steps * row_bytes);
        if (channel.plan.spikes) {
            for_each_spike(rows, row_bytes, channel.mask, [&](std::uint32_t step, std::uint32_t neuron) {
                channel.spikes.steps.push_back(first_step + step);
                channel.spikes.ids.push_back(neuron);
            });
            continue;
        }
        const std::size_t num_neurons = channel.plan.num_neurons;
        for (std::size_t step = 0; step < num_steps; ++step) {
            widen(channel.plan.storage, rows.subspan(step * row_bytes, row_bytes),
                  std::span(channel.trace).subspan((first_step + step) * num_neurons, num_neurons));
        }
    }
}

const SessionRecordings::Channel& SessionRecordings::find(std::string_view key, bool spikes) const {
    const auto found = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& channel) {
        return channel.plan.spikes == spikes && channel.plan.key == key;
    });
    if (found != channels_.end()) {
        return *found;
    }
    std::vector<std::string> known;
    for (const Channel& channel : channels_) {
        if (channel.plan.spikes == spikes) {
            known.push_back(channel.plan.key);
        }
    }
    throw DescriptionError(
        Diagnostic{.where = "recording '" + std::string(key) + "'",
                   .problem = std::string("the network records no such ") + (spikes ? "spikes" : "variable"),
                   .notes = {},
                   .remedy = "compile with it among the recordings, or use one of: " + quoted_list(known)});
}

const SpikeRecord& SessionRecordings::spikes(std::string_view key) const {
    return find(key, true).spikes;
}

std::span<const float> SessionRecordings::trace(std::string_view key) const {
    return find(key, false).trace;
}

}  // namespace mlgenn::runtime
