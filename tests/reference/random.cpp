// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/random.h"

#include <cmath>

#include "tests/reference/parameters.h"

namespace mlgenn::reference {
namespace {

/// In [0, 1), from the upper 53 bits of two words.
double uniform_from(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t both = (static_cast<std::uint64_t>(high) << 32) + low;
    return std::ldexp(static_cast<double>(both / 2048), -53);
}

double number_of(const Initialiser& initialiser, const std::string& name, double default_value) {
    const auto found = initialiser.params.find(name);
    return found == initialiser.params.end() ? default_value : found->second;
}

}  // namespace

std::uint32_t random_word(std::uint64_t seed, std::array<std::uint32_t, 4> counter, std::size_t word) {
    auto [c0, c1, c2, c3] = counter;
    auto k0 = static_cast<std::uint32_t>(seed);
    auto k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = 0xD2511F53ULL * c0;
        const std::uint64_t b = 0xCD9E8D57ULL * c2;
        c0 = static_cast<std::uint32_t>(b >> 32) ^ c1 ^ k0;
        c2 = static_cast<std::uint32_t>(a >> 32) ^ c3 ^ k1;
        c1 = static_cast<std::uint32_t>(b);
        c3 = static_cast<std::uint32_t>(a);
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
}

std::uint32_t hash(std::string_view text) {
    std::uint32_t value = 2166136261U;
    for (const char c : text) {
        value ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c));
        value *= 16777619U;
    }
    return value;
}

std::vector<double> draws(const Initialiser& initialiser, std::uint64_t seed, const std::string& owner,
                          const std::string& use, std::size_t count) {
    const std::uint32_t owner_hash = hash(owner);
    const std::uint32_t use_hash = hash("initialiser." + use);
    std::vector<double> values;
    for (std::uint32_t element = 0; element < count; ++element) {
        const auto word = [&](std::size_t index) {
            return random_word(seed, {element, 0, owner_hash, use_hash}, index);
        };
        const double first = uniform_from(word(0), word(1));
        const double second = uniform_from(word(2), word(3));
        if (initialiser.name == "constant") {
            values.push_back(number_of(initialiser, "value", 0.0));
        } else if (initialiser.name == "uniform") {
            const double min = number_of(initialiser, "min", 0.0);
            values.push_back(min + first * (number_of(initialiser, "max", 1.0) - min));
        } else if (initialiser.name == "normal") {
            const double angle = 2.0 * 3.14159265358979323846 * second;
            const double standard = std::sqrt(-2.0 * std::log(1.0 - first)) * std::cos(angle);
            values.push_back(number_of(initialiser, "mean", 0.0) + number_of(initialiser, "sd", 1.0) * standard);
        } else {
            throw Unsupported("the reference does not know initialiser '" + initialiser.name + "'");
        }
    }
    return values;
}

}  // namespace mlgenn::reference
