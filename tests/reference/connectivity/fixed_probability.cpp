// SPDX-License-Identifier: Apache-2.0
// fixed_probability: every pair of neurons with probability p, from a counter-based generator.
#include <cmath>

#include "tests/reference/connectivity.h"

namespace mlgenn::reference {
namespace {

/// Word `word` of Philox4x32-10.
std::uint32_t random_word(std::uint64_t seed, std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3,
                          std::size_t word) {
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

/// FNV-1a.
std::uint32_t hash(std::string_view text) {
    std::uint32_t value = 2166136261U;
    for (const char c : text) {
        value ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c));
        value *= 16777619U;
    }
    return value;
}

class FixedProbability : public Connectivity {
public:
    FixedProbability(ParameterView& parameters, const ConnectivityContext& context)
        : Connectivity(parameters.weights("weight")),
          threshold_(parameters.number("p") * 4294967296.0),
          self_(parameters.boolean("allow_self_connections", false) || !context.recurrent),
          name_hash_(hash(context.name)),
          seed_(context.rng_seed),
          num_post_(num_elements(context.target)) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        for (std::size_t j = 0; j < num_post_; ++j) {
            const std::uint32_t word =
                random_word(seed_, static_cast<std::uint32_t>(j / 4), static_cast<std::uint32_t>(pre), name_hash_,
                            hash("fixed_probability"), j % 4);
            if (static_cast<double>(word) < std::nearbyint(threshold_) && (self_ || j != pre)) {
                row.push_back({j, 0});
            }
        }
    }

private:
    double threshold_;
    bool self_;
    std::uint32_t name_hash_;
    std::uint64_t seed_;
    std::size_t num_post_;
};

}  // namespace

std::unique_ptr<Connectivity> make_fixed_probability(ParameterView& parameters, const ConnectivityContext& context) {
    return std::make_unique<FixedProbability>(parameters, context);
}

}  // namespace mlgenn::reference
