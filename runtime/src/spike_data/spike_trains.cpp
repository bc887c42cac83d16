// SPDX-License-Identifier: Apache-2.0
// Lists of spikes: steps and times, order, duplicates, batches.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include "mlgenn/spike_data.h"
#include "runtime/src/spike_data/checks.h"

namespace mlgenn {

namespace {

using runtime::require;

void check_ids(const char* where, std::span<const std::uint32_t> ids, std::uint32_t num_neurons) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        require(ids[i] < num_neurons, where,
                "spike " + std::to_string(i) + " has id " + std::to_string(ids[i]) + ", but there are " +
                    std::to_string(num_neurons) + " neurons",
                "ids count from 0");
    }
}

void check_lengths(const char* where, std::size_t num_times, std::size_t num_ids) {
    require(num_times == num_ids, where,
            "there are " + std::to_string(num_times) + " times, but " + std::to_string(num_ids) + " ids",
            "give one id for every time");
}

SpikeTrain sorted(const SpikeTrain& spikes) {
    std::vector<std::size_t> order(spikes.ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(spikes.ids[a], spikes.times_ms[a]) < std::pair(spikes.ids[b], spikes.times_ms[b]);
    });
    SpikeTrain result;
    for (const std::size_t i : order) {
        result.times_ms.push_back(spikes.times_ms[i]);
        result.ids.push_back(spikes.ids[i]);
    }
    return result;
}

}  // namespace

float time_of_step(std::uint32_t step, double dt_ms) {
    return static_cast<float>(step) * static_cast<float>(dt_ms);
}

std::uint32_t effective_step(float time_ms, double dt_ms) {
    require(dt_ms > 0.0 && std::isfinite(static_cast<float>(dt_ms)), "effective_step",
            "dt is " + std::to_string(dt_ms) + " ms, expected more than 0", "give the length of a timestep");
    if (!(time_ms > 0.0F) && !std::isnan(time_ms)) {
        return 0;
    }
    constexpr double most = 2147483648.0;
    const double quotient = std::ceil(static_cast<double>(time_ms) / static_cast<double>(static_cast<float>(dt_ms)));
    require(quotient < most, "effective_step",
            "a spike at " + std::to_string(time_ms) + " ms is in no step that can be counted", "correct the time");
    auto step = static_cast<std::uint32_t>(quotient);
    while (time_of_step(step, dt_ms) < time_ms) {
        ++step;
    }
    while (step > 0 && time_of_step(step - 1, dt_ms) >= time_ms) {
        --step;
    }
    return step;
}

SpikeTrain preprocess_spikes(std::span<const double> times_ms, std::span<const std::uint32_t> ids,
                             std::uint32_t num_neurons) {
    const char* where = "preprocess_spikes";
    check_lengths(where, times_ms.size(), ids.size());
    check_ids(where, ids, num_neurons);
    SpikeTrain spikes{{}, {ids.begin(), ids.end()}};
    for (std::size_t i = 0; i < times_ms.size(); ++i) {
        const auto time = static_cast<float>(times_ms[i]);
        require(
            std::isfinite(time), where,
            "spike " + std::to_string(i) + " has time " + std::to_string(times_ms[i]) + ", expected a finite float32",
            "give times in ms");
        spikes.times_ms.push_back(time);
    }
    return sorted(spikes);
}

SpikeTrain spikes_from_steps(std::span<const std::uint32_t> steps, std::span<const std::uint32_t> ids,
                             std::uint32_t num_neurons, double dt_ms) {
    const char* where = "spikes_from_steps";
    check_lengths(where, steps.size(), ids.size());
    check_ids(where, ids, num_neurons);
    // Beyond this, neighbouring steps have the same float32.
    constexpr std::uint32_t most = 1U << 24;
    SpikeTrain spikes{{}, {ids.begin(), ids.end()}};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        require(steps[i] <= most, where,
                "spike " + std::to_string(i) + " is in step " + std::to_string(steps[i]) + ", expected at most " +
                    std::to_string(most),
                "split the example");
        spikes.times_ms.push_back(time_of_step(steps[i], dt_ms));
    }
    return sorted(spikes);
}

