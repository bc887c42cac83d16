// SPDX-License-Identifier: Apache-2.0
// Random choices that are the same on every machine, which the standard distributions do not promise.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace mlgenn::test_support {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    /// In [0, count).
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
    bool chance(double probability) { return unit() < probability; }
    /// In [0, 1), a multiple of 2^-53.
    double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    double between(double low, double high) { return low + (high - low) * unit(); }
    template <class T>
    T pick(const std::vector<T>& choices) {
        return choices[below(choices.size())];
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace mlgenn::test_support
