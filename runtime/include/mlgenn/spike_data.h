// SPDX-License-Identifier: Apache-2.0
// Making spike inputs: from lists of events, from event cameras and microphones, and by encoding values (docs/data.md).
// Every function throws DescriptionError for data that cannot be meant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/inputs.h"

namespace mlgenn {

/// The spikes of one example: neuron `ids[i]` spikes at `times_ms[i]`.
struct SpikeTrain {
    std::vector<float> times_ms{};
    std::vector<std::uint32_t> ids{};
};

/// The first step n with float32(n) * float32(dt_ms) >= time_ms: the one in which spike_input emits the spike. Throws
/// for NaN, infinity and steps beyond 2^31.
[[nodiscard]] std::uint32_t effective_step(float time_ms, double dt_ms);
/// The time float32(step) * float32(dt_ms), whose effective step is `step`. A time computed in double can be rounded to
/// one that is a step later: with dt = 0.7, 20 % of them are.
[[nodiscard]] float time_of_step(std::uint32_t step, double dt_ms);

/// Sorted by neuron, then by time; spikes of one neuron and time keep their order.
[[nodiscard]] SpikeTrain preprocess_spikes(std::span<const double> times_ms, std::span<const std::uint32_t> ids,
                                           std::uint32_t num_neurons);
/// The same from steps, which become times that are due in exactly these steps.
[[nodiscard]] SpikeTrain spikes_from_steps(std::span<const std::uint32_t> steps, std::span<const std::uint32_t> ids,
                                           std::uint32_t num_neurons, double dt_ms);

/// Width, height and number of polarities of a sensor. One-dimensional sensors have height 1.
struct SensorShape {
    std::uint32_t width = 1;
    std::uint32_t height = 1;
    std::uint32_t polarities = 1;
};

/// Events of a sensor. `y` may be empty for one-dimensional sensors, `p` for sensors with one polarity.
struct SensorEvents {
    std::vector<double> t{};
    std::vector<std::uint32_t> x{};
    std::vector<std::uint32_t> y{};
    std::vector<std::uint32_t> p{};
};

/// Columns of an array (events, fields) by their letters: "txyp" for t, x, y, p. t, x and p are needed.
[[nodiscard]] SensorEvents sensor_events(const Array& rows, std::string_view ordering);

struct SensorOptions {
    /// Milliseconds per unit of `t`; microseconds as they come.
    double time_scale = 1.0 / 1000.0;
    /// Set: one spike per neuron and bin of `dt_ms` that holds at least so many events, at the bin's beginning.
    std::optional<std::uint32_t> histogram_thresh{};
    double dt_ms = 1.0;
};

/// Neuron p + x P + y W P: a population of shape (height, width, polarities), or (width, polarities), or (height,
/// width).
[[nodiscard]] SpikeTrain preprocess_tonic_spikes(const SensorEvents& events, const SensorShape& shape,
                                                 const SensorOptions& options = {});
/// One train per polarity, neuron x + y W in each. Needs at least two polarities.
[[nodiscard]] std::vector<SpikeTrain> preprocess_tonic_spikes_separate(const SensorEvents& events,
                                                                       const SensorShape& shape,
                                                                       const SensorOptions& options = {});

/// What becomes of several spikes of one neuron in one step.
enum class Duplicates : std::uint8_t {
    postpone,  ///< spike_input emits the surplus in the following steps, as in mlGeNN
    drop,      ///< only the first is kept
    refuse,    ///< an error
};
[[nodiscard]] SpikeTrain with_duplicates(const SpikeTrain& spikes, Duplicates rule, double dt_ms);

/// Examples one after the other, as predict() takes them, and back.
[[nodiscard]] SpikeInput spike_input_of(std::span<const SpikeTrain> examples);
[[nodiscard]] std::vector<SpikeTrain> spike_trains_of(const SpikeInput& input);

/// Spikes of the example that has most of them; the latest time of all (0 without spikes).
[[nodiscard]] std::size_t calc_max_spikes(std::span<const SpikeTrain> examples);
[[nodiscard]] float calc_latest_spike_time(std::span<const SpikeTrain> examples);
/// Throws when `batch_size` consecutive examples have more than `max_spikes` spikes, as mlGeNN's SpikeInput would.
/// Compiled networks themselves have no such limit.
void check_max_spikes(std::span<const SpikeTrain> examples, std::size_t max_spikes, std::size_t batch_size);

struct LinearLatency {
    double max_time_ms = 0.0;
    double min_time_ms = 0.0;
    /// Values up to it do not spike.
    std::uint8_t thresh = 1;
};
/// `values` is u8 (examples, ...): neuron i spikes once, at (255 - value) / 255 * (max - min) + min, if value > thresh.
[[nodiscard]] SpikeInput linear_latency_encode_data(const Array& values, const LinearLatency& options);

struct LogLatency {
    double tau_eff_ms = 0.0;
    std::uint8_t thresh = 0;
};
/// `values` is u8 (examples, ...): neuron i spikes once, at tau_eff ln(value / (value - thresh)), if value > thresh.
[[nodiscard]] SpikeInput log_latency_encode_data(const Array& values, const LogLatency& options);

struct RateCode {
    std::uint32_t num_timesteps = 0;
    double dt_ms = 1.0;
    /// Spikes per ms of a value of 1.
    double scale = 1.0;
    std::uint64_t seed = 0;
};
/// `values` is (examples, ...): in every step neuron i spikes with probability 1 - exp(-value scale dt), never for
/// values up to 0. A draw depends on seed, example, step and neuron alone.
[[nodiscard]] SpikeInput poisson_encode_data(const Array& values, const RateCode& options);

/// The first round((1 - fraction) n) examples, half to even, and the rest. `fraction` is from 0 to 1; all inputs (or
/// targets) have the same number of examples.
[[nodiscard]] std::pair<Inputs, Inputs> split_dataset(const Inputs& inputs, double fraction);
[[nodiscard]] std::pair<Targets, Targets> split_dataset(const Targets& targets, double fraction);

struct YinYangOptions {
    std::size_t size = 0;
    /// Latency of a coordinate of 1.
    double scale_ms = 0.0;
    double offset_ms = 0.0;
    /// The first input neuron spikes at the offset, in every example.
    bool bias = true;
    double r_small = 0.1;
    double r_big = 0.5;
    std::uint64_t seed = 0;
};
struct LabelledSpikes {
    SpikeInput spikes{};
    /// u8: 0 yin, 1 yang, 2 dot.
    Array labels{};
};
/// The task of Kriener, Goeltz and Petrovici (2022): points in a disc as latencies of (bias,) x, y, 1 - x and 1 - y.
/// Classes are drawn evenly, then points until one is in the class.
[[nodiscard]] LabelledSpikes generate_yin_yang_dataset(const YinYangOptions& options);

}  // namespace mlgenn
