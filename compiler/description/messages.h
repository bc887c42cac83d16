// SPDX-License-Identifier: Apache-2.0
// Pieces of error texts. What comes from a file is shortened and made printable before it is shown.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "mlgenn/array.h"

namespace mlgenn::description {

/// Throws a DescriptionError with one finding.
[[noreturn]] void fail(std::string where, std::string problem, std::string remedy = {});

/// Valid UTF-8 without control characters: other bytes as \xNN; cut after about `longest` bytes with "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 80);
/// 'text', printable.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// A path for messages: printable, whole.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path);
/// "a, b, c"; "none" for an empty list; at most 24 names, then "...".
[[nodiscard]] std::string listed(std::span<const std::string> names);
/// The shortest decimal that reads back as the same double; whole numbers are written out: "0.1", "1e+300", "nan".
[[nodiscard]] std::string number_text(double value);
/// Element `flat` of an array: "element [2, 7]".
[[nodiscard]] std::string element_text(const Shape& shape, std::size_t flat);
/// "1 value", "3 values".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

}  // namespace mlgenn::description
