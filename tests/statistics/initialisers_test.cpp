// SPDX-License-Identifier: Apache-2.0
// What initialisers draw: the distributions, and that nothing but seed, owner, parameter and element decides a draw.
//
// The tests of statistics have fixed seeds, so that they always give the same answer; for other seeds a right generator
// would fail each with a probability of at most 1e-6.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mlgenn/compiler.h"

namespace mlgenn {
namespace {

constexpr std::size_t num_draws = 40000;
/// Kolmogorov's distribution ends beyond this with a probability of 1e-6: 2 exp(-2 x^2).
constexpr double kolmogorov_quantile = 2.694;
/// Two-sided normal quantile for 1e-6.
constexpr double normal_quantile = 4.9;

/// `num_draws` initial values of a population.
std::vector<double> draws_of(const Initialiser& initialiser, std::uint64_t seed = 1, const std::string& name = "in",
                             const std::string& parameter = "v") {
    Network network;
    network.populations = {
        {.name = name, .shape = {num_draws}, .neuron = {"integrate_fire_input", {{parameter, initialiser}}}}};
    const Network result = drawn(validated(network), seed);
    const Array& array = *result.populations[0].neuron.params.at(parameter).get_if<Array>();
    const auto values = array.as<double>();
    return {values.begin(), values.end()};
}

/// The largest distance between the empirical distribution and `cdf`, times the root of the number of draws.
template <class Cdf>
double kolmogorov_statistic(std::vector<double> draws, const Cdf& cdf) {
    std::sort(draws.begin(), draws.end());
    const auto count = static_cast<double>(draws.size());
    double largest = 0.0;
    for (std::size_t i = 0; i < draws.size(); ++i) {
        const double expected = cdf(draws[i]);
        largest = std::max({largest, std::abs(expected - static_cast<double>(i) / count),
                            std::abs(expected - static_cast<double>(i + 1) / count)});
    }
    return largest * std::sqrt(count);
}

double correlation_at(const std::vector<double>& draws, std::size_t distance, double mean, double variance) {
    double sum = 0.0;
    for (std::size_t i = 0; i + distance < draws.size(); ++i) {
        sum += (draws[i] - mean) * (draws[i + distance] - mean);
    }
    return sum / variance / std::sqrt(static_cast<double>(draws.size() - distance));
}

TEST(Initialisers, UniformDrawsAreEvenlyDistributed) {
    for (const std::uint64_t seed : {1ULL, 2ULL, 0xfedcba9876543210ULL}) {
        const std::vector<double> draws = draws_of(Initialiser::uniform(-0.5, 1.5), seed);
        EXPECT_LT(kolmogorov_statistic(draws, [](double x) { return (x + 0.5) / 2.0; }), kolmogorov_quantile);
        EXPECT_GE(*std::min_element(draws.begin(), draws.end()), -0.5);
        EXPECT_LT(*std::max_element(draws.begin(), draws.end()), 1.5);
        for (const std::size_t distance : {1, 2, 4, 16}) {
            EXPECT_LT(std::abs(correlation_at(draws, distance, 0.5, 4.0 / 12.0)), normal_quantile) << distance;
        }
    }
}

TEST(Initialisers, NormalDrawsAreNormallyDistributed) {
    for (const std::uint64_t seed : {1ULL, 2ULL, 0xfedcba9876543210ULL}) {
        const std::vector<double> draws = draws_of(Initialiser::normal(2.0, 3.0), seed);
        const auto cdf = [](double x) { return 0.5 * std::erfc((2.0 - x) / (3.0 * std::sqrt(2.0))); };
        EXPECT_LT(kolmogorov_statistic(draws, cdf), kolmogorov_quantile);
        for (const std::size_t distance : {1, 2, 4, 16}) {
            EXPECT_LT(std::abs(correlation_at(draws, distance, 2.0, 9.0)), normal_quantile) << distance;
        }
    }
}

TEST(Initialisers, DependOnSeedOwnerAndParameter) {
    const Initialiser uniform = Initialiser::uniform(0.0, 1.0);
    const std::vector<double> first = draws_of(uniform);
    EXPECT_EQ(first, draws_of(uniform));
    for (const auto& other : {draws_of(uniform, 0), draws_of(uniform, std::uint64_t{1} << 32),
                              draws_of(uniform, 1, "other"), draws_of(uniform, 1, "in", "v_thresh")}) {
        double sum = 0.0;
        for (std::size_t i = 0; i < first.size(); ++i) {
            sum += (first[i] - 0.5) * (other[i] - 0.5);
        }
        EXPECT_LT(std::abs(sum * 12.0 / std::sqrt(static_cast<double>(num_draws))), normal_quantile);
    }
}

TEST(Initialisers, GiveAnElementTheSameDrawInEveryPopulationSize) {
    const std::vector<double> many = draws_of(Initialiser::normal(0.0, 1.0));
    Network network;
    network.populations = {
        {.name = "in", .shape = {10}, .neuron = {"integrate_fire_input", {{"v", Initialiser::normal(0.0, 1.0)}}}}};
    const Network few = drawn(validated(network), 1);
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(few.populations[0].neuron.params.at("v").get_if<Array>()->value(i), many[i]);
    }
}

TEST(Initialisers, TruncateDelaysSoThatEveryLengthIsAsLikely) {
    Network network;
    network.populations = {{.name = "in", .shape = {200}, .neuron = "spike_input"},
                           {.name = "out", .shape = {200}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "in",
                            .target = "out",
                            .connectivity = {"dense", {{"weight", 1.0}}},
                            .delay = Initialiser::uniform(0.0, 4.0),
                            .max_delay_steps = 3}};
    const Network result = drawn(validated(network), 5);
    const Array& delays = *result.connections[0].delay.get_if<Array>();
    EXPECT_EQ(delays.shape(), (Shape{200, 200}));
    std::vector<double> counts(4, 0.0);
    for (std::size_t i = 0; i < delays.size(); ++i) {
        counts.at(static_cast<std::size_t>(delays.value(i))) += 1.0;
    }
    for (const double count : counts) {
        EXPECT_NEAR(count, 10000.0, normal_quantile * std::sqrt(40000.0 * 0.25 * 0.75));
    }
}

}  // namespace
}  // namespace mlgenn
