// SPDX-License-Identifier: Apache-2.0
// The random functions of code against their distributions: Kolmogorov-Smirnov tests of 50000 draws each. The seed is
// fixed, so a test that passes once always passes; with a right generator a new seed fails one test in a million.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "compiler/language/initialiser.h"

namespace mlgenn::test {
namespace {

constexpr std::uint32_t num_draws = 50000;
/// 2 exp(-2 c^2) = 10^-6.
constexpr double critical = 2.694;

std::vector<float> draws(const std::string& expression, double a = 0.0, double b = 0.0) {
    return language::evaluate_initialiser("value = " + expression + ";", {{"a", a}, {"b", b}}, {.count = num_draws},
                                          {.dt_ms = 1.0, .rng_seed = 20240229, .object = "statistics"});
}

/// sqrt(n) times the largest distance between the two distribution functions.
double distance(std::vector<float> values, const std::function<double(double)>& distribution) {
    std::sort(values.begin(), values.end());
    double largest = 0.0;
    const auto n = static_cast<double>(values.size());
    for (std::size_t k = 0; k < values.size();) {
        std::size_t next = k;
        while (next < values.size() && values[next] == values[k]) {
            ++next;
        }
        // Just below the value, and at it: also right for distributions with steps.
        const double below = distribution(std::nextafter(static_cast<double>(values[k]), -1e9));
        const double at = distribution(static_cast<double>(values[k]));
        largest = std::max(
            {largest, std::fabs(below - static_cast<double>(k) / n), std::fabs(at - static_cast<double>(next) / n)});
        k = next;
    }
    return largest * std::sqrt(n);
}

double normal_distribution(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

/// The regularised lower incomplete gamma function, by its series.
double gamma_distribution(double shape, double x) {
    if (x <= 0.0) {
        return 0.0;
    }
    double term = 1.0 / shape;
    double sum = term;
    for (int n = 1; n < 2000 && term > 1e-17 * sum; ++n) {
        term *= x / (shape + n);
        sum += term;
    }
    return std::min(1.0, sum * std::exp(shape * std::log(x) - x - std::lgamma(shape)));
}

double binomial_distribution(double n, double p, double x) {
    double sum = 0.0;
    for (double k = 0.0; k <= x && k <= n; k += 1.0) {
        sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(p) +
                        (n - k) * std::log1p(-p));
    }
    return x < 0.0 ? 0.0 : std::min(1.0, sum);
}

TEST(RandomFunctions, WordsAndUniformNumbersAreEven) {
    const auto even = [](double x) { return std::clamp(x, 0.0, 1.0); };
    EXPECT_LT(distance(draws("gennrand_uniform()"), even), critical);
    EXPECT_LT(distance(draws("gennrand() * 2.3283064e-10"), even), critical);
    EXPECT_LT(distance(draws("(gennrand() & 0xFFFFu) / 65536.0"), even), critical);
    const std::vector<float> values = draws("gennrand_uniform()");
    EXPECT_GE(*std::min_element(values.begin(), values.end()), 0.0F);
    EXPECT_LT(*std::max_element(values.begin(), values.end()), 1.0F);
}

TEST(RandomFunctions, NormalAndLogNormalNumbers) {
    EXPECT_LT(distance(draws("gennrand_normal()"), normal_distribution), critical);
    EXPECT_LT(distance(draws("gennrand_log_normal(a, b)", 0.5, 0.75),
                       [](double x) { return x <= 0.0 ? 0.0 : normal_distribution((std::log(x) - 0.5) / 0.75); }),
              critical);
    // The sum of two is normal too only if they are independent.
    EXPECT_LT(distance(draws("(gennrand_normal() + gennrand_normal()) / sqrt(2.0)"), normal_distribution), critical);
}

TEST(RandomFunctions, ExponentialNumbers) {
    EXPECT_LT(distance(draws("gennrand_exponential()"), [](double x) { return x <= 0.0 ? 0.0 : -std::expm1(-x); }),
              critical);
}

class GammaShapes : public testing::TestWithParam<double> {};

TEST_P(GammaShapes, HaveTheirDistribution) {
    const double shape = GetParam();
    EXPECT_LT(distance(draws("gennrand_gamma(a)", shape), [&](double x) { return gamma_distribution(shape, x); }),
              critical);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GammaShapes, testing::Values(0.2, 0.9, 1.0, 1.7, 4.0, 30.0));

class BinomialCases : public testing::TestWithParam<std::pair<double, double>> {};

TEST_P(BinomialCases, HaveTheirDistribution) {
    const double n = GetParam().first;
    const double p = GetParam().second;
    const auto distribution = [&](double x) { return binomial_distribution(n, p, std::floor(x)); };
    EXPECT_LT(distance(draws("gennrand_binomial((unsigned int)a, b)", n, p), distribution), critical);
}

INSTANTIATE_TEST_SUITE_P(Cases, BinomialCases,
                         testing::Values(std::pair{1.0, 0.3}, std::pair{10.0, 0.5}, std::pair{9.0, 0.95},
                                         std::pair{1000.0, 0.004}, std::pair{25.0, 0.45}, std::pair{100.0, 0.3},
                                         std::pair{100.0, 0.85}, std::pair{5000.0, 0.5}));

TEST(RandomFunctions, KeepToTheirLimits) {
    EXPECT_EQ(draws("gennrand_binomial(7u, 0.0)"), std::vector<float>(num_draws, 0.0F));
    EXPECT_EQ(draws("gennrand_binomial(7u, 1.0)"), std::vector<float>(num_draws, 7.0F));
    EXPECT_EQ(draws("gennrand_binomial(0u, 0.5)"), std::vector<float>(num_draws, 0.0F));
    EXPECT_TRUE(std::isnan(draws("gennrand_gamma(-1.0)")[0]));
}

TEST(RandomFunctions, OfOneElementAreUncorrelated) {
    const std::vector<float> products = draws("(gennrand_uniform() - 0.5) * (gennrand_uniform() - 0.5) * 12");
    double sum = 0.0;
    for (const float value : products) {
        sum += static_cast<double>(value);
    }
    // Each product has variance 1; 4.89 standard deviations are one in a million.
    EXPECT_LT(std::fabs(sum) / std::sqrt(static_cast<double>(num_draws)), 4.89);
}

}  // namespace
}  // namespace mlgenn::test
