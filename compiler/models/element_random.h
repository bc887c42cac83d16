// SPDX-License-Identifier: Apache-2.0
// Random numbers for the elements of one array that an initialiser draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compiler/models/random.h"

namespace mlgenn::models {

/// What an initialiser draws for: "hidden" and "neuron.v", "a_to_b" and "connectivity.weight" or "delay". Every element
/// has random words of its own, which depend on seed, owner, use and its index alone.
class ElementRandom {
public:
    ElementRandom(std::uint64_t seed, std::string_view owner, std::string_view use);

    /// Goes to the first random word of element `index`.
    void begin_element(std::uint32_t index);

    [[nodiscard]] std::uint32_t word();
    /// A multiple of 2^-53 in [0, 1), from two words.
    [[nodiscard]] double uniform();
    /// Mean 0, standard deviation 1, from four words (Box and Muller).
    [[nodiscard]] double normal();

private:
    PhiloxKey key_;
    std::uint32_t owner_;
    std::uint32_t use_;
    std::uint32_t element_ = 0;
    std::uint32_t next_block_ = 0;
    PhiloxBlock words_{};
    std::size_t next_word_ = 4;
};

}  // namespace mlgenn::models
