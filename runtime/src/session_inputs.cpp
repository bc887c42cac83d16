// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/session_inputs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/spike_events.h"

namespace mlgenn::runtime {

namespace {

/// Up to here float32 tells the times of steps apart, and predict() and sessions have one rule.
constexpr std::uint64_t last_single_precision_step = std::uint64_t{1} << 20;
/// Steps beyond this one cannot be reached, and could not be counted safely.
constexpr double most_future_step = 4611686018427387904.0;

[[noreturn]] void refuse(const std::string& where, std::string problem, std::string remedy) {
    throw DescriptionError(
        Diagnostic{.where = where, .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
}

std::string place_of(std::string_view population) {
    return "input '" + std::string(population) + "'";
}

void require_same_length(const std::string& where, std::size_t num_times, const char* what, std::size_t num_ids) {
    if (num_times != num_ids) {
        refuse(where, std::to_string(num_times) + " " + what + " and " + std::to_string(num_ids) + " ids found",
               std::string("give one of the ") + what + " for every id");
    }
}

void require_neurons(const std::string& where, std::span<const std::uint32_t> ids, std::uint32_t num_neurons) {
    const auto bad = std::find_if(ids.begin(), ids.end(), [=](std::uint32_t id) { return id >= num_neurons; });
    if (bad != ids.end()) {
        refuse(where,
               "event " + std::to_string(bad - ids.begin()) + " has id " + std::to_string(*bad) +
                   ", but the population has " + std::to_string(num_neurons) + " neurons",
               num_neurons == 0 ? "leave its events out" : "use ids from 0 to " + std::to_string(num_neurons - 1));
    }
}

std::size_t values_needed(const InputPlan& plan) {
    return std::size_t{plan.num_frames} * plan.num_neurons;
}

}  // namespace

SessionInputs::SessionInputs(const ExecutionPlan& plan, std::uint32_t most_steps, bool accept_late_events)
    : dt_ms_(plan.dt_ms), most_steps_(most_steps), accept_late_events_(accept_late_events) {
    for (const InputPlan& input : plan.inputs) {
        Channel& channel = channels_.emplace_back(input);
        if (input.kind == InputPlan::Kind::events) {
            channel.offsets.resize(std::size_t{most_steps_} + 1 + readable_padding);
            make_room(channel);
        }
    }
}

SessionInputs::Channel& SessionInputs::find(std::string_view population, InputPlan::Kind kind) {
    const auto found = std::find_if(channels_.begin(), channels_.end(),
                                    [&](const Channel& channel) { return channel.plan.population == population; });
    if (found == channels_.end()) {
        std::vector<std::string> known;
        for (const Channel& channel : channels_) {
            known.push_back(channel.plan.population);
        }
        refuse(place_of(population), "the network has no such input", "the inputs are: " + quoted_list(known));
    }
    if (found->plan.kind != kind) {
        const bool events = kind == InputPlan::Kind::events;
        refuse(place_of(population),
               events ? "spike events found, but the population's model takes values"
                      : "values found, but the population's model takes spike events",
               events ? "use set_values or push_frames" : "use push_events");
    }
    return *found;
}

/// So that taking events allocates nothing: a step has at most as many as there are neurons.
void SessionInputs::make_room(Channel& channel) const {
    const std::uint64_t most = std::uint64_t{most_steps_} * channel.plan.num_neurons;
    const std::uint64_t needed = std::min(most, channel.queue.size()) + readable_padding;
    if (channel.ids.capacity() < needed) {
        channel.ids.reserve(std::max<std::size_t>(needed, 2 * channel.ids.capacity()));
    }
}

void SessionInputs::push(Channel& channel, std::uint64_t position, std::span<const std::uint64_t> steps,
                         std::span<const std::uint32_t> ids) {
    const auto late = std::find_if(steps.begin(), steps.end(), [=](std::uint64_t step) { return step < position; });
    if (late != steps.end() && !accept_late_events_) {
        refuse(place_of(channel.plan.population),
               "event " + std::to_string(late - steps.begin()) + " is for step " + std::to_string(*late) +
                   ", but step " + std::to_string(position) + " is the next one",
               "push events before their step runs, or open the session with accept_late_events");
    }
    for (std::size_t k = 0; k < ids.size(); ++k) {
        channel.queue.push({.step = std::max(steps[k], position), .id = ids[k]});
    }
    make_room(channel);
}

void SessionInputs::push_events(std::string_view population, std::uint64_t position,
                                std::span<const std::uint64_t> steps, std::span<const std::uint32_t> ids) {
    Channel& channel = find(population, InputPlan::Kind::events);
    require_same_length(place_of(population), steps.size(), "steps", ids.size());
    require_neurons(place_of(population), ids, channel.plan.num_neurons);
    push(channel, position, steps, ids);
}

std::uint64_t SessionInputs::due_step(double time_ms, const std::string& where, std::size_t event) const {
    const double steps = std::ceil(time_ms / dt_ms_);
    if (!(steps < most_future_step)) {
        refuse(where, "event " + std::to_string(event) + " has time " + std::to_string(time_ms) + " ms",
               "give every event a finite time in ms");
    }
    auto step = steps > 0.0 ? static_cast<std::uint64_t>(steps) : 0;
    const bool single = step <= last_single_precision_step && std::isnormal(static_cast<float>(dt_ms_));
    const auto is_due = [&](std::uint64_t n) {
        return single ? static_cast<float>(n) * static_cast<float>(dt_ms_) >= static_cast<float>(time_ms)
                      : static_cast<double>(n) * dt_ms_ >= time_ms;
    };
    while (!is_due(step)) {
        ++step;
    }
    while (step > 0 && is_due(step - 1)) {
        --step;
    }
    return step;
}

void SessionInputs::push_events_ms(std::string_view population, std::uint64_t position,
                                   std::span<const double> times_ms, std::span<const std::uint32_t> ids) {
    Channel& channel = find(population, InputPlan::Kind::events);
    const std::string where = place_of(population);
    require_same_length(where, times_ms.size(), "times", ids.size());
    require_neurons(where, ids, channel.plan.num_neurons);
    std::vector<std::uint64_t> steps;
    steps.reserve(times_ms.size());
    for (std::size_t k = 0; k < times_ms.size(); ++k) {
        steps.push_back(due_step(times_ms[k], where, k));
    }
    push(channel, position, steps, ids);
}

void SessionInputs::push_spikes(std::string_view population, std::uint64_t position,
                                std::span<const std::uint32_t> ids) {
    Channel& channel = find(population, InputPlan::Kind::events);
    require_neurons(place_of(population), ids, channel.plan.num_neurons);
    for (const std::uint32_t id : ids) {
        channel.queue.push({.step = position, .id = id});
    }
    make_room(channel);
}

void SessionInputs::set_values(std::string_view population, std::uint64_t position, std::span<const float> values,
                               std::uint64_t step) {
    Channel& channel = find(population, InputPlan::Kind::values);
    const std::size_t num_neurons = channel.plan.num_neurons;
    const std::size_t needed = values_needed(channel.plan);
    if (values.size() != num_neurons && values.size() != needed) {
        refuse(place_of(population),
               std::to_string(values.size()) + " values found, but the population has " + std::to_string(num_neurons) +
                   " neurons" +
                   (needed == num_neurons ? "" : " and " + std::to_string(channel.plan.num_frames) + " frames"),
               needed == num_neurons ? "give one value per neuron"
                                     : "give one value per neuron, or " + std::to_string(needed) + " for all frames");
    }
    if (step < position) {
        refuse(
            place_of(population),
            "values for step " + std::to_string(step) + ", but step " + std::to_string(position) + " is the next one",
            "set values before their step runs");
    }
    std::vector<float> all;
    all.reserve(needed);
    while (all.size() < needed) {
        all.insert(all.end(), values.begin(), values.end());
    }
    channel.changes[step] = std::move(all);
}

void SessionInputs::push_frames(std::string_view population, std::uint64_t position, std::span<const float> frames,
                                std::uint32_t steps_per_frame) {
    const std::size_t num_neurons = find(population, InputPlan::Kind::values).plan.num_neurons;
    if (steps_per_frame == 0) {
        refuse(place_of(population), "steps_per_frame is 0", "let every frame hold for at least one step");
    }
    if (num_neurons == 0 || frames.size() % num_neurons != 0) {
        refuse(place_of(population),
               std::to_string(frames.size()) + " values found, which are no whole frames of " +
                   std::to_string(num_neurons) + " neurons",
               "give one value per neuron and frame");
    }
    for (std::size_t k = 0; k < frames.size() / num_neurons; ++k) {
        set_values(population, position, frames.subspan(k * num_neurons, num_neurons),
                   position + k * std::uint64_t{steps_per_frame});
    }
}

void SessionInputs::apply_changes(std::uint64_t position, StepRunner& runner) {
    for (Channel& channel : channels_) {
        while (!channel.changes.empty() && channel.changes.begin()->first <= position) {
            runner.write(channel.plan.workspace_offset, std::as_bytes(std::span(channel.changes.begin()->second)));
            channel.changes.erase(channel.changes.begin());
        }
    }
}

std::uint32_t SessionInputs::steps_without_change(std::uint64_t position, std::uint32_t most) const {
    std::uint64_t steps = most;
    for (const Channel& channel : channels_) {
        if (!channel.changes.empty()) {
            steps = std::min(steps, channel.changes.begin()->first - position);
        }
    }
    return static_cast<std::uint32_t>(steps);
}

void SessionInputs::take_events(std::uint64_t position, StepPiece& piece) {
    for (std::size_t k = 0; k < channels_.size(); ++k) {
        Channel& channel = channels_[k];
        if (channel.plan.kind != InputPlan::Kind::events) {
            continue;
        }
        channel.ids.clear();
        for (std::uint32_t step = 0; step < piece.num_steps; ++step) {
            channel.offsets[step] = static_cast<std::uint32_t>(channel.ids.size());
            channel.queue.take(position + step, channel.ids);
        }
        channel.offsets[piece.num_steps] = static_cast<std::uint32_t>(channel.ids.size());
        piece.event_offsets[k] = std::span(channel.offsets).first(std::size_t{piece.num_steps} + 1);
        piece.event_ids[k] = channel.ids;
    }
}

void SessionInputs::clear() {
    for (Channel& channel : channels_) {
        channel.queue.clear();
        channel.changes.clear();
    }
}

std::vector<PendingInput> SessionInputs::pending() const {
    std::vector<PendingInput> inputs;
    for (const Channel& channel : channels_) {
        inputs.push_back({channel.queue.sorted_events(), channel.queue.sorted_waiting(), channel.changes});
    }
    return inputs;
}

void SessionInputs::assign(std::vector<PendingInput> inputs) {
    for (std::size_t k = 0; k < channels_.size(); ++k) {
        channels_[k].queue.assign(std::move(inputs[k].events), inputs[k].waiting);
        channels_[k].changes = std::move(inputs[k].changes);
        make_room(channels_[k]);
    }
}

}  // namespace mlgenn::runtime
