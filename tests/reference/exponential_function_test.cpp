// SPDX-License-Identifier: Apache-2.0
// The exponential function that generated code and the reference share, against the C++ library's in double.
#include "tests/reference/exponential_function.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mlgenn::reference {
namespace {

TEST(ExponentialFunction, IsWithinTwoUnitsInTheLastPlace) {
    double worst = 0.0;
    for (double x = -87.3; x < 88.7; x += 0.00137) {
        const auto argument = static_cast<float>(x);
        const double exact = std::exp(static_cast<double>(argument));
        const auto rounded = static_cast<float>(exact);
        const double unit = std::nextafter(rounded, std::numeric_limits<float>::infinity()) - rounded;
        worst = std::fmax(worst, std::fabs(exponential_function(argument) - exact) / unit);
    }
    EXPECT_LT(worst, 2.0);
    EXPECT_GT(worst, 0.3);
}

TEST(ExponentialFunction, KeepsTheLimits) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(exponential_function(0.0f), 1.0f);
    EXPECT_EQ(exponential_function(-0.0f), 1.0f);
    EXPECT_EQ(exponential_function(-infinity), 0.0f);
    EXPECT_EQ(exponential_function(-1e30f), 0.0f);
    EXPECT_EQ(exponential_function(infinity), infinity);
    EXPECT_EQ(exponential_function(88.75f), infinity);
    EXPECT_TRUE(std::isnan(exponential_function(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace mlgenn::reference
