// SPDX-License-Identifier: Apache-2.0
// Angles in f32, as functions.h has the rest.
#pragma once

namespace mlgenn::reference {

[[nodiscard]] float sin_function(float x);
[[nodiscard]] float cos_function(float x);
[[nodiscard]] float tan_function(float x);
[[nodiscard]] float asin_function(float x);
[[nodiscard]] float acos_function(float x);
[[nodiscard]] float atan_function(float x);
[[nodiscard]] float atan2_function(float y, float x);
/// cos(2 pi x) for x from 0 to 1.
[[nodiscard]] float cos_of_turns(float x);

}  // namespace mlgenn::reference
