// SPDX-License-Identifier: Apache-2.0
// Shapes of results: dimensions for examples and timesteps in front of a population's own.
#pragma once

#include "mlgenn/array.h"

namespace mlgenn::runtime {

/// (leading..., shape...).
[[nodiscard]] inline Shape with_leading(Shape leading, const Shape& shape) {
    leading.insert(leading.end(), shape.begin(), shape.end());
    return leading;
}

}  // namespace mlgenn::runtime
