// SPDX-License-Identifier: Apache-2.0
// Spike events of one endless input, handed out step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mlgenn::runtime {

struct TimedEvent {
    std::uint64_t step = 0;
    std::uint32_t id = 0;

    friend bool operator<(const TimedEvent& left, const TimedEvent& right) {
        return left.step != right.step ? left.step < right.step : left.id < right.id;
    }
    friend bool operator==(const TimedEvent&, const TimedEvent&) = default;
};

/// Surplus events of a neuron, which spikes at most once per step.
struct WaitingEvents {
    std::uint32_t id = 0;
    std::uint64_t count = 0;
};

/// Pushing may allocate, taking never does.
class EventQueue {
public:
    explicit EventQueue(std::uint32_t num_neurons);

    /// `step` is not less than the next one to be taken, and `id` is a neuron.
    void push(TimedEvent event);
    /// Appends the spikes of step `step` to `ids`, ascending and distinct. Steps are taken one after the other. `ids`
    /// has room for size() more elements.
    void take(std::uint64_t step, std::vector<std::uint32_t>& ids);
    void clear();

    /// Events that were pushed and not yet taken.
    [[nodiscard]] std::uint64_t size() const { return events_.size() + num_waiting_events_; }
    [[nodiscard]] std::vector<TimedEvent> sorted_events() const;
    [[nodiscard]] std::vector<WaitingEvents> sorted_waiting() const;
    /// Replaces everything. The events are sorted, as sorted_events() gives them, and ids are distinct in `waiting`.
    void assign(std::vector<TimedEvent> events, std::span<const WaitingEvents> waiting);

private:
    void add(std::uint64_t step, std::uint32_t id, std::vector<std::uint32_t>& ids);
    void wait(std::uint32_t id, std::uint64_t count);

    /// A heap whose top is the earliest event.
    std::vector<TimedEvent> events_{};
    /// Neurons with surplus events, in no order, and per neuron how many.
    std::vector<std::uint32_t> waiting_{};
    std::vector<std::uint32_t> waiting_before_{};
    std::vector<std::uint64_t> num_waiting_{};
    std::uint64_t num_waiting_events_ = 0;
    /// Per neuron: 1 + the step in which it spiked last.
    std::vector<std::uint64_t> spiked_{};
};

}  // namespace mlgenn::runtime
