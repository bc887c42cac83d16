// SPDX-License-Identifier: Apache-2.0
// The functions of models in code, with the roundings that docs/semantics.md states. To be called while subnormals are
// flushed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mlgenn::reference {

/// Throws Unsupported for a name that the reference does not know.
[[nodiscard]] float apply_function(std::string_view name, std::span<const float> arguments);

[[nodiscard]] float logarithm(float x);
/// log(1 + x)
[[nodiscard]] float logarithm_1p(float x);
[[nodiscard]] float scaled_by_power(float x, std::int32_t exponent);
[[nodiscard]] std::int32_t exponent_of(float x);

}  // namespace mlgenn::reference
