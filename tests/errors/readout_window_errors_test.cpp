// SPDX-License-Identifier: Apache-2.0
// Windows of readouts that no timestep falls into.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"

namespace mlgenn {
namespace {

std::string message_for(const Parameters& window) {
    Network network;
    network.populations = {
        {.name = "input", .shape = {1}, .neuron = "binary_spike_input"},
        {.name = "output", .shape = {1}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var", window)}};
    network.connections = {{.source = "input", .target = "output", .connectivity = {"dense", {{"weight", 1.0}}}}};
    CompilerOptions options;
    options.example_timesteps = 10;
    options.dt = 0.5;
    options.cache_dir = "off";
    try {
        static_cast<void>(InferenceCompiler(options).compile(network));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

TEST(ReadoutWindowErrors, NameTheWindowAndTheExample) {
    const std::string message = message_for({{"window_start", 5.0}});
    EXPECT_THAT(message, ::testing::HasSubstr("readout of 'output'"));
    EXPECT_THAT(message, ::testing::HasSubstr("its window from 5 ms to 5 ms holds no timestep of the example, which "
                                              "ends at 5 ms"));
    EXPECT_THAT(message_for({{"window_start", 2.0}, {"window_end", 1.0}}), ::testing::HasSubstr("from 2 ms to 1 ms"));
    EXPECT_THAT(message_for({{"window_start", 2.1}, {"window_end", 2.4}}), ::testing::HasSubstr("no timestep"));
}

TEST(ReadoutWindowErrors, AllowEveryWindowWithATimestep) {
    EXPECT_EQ(message_for({{"window_start", 4.5}}), "no error");
    EXPECT_EQ(message_for({{"window_start", 2.0}, {"window_end", 2.1}}), "no error");
    EXPECT_EQ(message_for({{"window_end", 100.0}}), "no error");
}

}  // namespace
}  // namespace mlgenn
