// SPDX-License-Identifier: Apache-2.0
// Collects measurements and merges them.
#include "runtime/src/profile_track.h"

#include <algorithm>
#include <numeric>

namespace mlgenn::runtime {
namespace {

/// A time line of more is of no use to a reader.
constexpr std::size_t max_events_per_track = 20000;

void add_call(ProfileEntry& entry, double ms) {
    entry.min_ms = entry.calls == 0 ? ms : std::min(entry.min_ms, ms);
    entry.max_ms = std::max(entry.max_ms, ms);
    entry.total_ms += ms;
    ++entry.calls;
}

void merge(const ProfileEntry& from, ProfileEntry& into) {
    if (from.calls == 0) {
        return;
    }
    into.min_ms = into.calls == 0 ? from.min_ms : std::min(into.min_ms, from.min_ms);
    into.max_ms = std::max(into.max_ms, from.max_ms);
    into.total_ms += from.total_ms;
    into.calls += from.calls;
    into.bytes += from.bytes;
    into.synops += from.synops;
}

ProfileEntry& find_or_add(std::vector<ProfileEntry>& entries, const std::string& kind, const std::string& name) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const ProfileEntry& entry) {
        return entry.kind == kind && entry.name == name;
    });
    if (found != entries.end()) {
        return *found;
    }
    entries.push_back({.kind = kind, .name = name});
    return entries.back();
}

}  // namespace

void ProfileTrack::add_event(const std::string& kind, const std::string& name, ProfileSpan span) {
    if (events_.size() >= max_events_per_track) {
        ++events_left_out_;
        return;
    }
    events_.push_back(
        {.kind = kind, .name = name, .begin_ms = span.begin_ms, .duration_ms = span.end_ms - span.begin_ms});
}

void ProfileTrack::record(const std::string& kind, const std::string& name, ProfileSpan span, double bytes) {
    ProfileEntry& entry = find_or_add(entries_, kind, name);
    add_call(entry, span.end_ms - span.begin_ms);
    entry.bytes += bytes;
    add_event(kind, name, span);
}

void ProfileTrack::record_run(const ProfilePlan& plan, ProfileSpan span, std::span<const std::uint64_t> counters) {
    record("kernel", "run_network", span, 0.0);
    record_phases(plan, span, counters);
}

void ProfileTrack::record_phases(const ProfilePlan& plan, ProfileSpan span, std::span<const std::uint64_t> counters) {
    if (phases_.empty()) {
        for (const ProfilePlan::Phase& phase : plan.phases) {
            phases_.push_back({.kind = "phase", .name = phase.name + " " + phase.kind, .detail = phase.origin});
        }
        spikes_.resize(plan.sources.size());
    }
    const auto ticks = counters.first(plan.phases.size());
    const auto all_ticks = static_cast<double>(std::accumulate(ticks.begin(), ticks.end(), std::uint64_t{0}));
    const double ms_per_tick = all_ticks > 0.0 ? (span.end_ms - span.begin_ms) / all_ticks : 0.0;
    double begin = span.begin_ms;
    for (std::size_t k = 0; k < phases_.size(); ++k) {
        const double ms = static_cast<double>(ticks[k]) * ms_per_tick;
        add_call(phases_[k], ms);
        add_event("phase", phases_[k].name, {begin, begin + ms});
        begin += ms;
    }
    for (std::size_t s = 0; s < spikes_.size(); ++s) {
        spikes_[s] += counters[phases_.size() + s];
    }
}

void ProfileTrack::move_into(const ExecutionPlan& plan, std::uint32_t number, KernelProfile& profile) {
    for (std::size_t k = 0; k < phases_.size(); ++k) {
        for (const ProfilePlan::Delivery& delivery : plan.profile->phases[k].deliveries) {
            const auto spikes = static_cast<double>(spikes_[delivery.source]);
            phases_[k].synops += spikes * delivery.synapses_per_spike;
            phases_[k].bytes += spikes * delivery.weight_bytes_per_spike;
        }
    }
    for (const auto* entries : {&entries_, &phases_}) {
        for (const ProfileEntry& entry : *entries) {
            ProfileEntry& merged = find_or_add(profile.entries, entry.kind, entry.name);
            merged.detail = entry.detail;
            merge(entry, merged);
        }
    }
    for (ProfileEvent& event : events_) {
        event.track = number;
        profile.events.push_back(std::move(event));
    }
    profile.events_left_out += events_left_out_;
    *this = ProfileTrack();
}

KernelProfile merge_tracks(const ExecutionPlan& plan, const std::string& device,
                           std::span<ProfileTrack* const> tracks) {
    KernelProfile profile{.network = plan.network, .backend = plan.backend, .device = device};
    std::uint32_t number = 0;
    for (ProfileTrack* track : tracks) {
        track->move_into(plan, number++, profile);
    }
    const auto rank = [](const ProfileEntry& entry) {
        return entry.kind == "kernel" ? 0 : entry.kind == "copy" ? 1 : 2;
    };
    std::stable_sort(profile.entries.begin(), profile.entries.end(),
                     [&](const ProfileEntry& a, const ProfileEntry& b) { return rank(a) < rank(b); });
    return profile;
}

}  // namespace mlgenn::runtime
