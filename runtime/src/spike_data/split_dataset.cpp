// SPDX-License-Identifier: Apache-2.0
// Cutting datasets in two.
#include <cmath>
#include <string>
#include <variant>

#include "mlgenn/spike_data.h"
#include "runtime/src/spike_data/checks.h"

namespace mlgenn {

namespace {

using runtime::require;

constexpr const char* where = "split_dataset";

std::size_t size_of(const Array& array) {
    return array.shape().empty() ? 0 : array.shape()[0];
}

std::size_t size_of(const Input& input) {
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return size_of(dense->values);
    }
    const std::size_t offsets = std::get<SpikeInput>(input).offsets.size();
    return offsets == 0 ? 0 : offsets - 1;
}

Array part_of(const Array& array, std::size_t begin, std::size_t end) {
    return array.rows(begin, end);
}

Input part_of(const Input& input, std::size_t begin, std::size_t end) {
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return DenseInput{dense->values.rows(begin, end), dense->scale};
    }
    const std::vector<SpikeTrain> examples = spike_trains_of(std::get<SpikeInput>(input));
    return spike_input_of(std::span(examples).subspan(begin, end - begin));
}

template <class Map>
std::pair<Map, Map> split(const Map& data, double fraction) {
    require(fraction >= 0.0 && fraction <= 1.0, where,
            "the fraction is " + std::to_string(fraction) + ", expected 0 to 1", "give the part of the second half");
    const std::size_t count = data.empty() ? 0 : size_of(data.begin()->second);
    const auto first = static_cast<std::size_t>(std::nearbyint((1.0 - fraction) * static_cast<double>(count)));
    std::pair<Map, Map> result;
    for (const auto& [name, values] : data) {
        require(size_of(values) == count, where,
                "'" + name + "' has " + std::to_string(size_of(values)) + " examples, but '" + data.begin()->first +
                    "' has " + std::to_string(count),
                "give the same number of each");
        result.first.emplace(name, part_of(values, 0, first));
        result.second.emplace(name, part_of(values, first, count));
    }
    return result;
}

}  // namespace

std::pair<Inputs, Inputs> split_dataset(const Inputs& inputs, double fraction) {
    return split(inputs, fraction);
}

std::pair<Targets, Targets> split_dataset(const Targets& targets, double fraction) {
    return split(targets, fraction);
}

}  // namespace mlgenn
