// SPDX-License-Identifier: Apache-2.0
// Sums of f32 scores are exact: any order and any grouping give the same bits, rounded once.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "runtime/src/score_sums.h"

namespace mlgenn::runtime {
namespace {

constexpr std::size_t sum_words = 8;

std::vector<std::uint64_t> words_of(const std::vector<float>& scores) {
    std::vector<std::uint64_t> words(sum_words);
    for (const float score : scores) {
        add_score(ScoreKind::sum, std::bit_cast<std::uint32_t>(score), words);
    }
    return words;
}

double sum_of(const std::vector<float>& scores) {
    return rounded_sum(words_of(scores));
}

TEST(ScoreSums, SmallOnesSurviveLargeOnes) {
    EXPECT_EQ(sum_of({}), 0.0);
    EXPECT_EQ(sum_of({0.1F}), static_cast<double>(0.1F));
    EXPECT_EQ(sum_of({1e38F, 1.5F, -1e38F}), 1.5);
    EXPECT_EQ(sum_of({3e38F, 0x1p-126F, -3e38F}), 0x1p-126);
    EXPECT_EQ(sum_of({-1e30F, -0x1p-100F, 1e30F}), -0x1p-100);
    EXPECT_EQ(sum_of({-2.0F, 1.0F}), -1.0);
    EXPECT_EQ(sum_of({5.0F, -5.0F}), 0.0);
}

TEST(ScoreSums, RoundOnceToNearestEven) {
    EXPECT_EQ(sum_of({0x1p53F, 1.0F}), 0x1p53) << "a tie, to even";
    EXPECT_EQ(sum_of({0x1p53F, 1.0F, 0x1p-120F}), 0x1p53 + 2) << "just above the tie";
    EXPECT_EQ(sum_of({0x1p53F, 1.0F, -0x1p-120F}), 0x1p53) << "just below the tie";
    EXPECT_EQ(sum_of({0x1p53F, 2.0F, 1.0F}), 0x1p53 + 4) << "a tie, to even";
    EXPECT_EQ(sum_of({-0x1p53F, -1.0F, -0x1p-120F}), -0x1p53 - 2);
}

TEST(ScoreSums, SubnormalScoresCountAsZero) {
    EXPECT_EQ(sum_of({0x1p-127F, -0x1p-149F, -0.0F}), 0.0);
}

TEST(ScoreSums, WhatIsNoNumberIsKept) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(sum_of({1.0F, infinity, -3.0F}), infinity);
    EXPECT_EQ(sum_of({1.0F, -infinity}), -infinity);
    EXPECT_TRUE(std::isnan(sum_of({infinity, 1.0F, -infinity})));
    EXPECT_TRUE(std::isnan(sum_of({std::numeric_limits<float>::quiet_NaN(), 1.0F})));
}

TEST(ScoreSums, DoNotDependOnOrderOrGrouping) {
    std::mt19937 random(7);
    std::vector<float> scores;
    for (int k = 0; k < 3000; ++k) {
        const float magnitude =
            std::ldexp(1.0F + static_cast<float>(random() % 1000) / 1000.0F, static_cast<int>(random() % 250) - 125);
        scores.push_back(random() % 2 == 0 ? magnitude : -magnitude);
    }
    const double expected = sum_of(scores);
    for (int round = 0; round < 5; ++round) {
        std::shuffle(scores.begin(), scores.end(), random);
        std::vector<std::uint64_t> merged(sum_words);
        for (std::size_t begin = 0; begin < scores.size();) {
            const std::size_t end = std::min(scores.size(), begin + random() % 700);
            merge_scores(ScoreKind::sum,
                         words_of({scores.begin() + static_cast<std::ptrdiff_t>(begin),
                                   scores.begin() + static_cast<std::ptrdiff_t>(end)}),
                         merged);
            begin = end;
        }
        EXPECT_EQ(rounded_sum(merged), expected);
    }
}

/// Whole numbers small enough for a double to add exactly.
TEST(ScoreSums, AgreeWithDoublesWhereThoseAreExact) {
    std::mt19937 random(11);
    std::vector<float> scores;
    double expected = 0.0;
    for (int k = 0; k < 100000; ++k) {
        scores.push_back(static_cast<float>(static_cast<std::int32_t>(random() % 4001) - 2000) / 64.0F);
        expected += static_cast<double>(scores.back());
    }
    EXPECT_EQ(sum_of(scores), expected);
}

TEST(ScoreSums, ManyOfTheLargestStaySoundOrBecomeInfinite) {
    const std::vector<std::uint64_t> largest = words_of(std::vector<float>(1000, std::numeric_limits<float>::max()));
    std::vector<std::uint64_t> words(sum_words);
    for (int k = 0; k < 1000; ++k) {
        merge_scores(ScoreKind::sum, largest, words);
    }
    EXPECT_EQ(rounded_sum(words), 1e6 * static_cast<double>(std::numeric_limits<float>::max()));
    std::vector<std::uint64_t> doubled = words;
    for (int k = 0; k < 20; ++k) {
        const std::vector<std::uint64_t> before = doubled;
        merge_scores(ScoreKind::sum, before, doubled);
    }
    EXPECT_EQ(rounded_sum(doubled), std::numeric_limits<double>::infinity()) << "beyond 2^26 of the largest numbers";
}

TEST(ScoreSums, CountsAndBinsAreWords) {
    std::vector<std::uint64_t> count(1);
    add_score(ScoreKind::count, 3, count);
    add_score(ScoreKind::count, 0xffffffffU, count);
    merge_scores(ScoreKind::count, std::vector<std::uint64_t>{1}, count);
    EXPECT_EQ(count[0], 0x100000003U);
    std::vector<std::uint64_t> bins(4);
    add_score(ScoreKind::histogram, 2, bins);
    add_score(ScoreKind::histogram, 2, bins);
    merge_scores(ScoreKind::histogram, std::vector<std::uint64_t>{1, 0, 5, 0}, bins);
    EXPECT_EQ(bins, (std::vector<std::uint64_t>{1, 0, 7, 0}));
    const MetricPlan matrix{.score = ScoreKind::histogram, .bins = {3, 3}};
    EXPECT_EQ(num_score_words(matrix), 9U);
    EXPECT_EQ(num_score_words({.score = ScoreKind::sum}) * sizeof(std::uint64_t), 64U);
}

}  // namespace
}  // namespace mlgenn::runtime