SpikeTrain with_duplicates(const SpikeTrain& spikes, Duplicates rule, double dt_ms) {
    if (rule == Duplicates::postpone) {
        return spikes;
    }
    check_lengths("with_duplicates", spikes.times_ms.size(), spikes.ids.size());
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    SpikeTrain result;
    for (std::size_t i = 0; i < spikes.ids.size(); ++i) {
        const std::uint32_t step = effective_step(spikes.times_ms[i], dt_ms);
        if (seen.emplace(spikes.ids[i], step).second) {
            result.times_ms.push_back(spikes.times_ms[i]);
            result.ids.push_back(spikes.ids[i]);
            continue;
        }
        require(rule != Duplicates::refuse, "with_duplicates",
                "neuron " + std::to_string(spikes.ids[i]) + " has several spikes in step " + std::to_string(step),
                "drop or postpone them, or use a smaller dt");
    }
    return result;
}

SpikeInput spike_input_of(std::span<const SpikeTrain> examples) {
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint64_t> offsets = {0};
    for (const SpikeTrain& example : examples) {
        check_lengths("spike_input_of", example.times_ms.size(), example.ids.size());
        times.insert(times.end(), example.times_ms.begin(), example.times_ms.end());
        ids.insert(ids.end(), example.ids.begin(), example.ids.end());
        offsets.push_back(ids.size());
    }
    return {Array::from(times), Array::from(ids), Array::from(offsets)};
}

std::vector<SpikeTrain> spike_trains_of(const SpikeInput& input) {
    const char* where = "spike_trains_of";
    const std::vector<std::int64_t> offsets = input.offsets.to_i64();
    const std::vector<std::int64_t> ids = input.ids.to_i64();
    const std::vector<float> times = input.times_ms.to_f32();
    check_lengths(where, times.size(), ids.size());
    const bool ends_fit = !offsets.empty() && offsets.front() == 0 &&
                          offsets.back() == static_cast<std::int64_t>(ids.size()) &&
                          std::is_sorted(offsets.begin(), offsets.end());
    require(ends_fit, where, "the offsets do not ascend from 0 to the number of spikes, " + std::to_string(ids.size()),
            "give one offset per example and a last one");
    std::vector<SpikeTrain> examples(offsets.size() - 1);
    for (std::size_t e = 0; e < examples.size(); ++e) {
        for (auto i = static_cast<std::size_t>(offsets[e]); i < static_cast<std::size_t>(offsets[e + 1]); ++i) {
            require(ids[i] >= 0 && ids[i] <= std::int64_t{0xffffffffU}, where,
                    "spike " + std::to_string(i) + " has id " + std::to_string(ids[i]), "ids count from 0");
            examples[e].times_ms.push_back(times[i]);
            examples[e].ids.push_back(static_cast<std::uint32_t>(ids[i]));
        }
    }
    return examples;
}

std::size_t calc_max_spikes(std::span<const SpikeTrain> examples) {
    std::size_t most = 0;
    for (const SpikeTrain& example : examples) {
        most = std::max(most, example.ids.size());
    }
    return most;
}

float calc_latest_spike_time(std::span<const SpikeTrain> examples) {
    float latest = 0.0F;
    for (const SpikeTrain& example : examples) {
        for (const float time : example.times_ms) {
            latest = std::max(latest, time);
        }
    }
    return latest;
}

void check_max_spikes(std::span<const SpikeTrain> examples, std::size_t max_spikes, std::size_t batch_size) {
    require(batch_size > 0, "check_max_spikes", "the batch size is 0", "give the number of examples per batch");
    for (std::size_t begin = 0; begin < examples.size(); begin += batch_size) {
        const auto batch = examples.subspan(begin, std::min(batch_size, examples.size() - begin));
        std::size_t count = 0;
        for (const SpikeTrain& example : batch) {
            count += example.ids.size();
        }
        require(count <= max_spikes, "check_max_spikes",
                "examples " + std::to_string(begin) + " to " + std::to_string(begin + batch.size() - 1) + " have " +
                    std::to_string(count) + " spikes together, more than " + std::to_string(max_spikes),
                "raise max_spikes, or lower the batch size");
    }
}

}  // namespace mlgenn
