// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?" for misspelt names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mlgenn::description {

/// The entry of `known` that is most like `given`, or nothing when none is near. Letter case does not count.
[[nodiscard]] std::optional<std::string> closest(std::string_view given, std::span<const std::string> known);

/// A remedy: "did you mean 'dense'?", or "the connectivities are conv2d, dense" when nothing is near.
/// `known_are` introduces that list ("the connectivities are").
[[nodiscard]] std::string suggestion(std::string_view given, std::span<const std::string> known,
                                     std::string_view known_are);

}  // namespace mlgenn::description
