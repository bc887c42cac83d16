// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/event_queue.h"

#include <algorithm>
#include <utility>

namespace mlgenn::runtime {

namespace {

/// Orders a heap so that the earliest event is on top.
bool later(const TimedEvent& left, const TimedEvent& right) {
    return right < left;
}

}  // namespace

EventQueue::EventQueue(std::uint32_t num_neurons) : num_waiting_(num_neurons), spiked_(num_neurons) {
    waiting_.reserve(num_neurons);
    waiting_before_.reserve(num_neurons);
}

void EventQueue::push(TimedEvent event) {
    events_.push_back(event);
    std::push_heap(events_.begin(), events_.end(), later);
}

void EventQueue::take(std::uint64_t step, std::vector<std::uint32_t>& ids) {
    const std::size_t begin = ids.size();
    waiting_before_.swap(waiting_);
    waiting_.clear();
    for (const std::uint32_t id : waiting_before_) {
        spiked_[id] = step + 1;
        ids.push_back(id);
        --num_waiting_events_;
        if (--num_waiting_[id] != 0) {
            waiting_.push_back(id);
        }
    }
    // Events of a step leave the heap by ascending id: only neurons that have waited disturb the order.
    const bool sorted = waiting_before_.empty();
    while (!events_.empty() && events_.front().step <= step) {
        const std::uint32_t id = events_.front().id;
        std::pop_heap(events_.begin(), events_.end(), later);
        events_.pop_back();
        add(step, id, ids);
    }
    if (!sorted) {
        std::sort(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.end());
    }
}

void EventQueue::add(std::uint64_t step, std::uint32_t id, std::vector<std::uint32_t>& ids) {
    if (spiked_[id] == step + 1) {
        wait(id, 1);
        return;
    }
    spiked_[id] = step + 1;
    ids.push_back(id);
}

void EventQueue::wait(std::uint32_t id, std::uint64_t count) {
    if (num_waiting_[id] == 0) {
        waiting_.push_back(id);
    }
    num_waiting_[id] += count;
    num_waiting_events_ += count;
}

void EventQueue::clear() {
    assign({}, {});
}

std::vector<TimedEvent> EventQueue::sorted_events() const {
    std::vector<TimedEvent> events = events_;
    std::sort(events.begin(), events.end());
    return events;
}

std::vector<WaitingEvents> EventQueue::sorted_waiting() const {
    std::vector<WaitingEvents> waiting;
    for (const std::uint32_t id : waiting_) {
        waiting.push_back({id, num_waiting_[id]});
    }
    std::sort(waiting.begin(), waiting.end(),
              [](const WaitingEvents& left, const WaitingEvents& right) { return left.id < right.id; });
    return waiting;
}

void EventQueue::assign(std::vector<TimedEvent> events, std::span<const WaitingEvents> waiting) {
    // Ascending events are a heap already.
    events_ = std::move(events);
    for (const std::uint32_t id : waiting_) {
        num_waiting_[id] = 0;
    }
    waiting_.clear();
    num_waiting_events_ = 0;
    std::fill(spiked_.begin(), spiked_.end(), 0);
    for (const WaitingEvents& surplus : waiting) {
        wait(surplus.id, surplus.count);
    }
}

}  // namespace mlgenn::runtime
