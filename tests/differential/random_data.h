// SPDX-License-Identifier: Apache-2.0
// Random weights and inputs for networks that are written by hand.
#pragma once

#include <cstdint>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/inputs.h"
#include "tests/support/dice.h"

namespace mlgenn::differential {

using test_support::Dice;

inline constexpr std::size_t num_examples = 8;

[[nodiscard]] inline Array weights(Dice& dice, const Shape& shape, double low, double high) {
    std::vector<float> values(num_elements(shape));
    for (float& value : values) {
        value = static_cast<float>(dice.between(low, high));
    }
    return Array::from(values, shape);
}

[[nodiscard]] inline DenseInput values(Dice& dice, Shape shape) {
    shape.insert(shape.begin(), num_examples);
    return {weights(dice, shape, 0.0, 1.0)};
}

[[nodiscard]] inline SpikeInput events(Dice& dice, std::size_t num_neurons, std::uint32_t timesteps,
                                       std::size_t events_per_example) {
    std::vector<std::uint32_t> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> offsets = {0};
    for (std::size_t e = 0; e < num_examples; ++e) {
        for (std::size_t i = 0; i < events_per_example; ++i) {
            times.push_back(static_cast<std::uint32_t>(dice.below(timesteps)));
            ids.push_back(static_cast<std::uint32_t>(dice.below(num_neurons)));
        }
        offsets.push_back(static_cast<std::uint32_t>(ids.size()));
    }
    return {Array::from(times), Array::from(ids), Array::from(offsets)};
}

}  // namespace mlgenn::differential
