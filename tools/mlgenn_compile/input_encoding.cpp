// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/input_encoding.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "compiler/description/suggestions.h"
#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"
#include "mlgenn/network_io.h"
#include "mlgenn/spike_data.h"
#include "tools/mlgenn_compile/data_arguments.h"

namespace mlgenn::cli {
namespace {

/// "linear_latency:max_time=20,thresh=1".
struct Encoding {
    std::string name;
    std::map<std::string, double> numbers;
};

[[noreturn]] void refuse(const NamedText& entry, const std::string& problem, const std::string& remedy) {
    throw DescriptionError(Diagnostic{entry.option, problem, {}, remedy});
}

Encoding parse_encoding(const NamedText& entry) {
    const std::size_t colon = std::min(entry.text.find(':'), entry.text.size());
    Encoding encoding{entry.text.substr(0, colon), {}};
    std::size_t at = colon + 1;
    while (at < entry.text.size()) {
        const std::size_t end = std::min(entry.text.find(',', at), entry.text.size());
        const std::string part = entry.text.substr(at, end - at);
        const std::size_t equals = part.find('=');
        double value = 0.0;
        const char* last = part.data() + part.size();
        const auto result = equals == std::string::npos
                                ? std::from_chars_result{part.data(), std::errc::invalid_argument}
                                : std::from_chars(part.data() + equals + 1, last, value);
        if (result.ec != std::errc() || result.ptr != last || !std::isfinite(value)) {
            refuse(entry, "found '" + part + "', expected KEY=NUMBER", "write linear_latency:max_time=20,thresh=1");
        }
        encoding.numbers[part.substr(0, equals)] = value;
        at = end + 1;
    }
    return encoding;
}

/// Takes numbers by name; what is left over was misspelt.
class Numbers {
public:
    Numbers(const NamedText& entry, std::map<std::string, double> numbers)
        : entry_(entry), numbers_(std::move(numbers)) {}

    double take(const std::string& name, std::optional<double> fallback) {
        known_.push_back(name);
        const auto found = numbers_.find(name);
        if (found == numbers_.end()) {
            if (!fallback) {
                refuse(entry_, "'" + entry_.text + "' has no " + name, "add " + name + "=NUMBER");
            }
            return *fallback;
        }
        const double value = found->second;
        numbers_.erase(found);
        return value;
    }

    std::uint8_t take_byte(const std::string& name, double fallback) {
        const double value = take(name, fallback);
        if (!(value >= 0.0 && value <= 255.0 && std::trunc(value) == value)) {
            refuse(entry_, name + " is not a whole number from 0 to 255", "correct it");
        }
        return static_cast<std::uint8_t>(value);
    }

