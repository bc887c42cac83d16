// SPDX-License-Identifier: Apache-2.0
// Delays of single synapses, which lie in memory as the weights do.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mlgenn/array.h"

namespace mlgenn::models {

/// The delays as `arrange` orders the values of single synapses (it takes and gives floats, which hold every delay
/// exactly); empty without an array of them.
template <class Arrange>
[[nodiscard]] std::vector<std::uint32_t> arranged_delays(const Array* delays, const Arrange& arrange) {
    if (delays == nullptr) {
        return {};
    }
    const std::vector<float> values = delays->to_f32();
    const std::vector<float> ordered = arrange(std::span<const float>(values));
    return {ordered.begin(), ordered.end()};
}

/// For connectivities that keep the order.
[[nodiscard]] inline std::vector<std::uint32_t> delays_in_order(const Array* delays) {
    return arranged_delays(delays, [](std::span<const float> v) { return std::vector<float>(v.begin(), v.end()); });
}

}  // namespace mlgenn::models
