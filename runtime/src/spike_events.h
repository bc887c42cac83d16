// SPDX-License-Identifier: Apache-2.0
// Spike events of one example, sorted into timesteps by the rules of mlGeNN's SpikeInput.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

/// Elements behind the last one that generated code may read (and ignores), so that it can load whole vectors.
constexpr std::size_t readable_padding = 16;

/// Step n's spikes are ids[offsets[n]] .. ids[offsets[n + 1] - 1], ascending and distinct.
struct StepEvents {
    std::span<const std::uint32_t> offsets;  ///< timesteps + 1
    std::span<const std::uint32_t> ids;
};

/// Which of the caller's events are being sorted: for error messages.
struct EventOrigin {
    std::size_t example = 0;
    std::size_t first_event = 0;  ///< position of the example's first event in the caller's arrays
};

/// What to tell somebody whose event `event` names neuron `id` ("-3", "700") of a population with fewer neurons.
[[nodiscard]] Diagnostic bad_event_id(std::string_view population, std::size_t example, std::size_t event,
                                      const std::string& id, std::uint32_t num_neurons);

/// An event with time x is due in the first step n with float32(n) * float32(dt) >= float32(x), so negative times are
/// due in step 0. A neuron spikes at most once per step; its surplus events wait for the next steps. What has not
/// been emitted by the last step is dropped.
/// Keeps its memory from one example to the next; use one object per thread.
class SpikeEventBinner {
public:
    SpikeEventBinner(std::string population, std::uint32_t num_neurons, std::uint32_t num_timesteps, double dt_ms);

    /// Makes room for examples of up to `num_events` events.
    void reserve(std::size_t num_events);

    /// `times_ms` and `ids` are one example's events in any order; sorted times are fastest. The result is valid until
    /// the next call. Throws DescriptionError for a NaN time or an id that is no neuron; the object stays usable.
    [[nodiscard]] StepEvents bin(std::span<const float> times_ms, std::span<const std::uint32_t> ids,
                                 EventOrigin origin);

private:
    [[nodiscard]] float time_of(std::size_t step) const { return static_cast<float>(step) * dt_; }
    [[nodiscard]] std::size_t due_step(float time) const;
    void check_times(std::span<const float> times, EventOrigin origin) const;
    void check_ids(std::span<const std::uint32_t> ids, EventOrigin origin) const;
    void find_due_steps(std::span<const float> times);
    void count_sorted(std::size_t num_events);
    void sort_by_step(std::span<const std::uint32_t> ids);
    void emit_steps(std::span<const std::uint32_t> ids_by_step);
    bool emit_few(std::span<const std::uint32_t> ids, std::size_t count, std::uint32_t* next) const;
    void add(std::uint32_t id);
    void add_waiting();
    std::uint32_t* emit_present(std::uint32_t* next);

    std::string population_;
    std::uint32_t num_neurons_;
    std::size_t num_timesteps_;
    float dt_;

    /// Entry n + 1: number of events due by the end of step n, then (in place) number of spikes emitted by then.
    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint32_t> ids_;
    // For unsorted times only.
    std::vector<std::uint32_t> steps_;
    std::vector<std::uint32_t> ids_by_step_;

    /// The step's spikes: a bit per neuron, and a bit per word of those that is not zero.
    std::vector<std::uint64_t> present_;
    std::vector<std::uint64_t> present_words_;
    /// Distinct neurons with surplus events, and how many each has.
    std::vector<std::uint32_t> waiting_;
    std::vector<std::uint32_t> waiting_before_;
    std::vector<std::uint32_t> num_waiting_;
};

}  // namespace mlgenn::runtime
