// SPDX-License-Identifier: Apache-2.0
// Compares results and says where they first differ.
#include "tests/support/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

namespace mlgenn::test_support {
namespace {

/// "[2, 0, 5]": the place of flat element `index`.
std::string place_of(std::size_t index, const Shape& shape) {
    Shape place(shape.size(), 0);
    for (std::size_t d = shape.size(); d-- > 0;) {
        place[d] = index % shape[d];
        index /= shape[d];
    }
    return to_string(place);
}

std::string deviation(const Array& expected, const Array& found, std::size_t index) {
    std::ostringstream text;
    text.precision(9);
    text << "at " << place_of(index, expected.shape()) << " expected " << expected.value(index) << ", found "
         << found.value(index) << " (difference " << found.value(index) - expected.value(index) << ")";
    return text.str();
}

bool within(double expected, double found, double tolerance) {
    return tolerance == 0.0 ? expected == found : std::fabs(expected - found) <= tolerance;
}

std::string spike_text(const SpikeRecord& record, std::size_t index) {
    if (index >= record.steps.size()) {
        return "no more spikes";
    }
    return "step " + std::to_string(record.steps[index]) + " neuron " + std::to_string(record.ids[index]);
}

std::optional<std::string> difference(const SpikeRecord& expected, const SpikeRecord& found) {
    const std::size_t count = std::max(expected.steps.size(), found.steps.size());
    for (std::size_t i = 0; i < count; ++i) {
        const bool both = i < expected.steps.size() && i < found.steps.size();
        if (!both || expected.steps[i] != found.steps[i] || expected.ids[i] != found.ids[i]) {
            return "spike " + std::to_string(i) + ": expected " + spike_text(expected, i) + ", found " +
                   spike_text(found, i) + " (" + std::to_string(expected.steps.size()) + " spikes expected, " +
                   std::to_string(found.steps.size()) + " found)";
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const Array& expected, const Array& found, double tolerance_abs) {
    if (expected.size() != found.size()) {
        return "expected shape " + to_string(expected.shape()) + ", found " + to_string(found.shape());
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!within(expected.value(i), found.value(i), tolerance_abs)) {
            std::ostringstream text;
            text << deviation(expected, found, i) << ", tolerance " << tolerance_abs;
            return text.str();
        }
    }
    return std::nullopt;
}

std::optional<std::string> bit_difference(const Array& expected, const Array& found) {
    if (expected.dtype() != found.dtype() || expected.shape() != found.shape()) {
        return "expected " + std::string(name_of(expected.dtype())) + " " + to_string(expected.shape()) + ", found " +
               std::string(name_of(found.dtype())) + " " + to_string(found.shape());
    }
    const std::size_t width = size_of(expected.dtype());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const bool both_nan = std::isnan(expected.value(i)) && std::isnan(found.value(i));
        if (!both_nan &&
            std::memcmp(expected.bytes().data() + i * width, found.bytes().data() + i * width, width) != 0) {
            return deviation(expected, found, i);
        }
    }
    return std::nullopt;
}

std::optional<std::string> difference(const std::vector<SpikeRecord>& expected, const std::vector<SpikeRecord>& found) {
    if (expected.size() != found.size()) {
        return "expected " + std::to_string(expected.size()) + " examples, found " + std::to_string(found.size());
    }
    for (std::size_t e = 0; e < expected.size(); ++e) {
        if (const auto deviates = difference(expected[e], found[e])) {
            return "example " + std::to_string(e) + ", " + *deviates;
        }
    }
    return std::nullopt;
}

}  // namespace mlgenn::test_support
