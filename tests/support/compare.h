// SPDX-License-Identifier: Apache-2.0
// Compares results and says where they first differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"

namespace mlgenn::test_support {

/// Empty when all elements are within `tolerance_abs` of `expected` (0: equal as numbers, NaN equal to nothing);
/// else the first deviation with its place and both numbers. Shapes may differ beyond the first dimension as long as
/// the number of elements agrees.
[[nodiscard]] std::optional<std::string> difference(const Array& expected, const Array& found, double tolerance_abs);

/// Empty when type, shape and every bit agree; the sign and payload of NaN, which IEEE 754 leaves open, may differ.
[[nodiscard]] std::optional<std::string> bit_difference(const Array& expected, const Array& found);

/// Spikes of all examples, step by step.
[[nodiscard]] std::optional<std::string> difference(const std::vector<SpikeRecord>& expected,
                                                    const std::vector<SpikeRecord>& found);

}  // namespace mlgenn::test_support
