// SPDX-License-Identifier: Apache-2.0
// Spike events of one example, sorted into timesteps by the rules of mlGeNN's SpikeInput.
#include "runtime/src/spike_events.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace mlgenn::runtime {

namespace {

constexpr std::uint32_t word_bits = 64;

std::size_t words_for(std::size_t bits) {
    return (bits + word_bits - 1) / word_bits;
}

/// How much of the work has already been done by whoever wrote the events down.
struct Order {
    bool by_step = true;         ///< steps ascend
    bool by_step_and_id = true;  ///< and ids ascend strictly within a step
};

Order order_of(std::span<const std::uint32_t> steps, std::span<const std::uint32_t> ids) {
    std::uint32_t step_falls = 0;
    std::uint32_t id_falls = 0;
    for (std::size_t event = 1; event < ids.size(); ++event) {
        step_falls |= steps[event] < steps[event - 1] ? 1U : 0U;
        id_falls |= (steps[event] == steps[event - 1] ? 1U : 0U) & (ids[event] <= ids[event - 1] ? 1U : 0U);
    }
    return {.by_step = step_falls == 0, .by_step_and_id = (step_falls | id_falls) == 0};
}

/// Sorts `count` <= Lanes ids into `out` (which has room for Lanes + 1) without branches that depend on them: an id's
/// place is the number of smaller ones. Reads Lanes ids. Says false, with `out` in disorder, when two ids are equal.
template <std::uint32_t Lanes>
bool sort_distinct(const std::uint32_t* ids, std::uint32_t count, std::uint32_t* out) {
    constexpr std::int32_t behind_all = std::numeric_limits<std::int32_t>::max();
    std::int32_t key[Lanes];
    std::int32_t rank[Lanes] = {};
    for (std::uint32_t lane = 0; lane < Lanes; ++lane) {
        key[lane] = lane < count ? static_cast<std::int32_t>(ids[lane]) : behind_all;
    }
    for (std::uint32_t other = 0; other < Lanes; ++other) {
        for (std::uint32_t lane = 0; lane < Lanes; ++lane) {
            rank[lane] += key[other] < key[lane] ? 1 : 0;
        }
    }
    // Lanes without an id have rank `count`: they land behind the result, where the next step's ids follow.
    std::uint32_t rank_sum = 0;
    for (std::uint32_t lane = 0; lane < Lanes; ++lane) {
        rank_sum += static_cast<std::uint32_t>(rank[lane]);
        out[rank[lane]] = ids[lane];
    }
    return rank_sum == count * (Lanes - count) + count * (count - 1) / 2;
}

}  // namespace

Diagnostic bad_event_id(std::string_view population, std::size_t example, std::size_t event, const std::string& id,
                        std::uint32_t num_neurons) {
    return {
        .where = "input '" + std::string(population) + "'",
        .problem = "event " + std::to_string(event) + " (example " + std::to_string(example) + ") has id " + id +
                   ", but the population has " + std::to_string(num_neurons) + " neurons",
        .notes = {},
        .remedy = num_neurons == 0 ? "leave its events out" : "use ids from 0 to " + std::to_string(num_neurons - 1)};
}

SpikeEventBinner::SpikeEventBinner(std::string population, std::uint32_t num_neurons, std::uint32_t num_timesteps,
                                   double dt_ms)
    : population_(std::move(population)),
      num_neurons_(num_neurons),
      num_timesteps_(num_timesteps),
      dt_(static_cast<float>(dt_ms)),
      offsets_(num_timesteps_ + 1 + readable_padding),
      ids_(readable_padding),
      present_(words_for(num_neurons)),
      present_words_(words_for(present_.size())),
      num_waiting_(num_neurons) {}

void SpikeEventBinner::reserve(std::size_t num_events) {
    if (ids_.size() < num_events + readable_padding) {
        ids_.resize(num_events + readable_padding);
    }
}

