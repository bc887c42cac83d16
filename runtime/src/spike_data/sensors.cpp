// SPDX-License-Identifier: Apache-2.0
// Events of cameras and microphones, with mlGeNN's order of neurons.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "mlgenn/spike_data.h"
#include "runtime/src/spike_data/checks.h"

namespace mlgenn {

namespace {

using runtime::require;

constexpr const char* where = "sensor events";

void check_shape(const SensorShape& shape) {
    const std::uint64_t count = std::uint64_t{shape.width} * shape.height;
    require(count > 0 && shape.polarities > 0 && count <= 0x7fffffffU / shape.polarities, where,
            "the sensor has " + std::to_string(shape.width) + " x " + std::to_string(shape.height) + " x " +
                std::to_string(shape.polarities) + " neurons, expected 1 to 2147483647",
            "give width, height and polarities");
}

void check_column(const std::vector<std::uint32_t>& values, const char* name, std::uint32_t limit,
                  std::size_t num_events) {
    if (values.empty() && limit == 1) {
        return;
    }
    require(values.size() == num_events, where,
            "there are " + std::to_string(num_events) + " times, but " + std::to_string(values.size()) + " values of " +
                name,
            "give one for every event");
    const auto bad = std::find_if(values.begin(), values.end(), [&](std::uint32_t value) { return value >= limit; });
    require(bad == values.end(), where,
            "event " + std::to_string(bad - values.begin()) + " has " + name + " " +
                std::to_string(bad == values.end() ? 0 : *bad) + ", expected less than " + std::to_string(limit),
            "shape is (width, height, polarities): width and height may be exchanged");
}

std::uint32_t at(const std::vector<std::uint32_t>& values, std::size_t index) {
    return values.empty() ? 0 : values[index];
}

struct NumberedEvents {
    std::vector<double> times_ms;
    std::vector<std::uint32_t> ids;
};

/// Only events of `polarity`, or all with the polarity as the last dimension.
NumberedEvents numbered(const SensorEvents& events, const SensorShape& shape, const SensorOptions& options,
                        std::optional<std::uint32_t> polarity) {
    check_shape(shape);
    require(std::isfinite(options.time_scale) && options.time_scale > 0.0, where,
            "time_scale is " + std::to_string(options.time_scale) + ", expected more than 0", "give ms per unit of t");
    const std::size_t count = events.t.size();
    check_column(events.x, "x", shape.width, count);
    check_column(events.y, "y", shape.height, count);
    check_column(events.p, "p", shape.polarities, count);
    NumberedEvents result;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t p = at(events.p, i);
        const std::uint32_t pixel = at(events.x, i) + at(events.y, i) * shape.width;
        if (!polarity || p == *polarity) {
            result.times_ms.push_back(events.t[i] * options.time_scale);
            result.ids.push_back(polarity ? pixel : p + pixel * shape.polarities);
        }
    }
    return result;
}

/// One spike per neuron and bin with enough events. Bins are counted as steps are.
NumberedEvents binned(const NumberedEvents& events, const SensorOptions& options) {
    require(std::isfinite(static_cast<float>(options.dt_ms)) && options.dt_ms > 0.0, where,
            "dt is " + std::to_string(options.dt_ms) + " ms, expected more than 0", "give the length of a bin");
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> counts;
    for (std::size_t i = 0; i < events.ids.size(); ++i) {
        const double bin = std::floor(events.times_ms[i] / options.dt_ms);
        require(bin >= 0.0 && bin <= 16777216.0, where,
                "event " + std::to_string(i) + " is at " + std::to_string(events.times_ms[i]) +
                    " ms, which is in none of the bins 0 to 16777216",
                "let times count from the example's beginning, and check time_scale");
        ++counts[{events.ids[i], static_cast<std::uint64_t>(bin)}];
    }
    NumberedEvents result;
    for (const auto& [place, count] : counts) {
        if (count >= *options.histogram_thresh) {
            result.ids.push_back(place.first);
            result.times_ms.push_back(time_of_step(static_cast<std::uint32_t>(place.second), options.dt_ms));
        }
    }
    return result;
}

SpikeTrain train_of(NumberedEvents events, std::uint32_t num_neurons, const SensorOptions& options) {
    if (options.histogram_thresh) {
        require(*options.histogram_thresh > 0, where, "histogram_thresh is 0, expected at least 1",
                "leave it out to keep every event");
        events = binned(events, options);
    }
    return preprocess_spikes(events.times_ms, events.ids, num_neurons);
}

}  // namespace

SensorEvents sensor_events(const Array& rows, std::string_view ordering) {
    const std::string fields(ordering);
    for (const char letter : fields) {
        const bool known = std::string_view("txyp").find(letter) != std::string_view::npos;
        require(known && std::count(fields.begin(), fields.end(), letter) == 1, where,
                "the ordering is '" + fields.substr(0, 40) + "', expected t, x, y and p at most once each",
                "write the letters of the columns in their order");
    }
    for (const char letter : std::string_view("txp")) {
        require(fields.find(letter) != std::string::npos, where, "the ordering '" + fields + "' has no " + letter,
                "t, x and p are needed");
    }
    require(rows.shape().size() == 2 && rows.shape()[1] == fields.size(), where,
            "the events have shape " + to_string(rows.shape()) + ", expected (events, " +
                std::to_string(fields.size()) + ")",
            "give one column per letter of the ordering");
    SensorEvents events;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const char letter = fields[i % fields.size()];
        const double value = rows.value(i);
        if (letter == 't') {
            events.t.push_back(value);
            continue;
        }
        require(value >= 0.0 && value <= 4294967295.0 && std::trunc(value) == value, where,
                "event " + std::to_string(i / fields.size()) + " has " + letter + " " + std::to_string(value) +
                    ", expected a whole number",
                "correct it");
        (letter == 'x' ? events.x : letter == 'y' ? events.y : events.p).push_back(static_cast<std::uint32_t>(value));
    }
    return events;
}

SpikeTrain preprocess_tonic_spikes(const SensorEvents& events, const SensorShape& shape, const SensorOptions& options) {
    NumberedEvents ids = numbered(events, shape, options, std::nullopt);
    return train_of(std::move(ids), shape.width * shape.height * shape.polarities, options);
}

std::vector<SpikeTrain> preprocess_tonic_spikes_separate(const SensorEvents& events, const SensorShape& shape,
                                                         const SensorOptions& options) {
    require(shape.polarities > 1, where, "there is one polarity, so nothing can be separated",
            "use preprocess_tonic_spikes");
    std::vector<SpikeTrain> trains;
    for (std::uint32_t p = 0; p < shape.polarities; ++p) {
        trains.push_back(train_of(numbered(events, shape, options, p), shape.width * shape.height, options));
    }
    return trains;
}

}  // namespace mlgenn
