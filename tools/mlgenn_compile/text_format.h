// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: units, sensible digits, thousands separators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn::cli {

/// Three significant digits without exponent: "0.0413", "83.2", "1240".
[[nodiscard]] std::string format_number(double value);
/// The shortest text that reads back as the same float: "0.1", "5".
[[nodiscard]] std::string format_float(float value);
/// "10,000".
[[nodiscard]] std::string format_count(std::uint64_t count);
/// "1 example", "10,000 examples".
[[nodiscard]] std::string format_count(std::uint64_t count, const std::string& singular);
/// "0.413 ms", "83.2 ms", "1.24 s".
[[nodiscard]] std::string format_ms(double milliseconds);
/// "612 kB", "58.3 MB" (powers of ten).
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);
/// "2.31 G" for rates and counts.
[[nodiscard]] std::string format_si(double value);

/// A parameter's value: "off", "true", "0.1", "same", "float32 [784, 128]".
[[nodiscard]] std::string format_value(const Value& value);

/// Middle value of a non-empty list (mean of the two middle ones).
[[nodiscard]] double median(std::vector<double> values);

}  // namespace mlgenn::cli
