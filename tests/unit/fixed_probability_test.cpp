// SPDX-License-Identifier: Apache-2.0
// Random synapses: how many there are, that none depends on another, and that the seed decides.
#include <gtest/gtest.h>

#include <cmath>

#include "compiler/models/catalogue.h"

namespace mlgenn::models {
namespace {

constexpr std::size_t num_sources = 300;
constexpr std::size_t num_targets = 401;

struct Rows {
    std::vector<std::uint32_t> row_start;
    std::vector<std::uint32_t> targets;
};

Rows drawn(double p, std::uint64_t seed, const std::string& name = "connection", bool recurrent = false) {
    const ConnectivityModel& model = *find_connectivity_model("fixed_probability");
    const Parameters parameters{{"p", p}, {"weight", 0.5}};
    const Shape source = {num_sources};
    const Shape target = {recurrent ? num_sources : num_targets};
    const LoweredConnectivity lowered = model.lower({.params = ParameterReader(model.entry, parameters),
                                                     .source = source,
                                                     .target = target,
                                                     .recurrent = recurrent,
                                                     .seed = seed,
                                                     .name = name});
    EXPECT_EQ(lowered.num_synapses, lowered.indices.at(1).second.size());
    return {lowered.indices.at(0).second, lowered.indices.at(1).second};
}

/// Counts of a binomial distribution leave +-5 standard deviations once in 1.7 million draws.
void expect_binomial(double count, double trials, double p) {
    EXPECT_NEAR(count, trials * p, 5.0 * std::sqrt(trials * p * (1.0 - p)));
}

TEST(FixedProbability, DrawsAsManySynapsesAsTheProbabilitySays) {
    for (const double p : {0.003, 0.1, 0.5, 0.97}) {
        for (const std::uint64_t seed : {0, 1, 2, 3, 4}) {
            expect_binomial(static_cast<double>(drawn(p, seed).targets.size()), num_sources * num_targets, p);
        }
    }
}

TEST(FixedProbability, DrawsPairsIndependently) {
    const double p = 0.3;
    const Rows rows = drawn(p, 7);
    std::vector<double> fan_in(num_targets, 0.0);
    double neighbours = 0.0;
    for (std::size_t i = 0; i < num_sources; ++i) {
        expect_binomial(rows.row_start[i + 1] - rows.row_start[i], num_targets, p);
        for (std::uint32_t s = rows.row_start[i]; s < rows.row_start[i + 1]; ++s) {
            fan_in[rows.targets[s]] += 1.0;
            const bool has_next = s + 1 < rows.row_start[i + 1] && rows.targets[s + 1] == rows.targets[s] + 1;
            neighbours += has_next ? 1.0 : 0.0;
        }
    }
    for (const double count : fan_in) {
        expect_binomial(count, num_sources, p);
    }
    // Neighbouring pairs overlap, which widens the distribution by less than a factor of 1 + 2 p.
    const double trials = num_sources * (num_targets - 1.0);
    EXPECT_NEAR(neighbours, trials * p * p, 5.0 * std::sqrt(trials * p * p * (1.0 + 2.0 * p)));
}

TEST(FixedProbability, DependsOnSeedAndName) {
    const std::vector<std::uint32_t> first = drawn(0.3, 1).targets;
    EXPECT_EQ(drawn(0.3, 1).targets, first);
    EXPECT_NE(drawn(0.3, 2).targets, first);
    EXPECT_NE(drawn(0.3, std::uint64_t{1} << 32 | 1).targets, first);
    EXPECT_NE(drawn(0.3, 1, "other").targets, first);
}

TEST(FixedProbability, KnowsItsBounds) {
    EXPECT_TRUE(drawn(0.0, 1).targets.empty());
    EXPECT_EQ(drawn(1.0, 1).targets.size(), num_sources * num_targets);
    EXPECT_EQ(drawn(1.0, 1, "self", true).targets.size(), num_sources * (num_sources - 1));
}

}  // namespace
}  // namespace mlgenn::models
