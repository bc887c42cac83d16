// SPDX-License-Identifier: Apache-2.0
// The host's random numbers against the published answers of Philox4x32-10.
#include "compiler/models/random.h"

#include <gtest/gtest.h>

namespace mlgenn::models {
namespace {

TEST(Philox, GivesThePublishedAnswers) {
    constexpr std::uint32_t ones = 0xffffffffU;
    EXPECT_EQ(philox4x32({0, 0}, {0, 0, 0, 0}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox4x32({ones, ones}, {ones, ones, ones, ones}),
              (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox4x32({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
              (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, TakesBothHalvesOfTheSeed) {
    EXPECT_EQ(philox_key(0x0123456789abcdefU), (PhiloxKey{0x89abcdef, 0x01234567}));
}

TEST(Streams, AreTheNamesFnv1aHash) {
    EXPECT_EQ(stream_of(""), 0x811c9dc5U);
    EXPECT_EQ(stream_of("a"), 0xe40c292cU);
    EXPECT_EQ(stream_of("foobar"), 0xbf9cf968U);
}

}  // namespace
}  // namespace mlgenn::models