StepEvents SpikeEventBinner::bin(std::span<const float> times_ms, std::span<const std::uint32_t> ids,
                                 EventOrigin origin) {
    check_times(times_ms, origin);
    check_ids(ids, origin);
    reserve(ids.size());
    find_due_steps(times_ms);
    const Order order = order_of(steps_, ids);
    if (order.by_step) {
        count_sorted(ids.size());
    } else {
        sort_by_step(ids);
    }
    if (order.by_step_and_id) {
        std::copy(ids.begin(), ids.end(), ids_.begin());
    } else {
        emit_steps(order.by_step ? ids : std::span<const std::uint32_t>(ids_by_step_).first(ids.size()));
    }
    const std::span<const std::uint32_t> offsets(offsets_.data(), num_timesteps_ + 1);
    return {offsets, {ids_.data(), offsets.back()}};
}

void SpikeEventBinner::check_times(std::span<const float> times, EventOrigin origin) const {
    std::uint32_t any_nan = 0;
    for (const float time : times) {
        any_nan |= time != time ? 1U : 0U;
    }
    if (any_nan == 0) {
        return;
    }
    const auto bad = std::find_if(times.begin(), times.end(), [](float time) { return std::isnan(time); });
    const std::size_t event = origin.first_event + static_cast<std::size_t>(bad - times.begin());
    throw DescriptionError(Diagnostic{
        .where = "input '" + population_ + "'",
        .problem = "event " + std::to_string(event) + " (example " + std::to_string(origin.example) + ") has time NaN",
        .notes = {},
        .remedy = "give every event a time in ms"});
}

void SpikeEventBinner::check_ids(std::span<const std::uint32_t> ids, EventOrigin origin) const {
    std::uint32_t largest = 0;
    for (const std::uint32_t id : ids) {
        largest = std::max(largest, id);
    }
    if (ids.empty() || largest < num_neurons_) {
        return;
    }
    const auto bad = std::find_if(ids.begin(), ids.end(), [this](std::uint32_t id) { return id >= num_neurons_; });
    const std::size_t event = origin.first_event + static_cast<std::size_t>(bad - ids.begin());
    throw DescriptionError(bad_event_id(population_, origin.example, event, std::to_string(*bad), num_neurons_));
}

void SpikeEventBinner::find_due_steps(std::span<const float> times) {
    steps_.resize(std::max(steps_.size(), times.size()));
    // Below this many steps a quotient in float32 is wrong by less than one, however dt and the time are rounded: the
    // answer is one of four steps, and the comparison that defines it decides. No branches: this loop is vectorised.
    constexpr std::size_t most_steps = std::size_t{1} << 20;
    if (num_timesteps_ <= most_steps) {
        const float per_step = 1.0F / dt_;
        const auto last = static_cast<float>(num_timesteps_);
        const auto num_steps = static_cast<std::int32_t>(num_timesteps_);
        for (std::size_t event = 0; event < times.size(); ++event) {
            const float time = times[event];
            float quotient = time * per_step;
            quotient = quotient > 1.0F ? quotient : 1.0F;
            quotient = quotient < last ? quotient : last;
            const std::int32_t lowest = static_cast<std::int32_t>(quotient) - 1;
            std::int32_t step = lowest;
            for (std::int32_t candidate = lowest; candidate < lowest + 3; ++candidate) {
                step += static_cast<float>(candidate) * dt_ < time ? 1 : 0;
            }
            steps_[event] = static_cast<std::uint32_t>(step < num_steps ? step : num_steps);
        }
        return;
    }
    for (std::size_t event = 0; event < times.size(); ++event) {
        steps_[event] = static_cast<std::uint32_t>(due_step(times[event]));
    }
}

void SpikeEventBinner::count_sorted(std::size_t num_events) {
    std::fill(offsets_.begin(), offsets_.end(), 0);
    for (std::size_t event = 0; event < num_events; ++event) {
        offsets_[steps_[event] + 1] = static_cast<std::uint32_t>(event + 1);
    }
    std::uint32_t end = 0;
    for (std::size_t step = 0; step < num_timesteps_; ++step) {
        end = std::max(end, offsets_[step + 1]);
        offsets_[step + 1] = end;
    }
}

std::size_t SpikeEventBinner::due_step(float time) const {
    if (!(time > 0.0F)) {
        return 0;
    }
    if (time_of(num_timesteps_ - 1) < time) {
        return num_timesteps_;
    }
    const double quotient = std::ceil(static_cast<double>(time) / static_cast<double>(dt_));
    std::size_t step = static_cast<std::size_t>(std::min(quotient, static_cast<double>(num_timesteps_ - 1)));
    while (time_of(step) < time) {
        ++step;
    }
    while (step > 0 && time_of(step - 1) >= time) {
        --step;
    }
    return step;
}

