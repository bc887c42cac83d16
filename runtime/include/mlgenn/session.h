// SPDX-License-Identifier: Apache-2.0
// A network that runs on and on: push input, take steps, read results, save and restore all of its state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/compiled_network.h"

namespace mlgenn {

class StepRunner;

struct SessionOptions {
    /// Steps after which readouts start afresh, as examples do in predict(). Unset: the compiled example_timesteps.
    /// 0: never, only at restart_readouts().
    std::optional<std::uint32_t> window{};
    /// `t`, which windows of readouts, `input_frames` and models see, is 0 again at the beginning of every window.
    /// False: it goes on. It starts again at 0 after 4294967295 steps in any case.
    bool reset_time = true;
    /// An event whose step has passed takes place in the next step. False: it is refused.
    bool accept_late_events = false;
    /// On a CPU, calls of step() with up to so many steps allocate no memory.
    std::uint32_t steps_per_call = 1;
};

/// Wall-clock time per step, measured around whole calls of step() and divided by their steps.
struct LatencyReport {
    std::uint64_t num_steps = 0;
    double min_us = 0.0;
    double mean_us = 0.0;
    double max_us = 0.0;
    double last_us = 0.0;
    /// Half, 90, 99 and 99.9 percent of the steps took at most so long; up to 6.25 % too high.
    double p50_us = 0.0;
    double p90_us = 0.0;
    double p99_us = 0.0;
    double p999_us = 0.0;
};

/// One endless run of one example: neurons, currents and spikes on their way last from step to step. Made by
/// CompiledNetwork::open_session(). It has state of its own and keeps the code loaded, so it may outlive the network;
/// any number of sessions may be alive, each used from one thread at a time. Steps count from 0 at the beginning of the
/// session. Populations, recordings and variables are named as in the description; unknown names, wrong sizes and ids
/// that are no neurons are DescriptionErrors and change nothing.
class Session {
public:
    /// See CompiledNetwork::open_session.
    Session(const ExecutionPlan& plan, std::unique_ptr<StepRunner> runner, const SessionOptions& options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    /// Spike events of an event input: neuron ids[k] in step steps[k], in any order. A neuron spikes at most once per
    /// step; its surplus events wait for the next steps.
    void push_events(std::string_view population, std::span<const std::uint64_t> steps,
                     std::span<const std::uint32_t> ids);
    /// The same with times in ms from the beginning of the session: an event is due in the first step n with
    /// n * dt >= time, compared in float32 as in predict() up to step 2^20, in double beyond.
    void push_events_ms(std::string_view population, std::span<const double> times_ms,
                        std::span<const std::uint32_t> ids);
    /// The step in which an event at this time is due, by that rule.
    [[nodiscard]] std::uint64_t step_of(double time_ms) const;
    /// Spikes in the next step.
    void push_spikes(std::string_view population, std::span<const std::uint32_t> ids);
    /// Values of a value input from `step` (unset: the next) on, until others take their place; 0 before the first. One
    /// value per neuron, or with `input_frames` F > 1 also (F, neurons), of which `t` chooses as in predict().
    void set_values(std::string_view population, std::span<const float> values, std::optional<std::uint64_t> step = {});
    /// Values (frames, neurons) of which each holds for `steps_per_frame` steps, beginning with the next step.
    void push_frames(std::string_view population, std::span<const float> frames, std::uint32_t steps_per_frame);

    /// Runs `num_steps` timesteps.
    void step(std::uint32_t num_steps = 1);

    /// Steps that were run: the number of the next one.
    [[nodiscard]] std::uint64_t position() const;
    [[nodiscard]] double time_ms() const;

    /// What the readout of `population` says of the current window's steps so far, in the readout's own type. A window
    /// that is full is replaced by the next one only when its first step runs.
    [[nodiscard]] Array output(std::string_view population) const;
    /// The same as float32 into the caller's memory, one element per neuron.
    void read_output(std::string_view population, std::span<float> values) const;
    /// The readout of the latest full window. Throws DescriptionError before there is one.
    [[nodiscard]] Array window_output(std::string_view population) const;
    [[nodiscard]] std::uint64_t windows_completed() const;
    /// Steps of the current window that were run.
    [[nodiscard]] std::uint64_t steps_in_window() const;
    /// Ends the current window, full or not, without counting it as completed.
    void restart_readouts();

    /// What the last call of step() recorded, by recording key: spikes with steps from 0 in that call, and traces
    /// (steps of the call, neurons). Valid until the next call that changes the session.
    [[nodiscard]] const SpikeRecord& spikes(std::string_view key) const;
    [[nodiscard]] std::span<const float> trace(std::string_view key) const;

    /// A state variable ("V", "RefracTime") of a population's neurons, or ("in_syn") of a connection's synapses.
    [[nodiscard]] Array variable(std::string_view owner, std::string_view name) const;
    void read_variable(std::string_view owner, std::string_view name, std::span<float> values) const;
    void set_variable(std::string_view owner, std::string_view name, std::span<const float> values);

    /// Back to the beginning: state, position, windows, pushed input and latency.
    void reset();

    /// Everything that decides how the session goes on, pushed input included; recordings and latency are left out.
    [[nodiscard]] std::vector<std::byte> snapshot() const;
    /// Goes on from where snapshot() was called, bit for bit, in any session of the same network compiled with the same
    /// options for the same kind of back end, also in another process. Bytes that are damaged or belong to something
    /// else are a DescriptionError and leave the session as it was.
    void restore(std::span<const std::byte> snapshot);

    [[nodiscard]] LatencyReport latency() const;
    void reset_latency();

    [[nodiscard]] const ExecutionPlan& plan() const;
    /// State of this session; code and constants are shared.
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mlgenn
