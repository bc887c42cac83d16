// SPDX-License-Identifier: Apache-2.0
// Which step of which example it is.
#pragma once

#include <cstdint>

namespace mlgenn::reference {

struct Moment {
    std::uint32_t example = 0;
    /// Goes on from example to example when the time is not reset.
    std::uint32_t step = 0;
    /// f32(step) * f32(dt)
    float t = 0.0f;
};

}  // namespace mlgenn::reference