    void finish() const {
        if (!numbers_.empty()) {
            refuse(entry_, "there is no '" + numbers_.begin()->first + "'",
                   description::suggestion(numbers_.begin()->first, known_, "the keys are"));
        }
    }

private:
    const NamedText& entry_;
    std::map<std::string, double> numbers_;
    std::vector<std::string> known_;
};

SpikeInput encode(const DenseInput& dense, const NamedText& entry, const NetworkSetup& setup) {
    const Encoding encoding = parse_encoding(entry);
    Numbers numbers(entry, encoding.numbers);
    if (encoding.name == "linear_latency") {
        LinearLatency options;
        options.max_time_ms = numbers.take("max_time", std::nullopt);
        options.min_time_ms = numbers.take("min_time", 0.0);
        options.thresh = numbers.take_byte("thresh", 1.0);
        numbers.finish();
        return linear_latency_encode_data(dense.values, options);
    }
    if (encoding.name == "log_latency") {
        LogLatency options;
        options.tau_eff_ms = numbers.take("tau_eff", std::nullopt);
        options.thresh = numbers.take_byte("thresh", 51.0);
        numbers.finish();
        return log_latency_encode_data(dense.values, options);
    }
    if (encoding.name == "poisson") {
        RateCode options{.num_timesteps = setup.options.example_timesteps,
                         .dt_ms = setup.options.dt,
                         .seed = setup.options.rng_seed};
        options.scale = numbers.take("scale", 1.0) * dense.scale;
        numbers.finish();
        return poisson_encode_data(dense.values, options);
    }
    const std::vector<std::string> known = {"linear_latency", "log_latency", "poisson"};
    refuse(entry, "there is no code '" + encoding.name + "'",
           description::suggestion(encoding.name, known, "the codes are"));
}

SensorShape sensor_shape_of(const Population& population) {
    const Shape& shape = population.shape;
    const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(shape.at(i)); };
    if (shape.size() == 3) {
        return {.width = at(1), .height = at(0), .polarities = at(2)};
    }
    if (shape.size() == 2) {
        return {.width = at(1), .height = at(0), .polarities = 1};
    }
    return {.width = at(0), .height = 1, .polarities = 1};
}

std::vector<std::uint32_t> column(const Array& array, std::size_t begin, std::size_t end, const std::string& where) {
    std::vector<std::uint32_t> values;
    for (std::size_t i = begin; i < end; ++i) {
        const double value = array.value(i);
        if (!(value >= 0.0 && value <= 4294967295.0 && std::trunc(value) == value)) {
            throw DescriptionError(
                Diagnostic{where, "element " + std::to_string(i) + " is no whole number from 0 on", {}, "correct it"});
        }
        values.push_back(static_cast<std::uint32_t>(value));
    }
    return values;
}

/// Population (height, width, polarities), (height, width) or (width): one-dimensional sensors leave y out.
SpikeInput read_sensor(const NamedText& entry, const Population& population, const DataSettings& data,
                       const NetworkSetup& setup) {
    const auto read = [&](const char* member) {
        ReadOptions options;
        options.allow_outside_paths = true;
        return load_npz(entry.text, member, options);
    };
    const SensorShape shape = sensor_shape_of(population);
    const Array t = read("t");
    const Array x = read("x");
    const Array y = shape.height > 1 ? read("y") : Array();
    const Array p = shape.polarities > 1 ? read("p") : Array();
    const std::vector<std::int64_t> offsets = read("offsets").to_i64();
    const SensorOptions options{
        .time_scale = data.time_scale, .histogram_thresh = data.histogram_thresh, .dt_ms = setup.options.dt};
    std::vector<SpikeTrain> examples;
    for (std::size_t e = 0; e + 1 < offsets.size(); ++e) {
        const auto begin = static_cast<std::size_t>(offsets[e]);
        const auto end = static_cast<std::size_t>(offsets[e + 1]);
        const bool fits = offsets[e] >= 0 && offsets[e] <= offsets[e + 1] && end <= t.size() && end <= x.size() &&
                          (y.empty() || end <= y.size()) && (p.empty() || end <= p.size());
        if (!fits) {
            refuse(entry,
                   "offsets " + std::to_string(offsets[e]) + " and " + std::to_string(offsets[e + 1]) + " do not fit " +
                       std::to_string(t.size()) + " events",
                   "let offsets ascend from 0 to the number of events, and give t, x, y and p the same length");
        }
        SensorEvents events;
        for (std::size_t i = begin; i < end; ++i) {
            events.t.push_back(t.value(i));
        }
        events.x = column(x, begin, end, entry.text + ":x");
        events.y = y.empty() ? std::vector<std::uint32_t>() : column(y, begin, end, entry.text + ":y");
        events.p = p.empty() ? std::vector<std::uint32_t>() : column(p, begin, end, entry.text + ":p");
        examples.push_back(preprocess_tonic_spikes(events, shape, options));
    }
    return spike_input_of(examples);
}

/// Times that count steps become times that are due in them.
std::vector<SpikeTrain> from_steps(const std::vector<SpikeTrain>& examples, const NetworkSetup& setup,
                                   const std::string& name) {
    const auto num_neurons = static_cast<std::uint32_t>(num_elements(setup.network.find_population(name)->shape));
    std::vector<SpikeTrain> result;
    for (const SpikeTrain& example : examples) {
        std::vector<std::uint32_t> steps;
        for (const float time : example.times_ms) {
            if (!(time >= 0.0F && time < 4294967040.0F && std::trunc(time) == time)) {
                throw DescriptionError(Diagnostic{"--time-unit",
                                                  "input '" + name + "' has a spike in step " + std::to_string(time) +
                                                      ", expected whole numbers from 0 on",
                                                  {},
                                                  "leave --time-unit out for times in ms"});
            }
            steps.push_back(static_cast<std::uint32_t>(time));
        }
        result.push_back(spikes_from_steps(steps, example.ids, num_neurons, setup.options.dt));
    }
    return result;
}

/// What --time-unit, --duplicates and --max-spikes ask for.
SpikeInput prepared(const SpikeInput& input, const DataSettings& data, const NetworkSetup& setup,
                    const std::string& name, bool has_steps) {
    const bool keeps_duplicates = data.duplicates == "postpone";
    if (!has_steps && keeps_duplicates && !data.max_spikes) {
        return input;
    }
    std::vector<SpikeTrain> examples = spike_trains_of(input);
    if (has_steps) {
        examples = from_steps(examples, setup, name);
    }
    const Duplicates rule = data.duplicates == "drop" ? Duplicates::drop : Duplicates::refuse;
    for (SpikeTrain& example : examples) {
        example = keeps_duplicates ? example : with_duplicates(example, rule, setup.options.dt);
    }
    if (data.max_spikes) {
        check_max_spikes(examples, static_cast<std::size_t>(*data.max_spikes), setup.options.batch_size);
    }
    return spike_input_of(examples);
}

}  // namespace

Inputs read_prepared_inputs(const DataSettings& data, const NetworkSetup& setup) {
    const std::vector<std::string> names = input_populations(setup.network);
    Inputs sensors;
    for (const auto& [name, entry] : by_population(data.sensor_events, names, "input")) {
        sensors.emplace(name, read_sensor(entry, *setup.network.find_population(name), data, setup));
    }
    std::vector<std::string> others;
    std::copy_if(names.begin(), names.end(), std::back_inserter(others),
                 [&](const std::string& name) { return !sensors.contains(name); });
    Inputs inputs = read_inputs(data, others);
    const auto encodings = by_population(data.encodings, others, "input");
    for (auto& [name, input] : inputs) {
        const auto encoding = encodings.find(name);
        if (const auto* dense = std::get_if<DenseInput>(&input)) {
            input = encoding == encodings.end() ? input : Input(encode(*dense, encoding->second, setup));
        } else if (encoding != encodings.end()) {
            refuse(encoding->second, "'" + name + "' has no --input that could be encoded", "give it dense values");
        } else {
            input = prepared(std::get<SpikeInput>(input), data, setup, name, data.time_unit == "steps");
        }
    }
    for (auto& [name, input] : data.first ? first_examples(sensors, *data.first) : sensors) {
        inputs.emplace(name, prepared(std::get<SpikeInput>(input), data, setup, name, false));
    }
    return inputs;
}

}  // namespace mlgenn::cli
