// SPDX-License-Identifier: Apache-2.0
// Signed spike inputs, with values that can be followed by hand.
#include <gtest/gtest.h>

#include "mlgenn/compiler.h"

namespace mlgenn {
namespace {

Predictions predict(Accumulation accumulation, bool signed_spikes) {
    Network network;
    network.populations = {
        {.name = "input", .shape = {3}, .neuron = {"binary_spike_input", {{"signed_spikes", signed_spikes}}}},
        {.name = "output",
         .shape = {2},
         .neuron = {"integrate_fire", {{"v_thresh", 1e9}}},
         .readout = ModelSpec("var")}};
    const Array weights = Array::from(std::vector<float>{1.0F, 10.0F, 0.25F, -2.0F, 100.0F, 100.0F}, {3, 2});
    network.connections = {
        {.source = "input", .target = "output", .connectivity = {"dense", {{"weight", weights}}}, .delay = 1}};
    CompilerOptions options;
    options.example_timesteps = 4;
    options.accumulation = accumulation;
    options.backend = "llvm";
    options.cache_dir = "off";
    options.recordings = {{.population = "input"}, {.population = "output", .variable = "V"}};
    return InferenceCompiler(options).compile(network).predict(
        {{"input", DenseInput{Array::from(std::vector<float>{3.0F, -0.5F, 0.0F}, {1, 3})}}});
}

TEST(NegativeEvents, DeliverMinusTheWeightAndAreNotRecorded) {
    for (const Accumulation accumulation : {Accumulation::exact, Accumulation::ordered}) {
        const Predictions found = predict(accumulation, true);
        // With delay 1 the events of steps 0 and 1 arrive in steps 2 and 3: 1 - 0.25 and 10 + 2 each time.
        const auto trace = found.recordings.traces.at("output.V").as<float>();
        EXPECT_EQ(std::vector<float>(trace.begin(), trace.end()),
                  (std::vector<float>{0.0F, 0.0F, 0.0F, 0.0F, 0.75F, 12.0F, 1.5F, 24.0F}));
        const SpikeRecord& spikes = found.recordings.spikes.at("input.spikes").at(0);
        EXPECT_EQ(spikes.ids, (std::vector<std::uint32_t>{0, 0, 0, 0}));
        EXPECT_EQ(spikes.steps, (std::vector<std::uint32_t>{0, 1, 2, 3}));
    }
}

TEST(NegativeEvents, AreOffUnlessAskedFor) {
    const auto output = predict(Accumulation::exact, false).outputs.at("output");
    EXPECT_EQ(output.value(0), 2.0);
    EXPECT_EQ(output.value(1), 20.0);
}

}  // namespace
}  // namespace mlgenn
