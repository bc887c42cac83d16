// SPDX-License-Identifier: Apache-2.0
// A few networks in every combination of back end, target, schedule, mode, batch size and number of threads.
#include <gtest/gtest.h>

#include <limits>

#include "tests/differential/expect_same.h"
#include "tests/differential/random_data.h"

namespace mlgenn::differential {
namespace {

/// Sizes around the vector widths: full and partial vectors in every place.
class DenseSizes : public ::testing::TestWithParam<std::size_t> {};

TEST_P(DenseSizes, AgreeWithTheReference) {
    const std::size_t size = GetParam();
    Dice dice(size);
    Network network;
    network.populations = {
        {.name = "input", .shape = {size}, .neuron = "integrate_fire_input"},
        {.name = "hidden", .shape = {size}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")},
        {.name = "output", .shape = {size + 3}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {size, size}, -0.2, 0.4)}}}},
                           {.source = "hidden",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {size, size + 3}, -1.0, 1.0)}}},
                            .synapse = {"exponential", {{"tau", 3.0}}}}};
    expect_same(network, {.timesteps = 25}, {{"input", values(dice, {size})}});
}

INSTANTIATE_TEST_SUITE_P(Sizes, DenseSizes, ::testing::Values(1, 8, 15, 16, 17, 33, 130, 257, 520));

TEST(FixedNetworks, RecurrentWithDelaysAndRefractoryNeurons) {
    Dice dice(1);
    Network network;
    network.populations = {{.name = "input", .shape = {40}, .neuron = "spike_input"},
                           {.name = "hidden",
                            .shape = {33},
                            .neuron = {"leaky_integrate_fire", {{"tau_refrac", 2.0}, {"v_thresh", 0.8}}},
                            .readout = ModelSpec("var")},
                           {.name = "output", .shape = {5}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    const ModelSpec exponential("exponential", {{"tau", 4.0}, {"scale_i", true}});
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {40, 33}, -0.2, 0.5)}}},
                            .synapse = exponential},
                           {.name = "fast",
                            .source = "hidden",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {33, 33}, -0.3, 0.3)}}}},
                           {.name = "slow",
                            .source = "hidden",
                            .target = "hidden",
                            .connectivity = {"one_to_one", {{"weight", -0.4}}},
                            .synapse = exponential,
                            .delay = 3},
                           {.source = "hidden",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {33, 5}, -1.0, 1.0)}}}}};
    const Inputs inputs{{"input", events(dice, 40, 60, 300)}};
    expect_same(network, {.timesteps = 60}, inputs);
    RunSettings leaking{.timesteps = 60};
    leaking.reset.in_flight = false;
    leaking.reset.in_syn = false;
    expect_same(network, leaking, inputs);
}

/// More steps than a layer runs before the next one starts, with spikes on their way from one stretch to the next.
TEST(FixedNetworks, LongRunsWithDelays) {
    Dice dice(5);
    Network network;
    network.populations = {
        {.name = "input", .shape = {20}, .neuron = {"integrate_fire_input", {{"v_thresh", 2.0}}}},
        {.name = "hidden", .shape = {35}, .neuron = "leaky_integrate_fire", .readout = ModelSpec("avg_var")},
        {.name = "output", .shape = {6}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 35}, -0.2, 0.4)}}},
                            .delay = 5},
                           {.source = "hidden",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 6}, -0.2, 0.3)}}},
                            .synapse = {"exponential", {{"tau", 2.0}}},
                            .delay = 17},
                           {.name = "skip",
                            .source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 6}, -0.2, 0.3)}}}}};
    const Inputs inputs{{"input", values(dice, {20})}};
    RunSettings settings{.timesteps = 601};
    expect_same(network, settings, inputs);
    settings.reset.in_flight = false;
    settings.reset.in_syn = false;
    expect_same(network, settings, inputs);
}

/// Decaying state reaches the subnormal numbers, from both sides of zero, and must be flushed to the same zero.
TEST(FixedNetworks, DecayDownToZero) {
    Dice dice(3);
    Network network;
    const ModelSpec leaky("leaky_integrate", {{"tau_mem", 0.9}});
    network.populations = {{.name = "input", .shape = {20}, .neuron = "spike_input"},
                           {.name = "hidden", .shape = {18}, .neuron = {"leaky_integrate_fire", {{"tau_mem", 0.8}}}},
                           {.name = "slow", .shape = {18}, .neuron = leaky, .readout = ModelSpec("var")},
                           {.name = "fast", .shape = {18}, .neuron = leaky, .readout = ModelSpec("avg_var")}};
    const auto dense = [&] { return ModelSpec("dense", {{"weight", weights(dice, {20, 18}, -0.5, 0.5)}}); };
    const ModelSpec exponential("exponential", {{"tau", 1.0}});
    network.connections = {{.source = "input", .target = "hidden", .connectivity = dense(), .synapse = exponential},
                           {.source = "input", .target = "slow", .connectivity = dense(), .synapse = exponential},
                           {.source = "input", .target = "fast", .connectivity = dense()}};
    expect_same(network, {.timesteps = 150}, {{"input", events(dice, 20, 20, 40)}});
}

/// Weights far from 1, where the scale of integer sums is at its limits.
class WeightScales : public ::testing::TestWithParam<double> {};

