// SPDX-License-Identifier: Apache-2.0
// What was pushed into a session and waits for its step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"
#include "runtime/src/event_queue.h"

namespace mlgenn::runtime {

/// Of one input, for snapshots.
struct PendingInput {
    std::vector<TimedEvent> events{};
    std::vector<WaitingEvents> waiting{};
    /// Values by the step from which they hold.
    std::map<std::uint64_t, std::vector<float>> changes{};
};

/// Throws DescriptionError, and takes nothing, for input that does not fit. `position` is the session's next step.
class SessionInputs {
public:
    SessionInputs(const ExecutionPlan& plan, std::uint32_t most_steps, bool accept_late_events);

    void push_events(std::string_view population, std::uint64_t position, std::span<const std::uint64_t> steps,
                     std::span<const std::uint32_t> ids);
    void push_events_ms(std::string_view population, std::uint64_t position, std::span<const double> times_ms,
                        std::span<const std::uint32_t> ids);
    /// `where` and `event` stand in the message about a time that is none.
    [[nodiscard]] std::uint64_t due_step(double time_ms, const std::string& where, std::size_t event) const;
    void push_spikes(std::string_view population, std::uint64_t position, std::span<const std::uint32_t> ids);
    void set_values(std::string_view population, std::uint64_t position, std::span<const float> values,
                    std::uint64_t step);
    void push_frames(std::string_view population, std::uint64_t position, std::span<const float> frames,
                     std::uint32_t steps_per_frame);

    /// Writes values that hold from `position` on to their places.
    void apply_changes(std::uint64_t position, StepRunner& runner);
    /// Steps from `position` that no values change in between, at most `most`.
    [[nodiscard]] std::uint32_t steps_without_change(std::uint64_t position, std::uint32_t most) const;
    /// Takes the events of the piece's steps, at most `most_steps`.
    void take_events(std::uint64_t position, StepPiece& piece);

    void clear();
    [[nodiscard]] std::vector<PendingInput> pending() const;
    /// One per InputPlan; ids and sizes fit the plan.
    void assign(std::vector<PendingInput> inputs);

private:
    struct Channel {
        explicit Channel(const InputPlan& input_plan) : plan(input_plan), queue(input_plan.num_neurons) {}

        InputPlan plan;
        EventQueue queue;
        std::vector<std::uint32_t> offsets{};
        std::vector<std::uint32_t> ids{};
        std::map<std::uint64_t, std::vector<float>> changes{};
    };

    [[nodiscard]] Channel& find(std::string_view population, InputPlan::Kind kind);
    void push(Channel& channel, std::uint64_t position, std::span<const std::uint64_t> steps,
              std::span<const std::uint32_t> ids);
    void make_room(Channel& channel) const;

    double dt_ms_;
    std::uint32_t most_steps_;
    bool accept_late_events_;
    std::vector<Channel> channels_{};
};

}  // namespace mlgenn::runtime
