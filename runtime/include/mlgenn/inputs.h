// SPDX-License-Identifier: Apache-2.0
// What a caller feeds to a network: dense values or spike events, per input population.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "mlgenn/array.h"

namespace mlgenn {

/// Dense values for the value inputs (`integrate_fire_input`, ...).
/// Shape (examples, population shape...), or (examples, frames, population shape...) when the model has
/// `input_frames` > 1. Any numeric type; each element x becomes float32(double(x) * scale).
struct DenseInput {
    Array values{};
    double scale = 1.0;
};

/// Spike events for `spike_input`: example e owns entries offsets[e] .. offsets[e+1]-1, in any order.
struct SpikeInput {
    Array times_ms{};  ///< (events): time in ms, compared as float32; number type is free.
    Array ids{};       ///< (events): neuron index, row-major; any integer type.
    Array offsets{};   ///< (examples + 1): ascending, first 0, last = events; any integer type.
};

using Input = std::variant<DenseInput, SpikeInput>;
/// By name of the input population.
using Inputs = std::map<std::string, Input>;
/// By name of the output population: labels (examples), or values (examples, population shape...).
using Targets = std::map<std::string, Array>;

}  // namespace mlgenn
