// SPDX-License-Identifier: Apache-2.0
// Sums of scores: exact, so that they do not depend on the order in which examples are scored.
//
// A sum is a row of u64 words, the same on every device. count: the sum. histogram: one count per bin. sum: a number
// in fixed point, seven limbs of 40 bits in two's complement, least significant first, whose lowest bit is worth
// 2^-149, the smallest step of f32; then a word of flags for what is no number. A limb holds carries of 2^23 scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

/// Words of a metric's sum.
[[nodiscard]] std::size_t num_score_words(const MetricPlan& metric);

/// Adds one example's score, given as the bits that its score function wrote. Bins are below the number of words.
void add_score(ScoreKind kind, std::uint32_t score, std::span<std::uint64_t> words);

/// Adds a sum of at most `max_scored_examples` scores (or nothing, if empty) to one of any number, and carries.
void merge_scores(ScoreKind kind, std::span<const std::uint64_t> from, std::span<std::uint64_t> into);

/// The value of a sum of f32 scores, rounded once: to nearest, ties to even. NaN if a score was NaN or both infinities
/// occurred.
[[nodiscard]] double rounded_sum(std::span<const std::uint64_t> words);

}  // namespace mlgenn::runtime
