// SPDX-License-Identifier: Apache-2.0
// Sums of scores in exact arithmetic.
#include "runtime/src/score_sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace mlgenn::runtime {

namespace {

constexpr std::uint32_t limb_bits = 40;
constexpr std::size_t num_limbs = 7;
constexpr std::size_t flags_word = num_limbs;
constexpr std::uint64_t limb_mask = (std::uint64_t{1} << limb_bits) - 1;
/// The lowest bit of the lowest limb is worth 2^lowest_exponent.
constexpr int lowest_exponent = -149;

constexpr std::uint64_t saw_nan = 1;
constexpr std::uint64_t saw_infinity = 2;
constexpr std::uint64_t saw_negative_infinity = 4;

using SumWords = std::array<std::uint64_t, num_limbs + 1>;

void add_float(std::uint32_t bits, std::span<std::uint64_t> words) {
    const bool negative = bits >> 31U != 0;
    const std::uint32_t exponent = bits >> 23U & 0xffU;
    const std::uint32_t fraction = bits & 0x7fffffU;
    if (exponent == 0xff) {
        words[flags_word] |= fraction != 0 ? saw_nan : negative ? saw_negative_infinity : saw_infinity;
        return;
    }
    if (exponent == 0) {
        return;  // zero, or subnormal, which counts as zero everywhere
    }
    const std::uint32_t position = exponent - 1;
    const std::uint64_t shifted = (std::uint64_t{fraction} | 0x800000U) << position % limb_bits;
    const std::uint64_t low = shifted & limb_mask;
    const std::uint64_t high = shifted >> limb_bits;
    words[position / limb_bits] += negative ? 0 - low : low;
    if (high != 0) {
        words[position / limb_bits + 1] += negative ? 0 - high : high;
    }
}

/// Adds to the uppermost limb; a sum that even that cannot hold is infinite.
void add_to_top(std::span<std::uint64_t> words, std::int64_t amount) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(static_cast<std::int64_t>(words[num_limbs - 1]), amount, &sum)) {
        words[flags_word] |= amount < 0 ? saw_negative_infinity : saw_infinity;
        return;
    }
    words[num_limbs - 1] = static_cast<std::uint64_t>(sum);
}

/// Leaves 40 bits in every limb but the uppermost, which keeps the sign.
void carry(std::span<std::uint64_t> words) {
    for (std::size_t limb = 0; limb + 1 < num_limbs; ++limb) {
        const std::int64_t excess = static_cast<std::int64_t>(words[limb]) >> limb_bits;
        words[limb] &= limb_mask;
        if (limb + 2 < num_limbs) {
            words[limb + 1] += static_cast<std::uint64_t>(excess);
        } else {
            add_to_top(words, excess);
        }
    }
}

void merge_sums(std::span<const std::uint64_t> from, std::span<std::uint64_t> into) {
    for (std::size_t limb = 0; limb + 1 < num_limbs; ++limb) {
        into[limb] += from[limb];
    }
    add_to_top(into, static_cast<std::int64_t>(from[num_limbs - 1]));
    into[flags_word] |= from[flags_word];
    carry(into);
}

bool bit_of(const SumWords& words, std::uint32_t bit) {
    const std::size_t limb = std::min<std::size_t>(bit / limb_bits, num_limbs - 1);
    return (words[limb] >> (bit - limb * limb_bits) & 1U) != 0;
}

/// Of carried words that stand for a number >= 0.
double rounded_magnitude(const SumWords& words) {
    constexpr std::uint32_t num_bits = (num_limbs - 1) * limb_bits + 64;
    // The 64 bits from the first one that is set. Bits below them only matter as a whole.
    std::uint64_t leading = 0;
    std::uint32_t lowest = 0;
    bool rest = false;
    for (std::uint32_t bit = num_bits; bit-- > 0;) {
        if (leading >> 63U == 0) {
            leading = leading << 1U | (bit_of(words, bit) ? 1U : 0U);
            lowest = bit;
        } else {
            rest = rest || bit_of(words, bit);
        }
    }
    return std::ldexp(static_cast<double>(leading | (rest ? 1U : 0U)), static_cast<int>(lowest) + lowest_exponent);
}

}  // namespace

std::size_t num_score_words(const MetricPlan& metric) {
    switch (metric.score) {
        case ScoreKind::count:
            return 1;
        case ScoreKind::sum:
            return num_limbs + 1;
        case ScoreKind::histogram:
            return num_elements(metric.bins);
    }
    return 0;
}

void add_score(ScoreKind kind, std::uint32_t score, std::span<std::uint64_t> words) {
    switch (kind) {
        case ScoreKind::count:
            words[0] += score;
            break;
        case ScoreKind::sum:
            add_float(score, words);
            break;
        case ScoreKind::histogram:
            ++words[score];
            break;
    }
}

void merge_scores(ScoreKind kind, std::span<const std::uint64_t> from, std::span<std::uint64_t> into) {
    if (kind == ScoreKind::sum && !from.empty()) {
        merge_sums(from, into);
        return;
    }
    for (std::size_t k = 0; k < from.size(); ++k) {
        into[k] += from[k];
    }
}

double rounded_sum(std::span<const std::uint64_t> words) {
    SumWords sum{};
    merge_sums(words, sum);
    const std::uint64_t flags = sum[flags_word];
    const bool both = (flags & saw_infinity) != 0 && (flags & saw_negative_infinity) != 0;
    if ((flags & saw_nan) != 0 || both) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (flags != 0) {
        const double infinity = std::numeric_limits<double>::infinity();
        return (flags & saw_infinity) != 0 ? infinity : -infinity;
    }
    if (static_cast<std::int64_t>(sum[num_limbs - 1]) >= 0) {
        return rounded_magnitude(sum);
    }
    for (std::uint64_t& word : sum) {
        word = 0 - word;
    }
    carry(sum);
    return -rounded_magnitude(sum);
}

}  // namespace mlgenn::runtime
