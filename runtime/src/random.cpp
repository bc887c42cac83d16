// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/random.h"

namespace mlgenn::runtime {

PhiloxBlock philox4x32(PhiloxKey key, PhiloxBlock counter) {
    constexpr int num_rounds = 10;
    for (int round = 0; round < num_rounds; ++round) {
        const std::uint64_t first = std::uint64_t{0xD2511F53U} * counter[0];
        const std::uint64_t second = std::uint64_t{0xCD9E8D57U} * counter[2];
        counter = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(second),
                   static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(first)};
        key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
    }
    return counter;
}

PhiloxKey philox_key(std::uint64_t seed) {
    return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

std::uint32_t stream_of(std::string_view name) {
    std::uint32_t hash = 0x811C9DC5U;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
    }
    return hash;
}

}  // namespace mlgenn::runtime
