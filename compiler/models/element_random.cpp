// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/element_random.h"

#include <cmath>
#include <string>

namespace mlgenn::models {

ElementRandom::ElementRandom(std::uint64_t seed, std::string_view owner, std::string_view use)
    : key_(philox_key(seed)), owner_(stream_of(owner)), use_(stream_of("initialiser." + std::string(use))) {}

void ElementRandom::begin_element(std::uint32_t index) {
    element_ = index;
    next_block_ = 0;
    next_word_ = words_.size();
}

std::uint32_t ElementRandom::word() {
    if (next_word_ == words_.size()) {
        words_ = philox4x32(key_, {element_, next_block_++, owner_, use_});
        next_word_ = 0;
    }
    return words_[next_word_++];
}

double ElementRandom::uniform() {
    const std::uint32_t high = word();
    return runtime::uniform_from(high, word());
}

double ElementRandom::normal() {
    constexpr double two_pi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(two_pi * uniform());
}

}  // namespace mlgenn::models
