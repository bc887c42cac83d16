// SPDX-License-Identifier: Apache-2.0
// Pieces of error texts. What comes from a file is shortened and made printable before it is shown.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mlgenn::description {

/// Throws a DescriptionError with one finding.
[[noreturn]] void fail(std::string where, std::string problem, std::string remedy = {});

/// Control characters as \xNN; at most 80 characters, then "...".
[[nodiscard]] std::string printable(std::string_view text);
/// 'text', printable.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// "a, b, c"; "none" for an empty list; at most 24 names, then "...".
[[nodiscard]] std::string listed(std::span<const std::string> names);
/// The shortest decimal that reads back as the same double: "0.1", "1e+300", "nan".
[[nodiscard]] std::string number_text(double value);
/// "1 value", "3 values".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

}  // namespace mlgenn::description
