// SPDX-License-Identifier: Apache-2.0
// The comparison itself: it must notice the smallest change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/differential/expect_same.h"

namespace mlgenn::differential {
namespace {

using ::testing::HasSubstr;

Network one_weight(float weight) {
    Network network;
    network.populations = {{.name = "input", .shape = {1}, .neuron = "spike_input"},
                           {.name = "output", .shape = {1}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", Array::from(std::vector<float>{weight}, {1, 1})}}}}};
    return network;
}

Inputs one_spike() {
    return {{"input", SpikeInput{Array::from(std::vector<float>{0.0f}), Array::from(std::vector<std::uint32_t>{0}),
                                 Array::from(std::vector<std::uint32_t>{0, 1})}}};
}

std::vector<Variant> ordered_variants() {
    std::vector<Variant> variants;
    for (const Variant& variant : sampled_variants(0)) {
        if (variant.accumulation == Accumulation::ordered) {
            variants.push_back(variant);
        }
    }
    return variants;
}

TEST(DifferentialHarness, NoticesTheLastBitOfAWeight) {
    const float weight = 0.3f;
    const RunSettings settings{.timesteps = 3};
    EXPECT_EQ(first_difference(one_weight(weight), one_weight(weight), settings, one_spike(), ordered_variants()),
              std::nullopt);
    const auto difference = first_difference(one_weight(weight), one_weight(std::nextafter(weight, 1.0f)), settings,
                                             one_spike(), ordered_variants());
    ASSERT_TRUE(difference.has_value());
    EXPECT_THAT(*difference, HasSubstr("trace output.V at [0, 1, 0] expected"));
}

TEST(DifferentialHarness, NoticesADelay) {
    Network delayed = one_weight(0.3f);
    delayed.connections[0].delay = 1;
    EXPECT_TRUE(first_difference(one_weight(0.3f), delayed, {.timesteps = 3}, one_spike(), ordered_variants()));
}

TEST(DifferentialHarness, RunsEveryModeAndSchedule) {
    if (all_variants().empty()) {
        GTEST_SKIP() << "no back end can run here";
    }
    std::set<std::string> schedules;
    std::set<Accumulation> modes;
    for (const Variant& variant : all_variants()) {
        schedules.insert(variant.schedule);
        modes.insert(variant.accumulation);
    }
    EXPECT_GE(schedules.size(), 2U);
    EXPECT_EQ(modes.size(), 2U);
}

}  // namespace
}  // namespace mlgenn::differential
