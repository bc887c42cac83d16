// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers on the host: a function of key and counter alone, the same on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mlgenn::runtime {

using PhiloxKey = std::array<std::uint32_t, 2>;
using PhiloxBlock = std::array<std::uint32_t, 4>;

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011): four random words for one counter.
[[nodiscard]] PhiloxBlock philox4x32(PhiloxKey key, PhiloxBlock counter);

[[nodiscard]] PhiloxKey philox_key(std::uint64_t seed);

/// A name as a word of a counter (FNV-1a), so that a stream depends on what it is for and not on its neighbours.
[[nodiscard]] std::uint32_t stream_of(std::string_view name);

/// A multiple of 2^-53 in [0, 1).
[[nodiscard]] inline double uniform_from(std::uint32_t high, std::uint32_t low) {
    return static_cast<double>((std::uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace mlgenn::runtime
