// SPDX-License-Identifier: Apache-2.0
// Durations in fixed memory: exact extremes and mean, percentiles within a sixteenth above the true ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/src/latency_histogram.h"

namespace {

using mlgenn::LatencyReport;
using mlgenn::runtime::LatencyHistogram;

TEST(LatencyHistogram, IsEmptyBeforeTheFirstStep) {
    const LatencyReport report = LatencyHistogram().report();
    EXPECT_EQ(report.num_steps, 0U);
    EXPECT_EQ(report.p99_us, 0.0);
}

TEST(LatencyHistogram, KnowsExtremesMeanAndLast) {
    LatencyHistogram histogram;
    histogram.add(3000, 1);
    histogram.add(10000, 10);
    histogram.add(2000, 1);
    const LatencyReport report = histogram.report();
    EXPECT_EQ(report.num_steps, 12U);
    EXPECT_DOUBLE_EQ(report.min_us, 1.0);
    EXPECT_DOUBLE_EQ(report.max_us, 3.0);
    EXPECT_DOUBLE_EQ(report.mean_us, 15.0 / 12.0);
    EXPECT_DOUBLE_EQ(report.last_us, 2.0);
    histogram.clear();
    EXPECT_EQ(histogram.report().num_steps, 0U);
}

TEST(LatencyHistogram, PercentilesAreAtMostASixteenthTooHigh) {
    LatencyHistogram histogram;
    std::vector<double> all;
    // From 1 ns to some 10 s.
    for (int k = 0; k < 1000; ++k) {
        const auto ns = static_cast<std::uint64_t>(std::exp(0.023 * k));
        histogram.add(ns, 1);
        all.push_back(static_cast<double>(ns) / 1000.0);
    }
    std::sort(all.begin(), all.end());
    const LatencyReport report = histogram.report();
    const auto expect_near = [&](double share, double found) {
        const double exact = all[static_cast<std::size_t>(std::ceil(share * 1000.0)) - 1];
        EXPECT_GE(found, exact);
        EXPECT_LE(found, exact * (1.0 + 1.0 / 16.0));
    };
    expect_near(0.5, report.p50_us);
    expect_near(0.9, report.p90_us);
    expect_near(0.99, report.p99_us);
    expect_near(0.999, report.p999_us);
    histogram.add(~std::uint64_t{0}, 1);
    EXPECT_GT(histogram.report().max_us, 1e15);
}

}  // namespace