void SpikeEventBinner::sort_by_step(std::span<const std::uint32_t> ids) {
    ids_by_step_.resize(std::max(ids_by_step_.size(), ids.size()));
    std::fill(offsets_.begin(), offsets_.end(), 0);
    for (std::size_t event = 0; event < ids.size(); ++event) {
        ++offsets_[steps_[event] + 1];
    }
    std::uint32_t begin = 0;
    for (std::size_t step = 0; step <= num_timesteps_; ++step) {
        begin += std::exchange(offsets_[step + 1], begin);
    }
    // Entry step + 1 moves from where the step's events begin to where they end.
    for (std::size_t event = 0; event < ids.size(); ++event) {
        ids_by_step_[offsets_[steps_[event] + 1]++] = ids[event];
    }
}

void SpikeEventBinner::emit_steps(std::span<const std::uint32_t> ids_by_step) {
    std::uint32_t* next = ids_.data();
    std::size_t event = 0;
    offsets_[0] = 0;
    for (std::size_t step = 0; step < num_timesteps_; ++step) {
        const std::size_t end = offsets_[step + 1];
        if (waiting_.empty() && emit_few(ids_by_step.subspan(event), end - event, next)) {
            next += end - event;
        } else {
            add_waiting();
            for (const std::uint32_t id : ids_by_step.subspan(event, end - event)) {
                add(id);
            }
            next = emit_present(next);
        }
        event = end;
        offsets_[step + 1] = static_cast<std::uint32_t>(next - ids_.data());
    }
    for (const std::uint32_t id : waiting_) {
        num_waiting_[id] = 0;
    }
    waiting_.clear();
}

bool SpikeEventBinner::emit_few(std::span<const std::uint32_t> ids, std::size_t count, std::uint32_t* next) const {
    if (count == 0) {
        return true;
    }
    if (num_neurons_ > std::uint32_t{std::numeric_limits<std::int32_t>::max()}) {
        return false;
    }
    if (count <= 8 && ids.size() >= 8) {
        return sort_distinct<8>(ids.data(), static_cast<std::uint32_t>(count), next);
    }
    if (count <= 12 && ids.size() >= 12) {
        return sort_distinct<12>(ids.data(), static_cast<std::uint32_t>(count), next);
    }
    if (count <= 16 && ids.size() >= 16) {
        return sort_distinct<16>(ids.data(), static_cast<std::uint32_t>(count), next);
    }
    return false;
}

void SpikeEventBinner::add(std::uint32_t id) {
    const std::size_t word = id / word_bits;
    const std::uint64_t bit = std::uint64_t{1} << (id % word_bits);
    if ((present_[word] & bit) != 0) [[unlikely]] {
        if (num_waiting_[id]++ == 0) {
            waiting_.push_back(id);
        }
        return;
    }
    present_[word] |= bit;
    present_words_[word / word_bits] |= std::uint64_t{1} << (word % word_bits);
}

void SpikeEventBinner::add_waiting() {
    waiting_before_.swap(waiting_);
    waiting_.clear();
    for (const std::uint32_t id : waiting_before_) {
        add(id);
        if (--num_waiting_[id] != 0) {
            waiting_.push_back(id);
        }
    }
}

std::uint32_t* SpikeEventBinner::emit_present(std::uint32_t* next) {
    for (std::size_t group = 0; group < present_words_.size(); ++group) {
        for (std::uint64_t words = std::exchange(present_words_[group], 0); words != 0; words &= words - 1) {
            const std::size_t word = group * word_bits + static_cast<std::size_t>(std::countr_zero(words));
            const auto first = static_cast<std::uint32_t>(word * word_bits);
            for (std::uint64_t bits = std::exchange(present_[word], 0); bits != 0; bits &= bits - 1) {
                *next++ = first + static_cast<std::uint32_t>(std::countr_zero(bits));
            }
        }
    }
    return next;
}

}  // namespace mlgenn::runtime
