// SPDX-License-Identifier: Apache-2.0
// Networks that nobody wrote: compiled code must agree with the reference bit for bit. A failure names the seed.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/properties/random_network.h"

namespace mlgenn::properties {
namespace {

constexpr std::uint64_t seeds_per_test = 20;

class RandomNetworkSeeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomNetworkSeeds, CompiledCodeAgreesWithTheReference) {
    for (std::uint64_t seed = GetParam() * seeds_per_test; seed < (GetParam() + 1) * seeds_per_test; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomCase random = make_random_case(seed);
        differential::expect_same(random.network, random.settings, random.inputs, differential::sampled_variants(seed));
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetworkSeeds, ::testing::Range<std::uint64_t>(0, 10));

/// MLGENN_RANDOM_SEED=N runs one seed with every variant, to look into a failure.
TEST(RandomNetwork, OfOneSeedAgreesInEveryVariant) {
    const char* seed = std::getenv("MLGENN_RANDOM_SEED");
    const RandomCase random = make_random_case(seed == nullptr ? 7 : std::strtoull(seed, nullptr, 10));
    differential::expect_same(random.network, random.settings, random.inputs);
}

}  // namespace
}  // namespace mlgenn::properties
