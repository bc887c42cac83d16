// SPDX-License-Identifier: Apache-2.0
// JSON text that nobody vouches for: limits, no duplicate keys, errors with line and column.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/errors.h"

namespace mlgenn::description {

inline constexpr std::size_t max_json_bytes = std::size_t{64} << 20;
inline constexpr std::size_t max_json_depth = 64;

/// Parses `text`, called `name` in messages. Duplicate keys become findings (the last value stays); anything
/// else that is wrong throws DescriptionError.
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& name,
                                        std::vector<Diagnostic>& findings);

/// `pointer` with one more level; "/" and "~" in keys are escaped as JSON pointers want it.
[[nodiscard]] std::string join_pointer(const std::string& pointer, std::string_view key);
[[nodiscard]] std::string join_pointer(const std::string& pointer, std::size_t index);

}  // namespace mlgenn::description
