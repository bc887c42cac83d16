// SPDX-License-Identifier: Apache-2.0
// Initialisers wherever an array can stand: the reference draws the same numbers, and every variant runs with them.
#include <gtest/gtest.h>

#include "tests/differential/expect_same.h"
#include "tests/differential/random_data.h"

namespace mlgenn::differential {
namespace {

constexpr std::uint32_t timesteps = 20;

ModelSpec adaptive() {
    return {"adaptive_leaky_integrate_fire",
            {{"v_thresh", Initialiser::uniform(0.5, 1.0)},
             {"v_reset", Initialiser::normal(0.0, 0.1)},
             {"v", Initialiser::normal(0.1, 0.3)},
             {"a", Initialiser::uniform(0.0, 1.0)},
             {"beta", Initialiser::constant(0.05)},
             {"tau_mem", Initialiser::uniform(5.0, 30.0)},
             {"tau_refrac", Initialiser::uniform(0.0, 3.0)},
             {"tau_adapt", Initialiser::normal(50.0, 5.0)}}};
}

TEST(Initialisers, StandForParametersStatesWeightsAndDelays) {
    Dice dice(31);
    Network network;
    network.populations = {
        {.name = "input", .shape = {30}, .neuron = "spike_input"},
        {.name = "hidden", .shape = {40}, .neuron = adaptive(), .readout = ModelSpec("spike_count")},
        {.name = "output",
         .shape = {17},
         .neuron = {"leaky_integrate",
                    {{"bias", Initialiser::normal(0.0, 0.01)}, {"v", Initialiser::uniform(-1.0, 1.0)}}},
         .readout = ModelSpec("var")}};
    network.connections = {
        {.source = "input",
         .target = "hidden",
         .connectivity = {"dense", {{"weight", Initialiser::normal(0.1, 0.3)}}},
         .synapse = {"exponential", {{"tau", Initialiser::uniform(2.0, 8.0)}, {"scale_i", true}}}},
        {.name = "recurrent",
         .source = "hidden",
         .target = "hidden",
         .connectivity = {"fixed_probability", {{"p", 0.2}, {"weight", Initialiser::normal(-0.1, 0.2)}}},
         .delay = Initialiser::uniform(0.0, 7.9),
         .max_delay_steps = 7},
        {.name = "none",
         .source = "hidden",
         .target = "hidden",
         .connectivity = {"fixed_probability", {{"p", 0.0}, {"weight", Initialiser::normal(0.0, 1.0)}}}},
        {.source = "hidden",
         .target = "output",
         .connectivity = {"dense", {{"weight", Initialiser::uniform(-0.3, 0.5)}}},
         .synapse = {"alpha", {{"tau", Initialiser::normal(4.0, 0.5)}}},
         .delay = Initialiser::constant(2.0)}};
    const Inputs inputs{{"input", events(dice, 30, timesteps, 150)}};
    RunSettings settings{.timesteps = timesteps, .rng_seed = 0x123456789abcdef0};
    expect_same(network, settings, inputs);
    // Every example starts at the drawn values again, or nothing does.
    settings.rng_seed = 3;
    settings.reset.vars = false;
    expect_same(network, settings, inputs, sampled_variants(1));
}

TEST(Initialisers, DrawOneKernelForAllSynapsesThatShareIt) {
    Dice dice(32);
    const Population image{
        .name = "image", .shape = {6, 7, 2}, .neuron = {"integrate_fire_input", {{"v_thresh", 0.8}}}};
    const auto kernel = [](const char* model, int filters, int size) {
        ModelSpec spec(model, {{"weight", Initialiser::normal(0.1, 0.3)}});
        spec.params["filters"] = filters;
        spec.params["conv_size"] = size;
        return spec;
    };
    ModelSpec pooled = kernel("avg_pool_conv2d", 3, 2);
    pooled.params["pool_size"] = 2;
    ModelSpec grouped = kernel("conv2d", 4, 3);
    grouped.params["groups"] = 2;
    ModelSpec uniform = kernel("conv2d", 5, 2);
    uniform.params["weight"] = 0.125;
    Network network;
    network.populations = {image};
    for (const ModelSpec& connectivity :
         {kernel("conv2d", 17, 3), kernel("conv2d_transpose", 2, 3), pooled, grouped, uniform}) {
        const std::string name = "branch" + std::to_string(network.connections.size());
        network.populations.push_back(
            {.name = name, .neuron = {"leaky_integrate_fire", {{"tau_mem", 7.0}}}, .readout = ModelSpec("var")});
        network.connections.push_back({.source = "image", .target = name, .connectivity = connectivity});
    }
    network.populations.push_back(
        {.name = "dense", .shape = {9}, .neuron = "leaky_integrate_fire", .readout = ModelSpec("var")});
    network.connections.push_back(
        {.source = "image",
         .target = "dense",
         .connectivity = {"avg_pool_dense2d", {{"weight", Initialiser::uniform(-0.5, 1.0)}, {"pool_size", 2}}},
         .delay = Initialiser::uniform(0.0, 3.0)});
    expect_same(network, {.timesteps = timesteps, .rng_seed = 9}, {{"image", values(dice, {6, 7, 2})}});
    const Network result = drawn(validated(network), 9);
    EXPECT_EQ(result.connections[0].connectivity.params.at("weight").get_if<Array>()->shape(), (Shape{3, 3, 2, 17}));
}

}  // namespace
}  // namespace mlgenn::differential
