// SPDX-License-Identifier: Apache-2.0
// Values as spikes: latencies and rates.
#include <cmath>
#include <string>

#include "mlgenn/spike_data.h"
#include "runtime/src/random.h"
#include "runtime/src/spike_data/checks.h"

namespace mlgenn {

namespace {

using runtime::require;

std::size_t num_examples_of(const Array& values, const char* where) {
    require(values.shape().size() > 1, where,
            "the values have shape " + to_string(values.shape()) + ", expected (examples, neurons...)",
            "let the first dimension count examples");
    return values.shape()[0];
}

std::uint32_t num_neurons_of(const Array& values, const char* where) {
    const std::size_t count = num_elements(std::span(values.shape()).subspan(1));
    require(count > 0 && count <= 0x7fffffffU, where, "there are " + std::to_string(count) + " values per example",
            "give 1 to 2147483647");
    return static_cast<std::uint32_t>(count);
}

/// One spike for every value above the threshold, at `time_of(value)`.
template <class TimeOf>
SpikeInput latencies(const Array& values, std::uint8_t thresh, const char* where, const TimeOf& time_of) {
    require(values.dtype() == DType::u8, where,
            "the values are " + std::string(name_of(values.dtype())) + ", expected uint8", "scale them to 0 to 255");
    const std::size_t num_examples = num_examples_of(values, where);
    const std::uint32_t num_neurons = num_neurons_of(values, where);
    std::vector<SpikeTrain> examples(num_examples);
    const auto bytes = values.as<std::uint8_t>();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] > thresh) {
            SpikeTrain& example = examples[i / num_neurons];
            example.times_ms.push_back(static_cast<float>(time_of(static_cast<double>(bytes[i]))));
            example.ids.push_back(static_cast<std::uint32_t>(i % num_neurons));
        }
    }
    return spike_input_of(examples);
}

}  // namespace

SpikeInput linear_latency_encode_data(const Array& values, const LinearLatency& options) {
    const char* where = "linear_latency_encode_data";
    const double range = options.max_time_ms - options.min_time_ms;
    require(
        std::isfinite(static_cast<float>(options.max_time_ms)) &&
            std::isfinite(static_cast<float>(options.min_time_ms)) && range >= 0.0,
        where,
        "times go from " + std::to_string(options.min_time_ms) + " to " + std::to_string(options.max_time_ms) + " ms",
        "give a max_time that is not below min_time");
    return latencies(values, options.thresh, where,
                     [&](double value) { return (255.0 - value) / 255.0 * range + options.min_time_ms; });
}

SpikeInput log_latency_encode_data(const Array& values, const LogLatency& options) {
    const char* where = "log_latency_encode_data";
    require(std::isfinite(static_cast<float>(options.tau_eff_ms)) && options.tau_eff_ms > 0.0, where,
            "tau_eff is " + std::to_string(options.tau_eff_ms) + " ms, expected more than 0", "give tau_eff");
    const double thresh = options.thresh;
    return latencies(values, options.thresh, where,
                     [&](double value) { return options.tau_eff_ms * std::log(value / (value - thresh)); });
}

SpikeInput poisson_encode_data(const Array& values, const RateCode& options) {
    const char* where = "poisson_encode_data";
    require(options.num_timesteps > 0 && options.num_timesteps <= 1U << 24, where,
            "there are " + std::to_string(options.num_timesteps) + " timesteps, expected 1 to 16777216",
            "set num_timesteps");
    require(options.dt_ms > 0.0 && std::isfinite(options.dt_ms) && std::isfinite(options.scale), where,
            "dt is " + std::to_string(options.dt_ms) + " ms and scale " + std::to_string(options.scale),
            "give a dt above 0 and a finite scale");
    const std::size_t num_examples = num_examples_of(values, where);
    const std::uint32_t num_neurons = num_neurons_of(values, where);
    const auto key = runtime::philox_key(options.seed);
    const std::uint32_t stream = runtime::stream_of("poisson_encode_data");
    std::vector<SpikeTrain> examples(num_examples);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double rate = values.value(i) * options.scale;
        require(std::isfinite(rate), where, "value " + std::to_string(i) + " is not finite", "correct it");
        if (rate <= 0.0) {
            continue;
        }
        const double silence = std::exp(-rate * options.dt_ms);
        const auto example = static_cast<std::uint32_t>(i / num_neurons);
        const auto neuron = static_cast<std::uint32_t>(i % num_neurons);
        for (std::uint32_t step = 0; step < options.num_timesteps; ++step) {
            const auto words = runtime::philox4x32(key, {example, step, neuron, stream});
            if (runtime::uniform_from(words[0], words[1]) >= silence) {
                examples[example].times_ms.push_back(time_of_step(step, options.dt_ms));
                examples[example].ids.push_back(neuron);
            }
        }
    }
    return spike_input_of(examples);
}

}  // namespace mlgenn
