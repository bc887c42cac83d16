// SPDX-License-Identifier: Apache-2.0
// Random numbers of the reference interpreter, from the published generator (Philox4x32-10).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn::reference {

/// Word `word` for one counter.
[[nodiscard]] std::uint32_t random_word(std::uint64_t seed, std::array<std::uint32_t, 4> counter, std::size_t word);

/// FNV-1a.
[[nodiscard]] std::uint32_t hash(std::string_view text);

/// What an initialiser draws for `count` elements of parameter `use` of `owner`.
[[nodiscard]] std::vector<double> draws(const Initialiser& initialiser, std::uint64_t seed, const std::string& owner,
                                        const std::string& use, std::size_t count);

}  // namespace mlgenn::reference