TEST_P(WeightScales, AgreeWithTheReference) {
    Dice dice(4);
    const double scale = GetParam();
    Network network;
    network.populations = {{.name = "input", .shape = {20}, .neuron = "spike_input"},
                           {.name = "output",
                            .shape = {18},
                            .neuron = {"integrate_fire", {{"v_thresh", scale}}},
                            .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 18}, -0.5 * scale, scale)}}}}};
    expect_same(network, {.timesteps = 20}, {{"input", events(dice, 20, 20, 60)}});
}

INSTANTIATE_TEST_SUITE_P(Scales, WeightScales, ::testing::Values(0.0, 1e-37, 1e-30, 1e-3, 1e9, 1e30, 1e36));

TEST(FixedNetworks, ConvolutionsAndPools) {
    Dice dice(2);
    Network network;
    network.populations = {
        {.name = "input", .shape = {9, 7, 3}, .neuron = "integrate_fire_input"},
        {.name = "conv", .shape = {9, 7, 17}, .neuron = {"integrate_fire", {{"v_thresh", 1.25}}}},
        {.name = "strided", .shape = {3, 3, 5}, .neuron = {"integrate_fire", {{"v_thresh", 1.5}}}},
        {.name = "pool", .shape = {3, 2, 17}, .neuron = {"integrate_fire", {{"v_thresh", 0.5}}}},
        {.name = "output", .shape = {10}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")}};
    const Array strides = Array::from(std::vector<std::int64_t>{3, 3});
    network.connections = {
        {.source = "input",
         .target = "conv",
         .connectivity = {"conv2d", {{"weight", weights(dice, {3, 3, 3, 17}, -0.3, 0.5)}, {"conv_padding", "same"}}}},
        {.source = "conv",
         .target = "strided",
         .connectivity = {"conv2d",
                          {{"weight", weights(dice, {3, 2, 17, 5}, -0.2, 0.3)},
                           {"conv_padding", "same"},
                           {"conv_strides", strides}}}},
        {.source = "conv", .target = "pool", .connectivity = {"avg_pool2d", {{"pool_size", 3}}}},
        {.source = "strided",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", weights(dice, {5, 10}, -1.0, 2.0)}, {"pool_size", 2}}}},
        {.name = "again",
         .source = "conv",
         .target = "pool",
         .connectivity = {"avg_pool_conv2d",
                          {{"weight", weights(dice, {2, 1, 17, 17}, -0.5, 1.0)},
                           {"pool_size", Array::from(std::vector<std::int64_t>{2, 3})},
                           {"pool_strides", Array::from(std::vector<std::int64_t>{2, 3})}}}}};
    expect_same(network, {.timesteps = 20}, {{"input", values(dice, {9, 7, 3})}});
}

/// Values of both signs; NaN and signed zeros do not spike.
DenseInput signed_values(Dice& dice, Shape shape) {
    shape.insert(shape.begin(), num_examples);
    Array array = weights(dice, shape, -1.0, 1.0);
    array.as_mutable<float>()[0] = std::numeric_limits<float>::quiet_NaN();
    array.as_mutable<float>()[1] = -0.0F;
    return {array};
}

TEST(FixedNetworks, NegativeEventsThroughEveryKindOfConnection) {
    Dice dice(3);
    Network network;
    network.populations = {
        {.name = "binary", .shape = {5, 5, 3}, .neuron = {"binary_spike_input", {{"signed_spikes", true}}}},
        {.name = "poisson",
         .shape = {33},
         .neuron = {"poisson_input", {{"signed_spikes", true}, {"input_frames", 3}, {"input_frame_timesteps", 4}}}},
        {.name = "hidden", .shape = {75}, .neuron = {"leaky_integrate_fire", {{"v_thresh", 0.7}}}},
        {.name = "output", .shape = {6}, .neuron = "leaky_integrate", .readout = ModelSpec("max_var")}};
    const ModelSpec alpha("alpha", {{"tau", 2.0}});
    const Array pre = Array::from(std::vector<std::uint32_t>{0, 0, 5, 32, 32});
    const Array post = Array::from(std::vector<std::uint32_t>{0, 0, 74, 3, 74});
    network.connections = {
        {.source = "binary",
         .target = "hidden",
         .connectivity = {"conv2d",
                          {{"weight", weights(dice, {3, 3, 3, 3}, -0.3, 0.3)},
                           {"conv_padding", "same"},
                           {"flatten", true}}}},
        {.name = "again", .source = "binary", .target = "hidden", .connectivity = {"one_to_one", {{"weight", 0.3}}}},
        {.name = "dense",
         .source = "poisson",
         .target = "hidden",
         .connectivity = {"dense", {{"weight", weights(dice, {33, 75}, -0.3, 0.3)}}},
         .synapse = alpha,
         .delay = 2},
        {.name = "sparse",
         .source = "poisson",
         .target = "hidden",
         .connectivity = {"sparse", {{"pre_ind", pre}, {"post_ind", post}, {"weight", weights(dice, {5}, 0.2, 0.9)}}}},
        {.source = "hidden",
         .target = "output",
         .connectivity = {"dense", {{"weight", weights(dice, {75, 6}, -1.0, 1.0)}}},
         .synapse = alpha}};
    const Inputs inputs{{"binary", signed_values(dice, {5, 5, 3})}, {"poisson", signed_values(dice, {3, 33})}};
    expect_same(network, {.timesteps = 20, .rng_seed = 0x123456789abcdef0U}, inputs);
}

}  // namespace
}  // namespace mlgenn::differential
