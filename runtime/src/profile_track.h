// SPDX-License-Identifier: Apache-2.0
// Collects measurements of one thread or device, and merges those of several into a report.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "mlgenn/profile.h"

namespace mlgenn::runtime {

/// Milliseconds since it was made.
class ProfileClock {
public:
    [[nodiscard]] double milliseconds() const {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

struct ProfileSpan {
    double begin_ms = 0.0;
    double end_ms = 0.0;
};

/// Used by one thread at a time.
class ProfileTrack {
public:
    void record(const std::string& kind, const std::string& name, ProfileSpan span, double bytes);
    /// One call of the network's code: its time is shared out over the phases as the counted ticks say.
    void record_run(const ProfilePlan& plan, ProfileSpan span, std::span<const std::uint64_t> counters);
    /// The phases of a call that was recorded already, for a batch of examples whose counters are added up.
    void record_phases(const ProfilePlan& plan, ProfileSpan span, std::span<const std::uint64_t> counters);

    /// Adds everything to `profile` as track `number`, and forgets it.
    void move_into(const ExecutionPlan& plan, std::uint32_t number, KernelProfile& profile);

private:
    void add_event(const std::string& kind, const std::string& name, ProfileSpan span);

    std::vector<ProfileEntry> entries_{};
    std::vector<ProfileEntry> phases_{};
    std::vector<std::uint64_t> spikes_{};
    std::vector<ProfileEvent> events_{};
    std::uint64_t events_left_out_ = 0;
};

/// The report of all tracks, which are empty afterwards.
[[nodiscard]] KernelProfile merge_tracks(const ExecutionPlan& plan, const std::string& device,
                                         std::span<ProfileTrack* const> tracks);

}  // namespace mlgenn::runtime
