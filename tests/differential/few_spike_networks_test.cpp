// SPDX-License-Identifier: Apache-2.0
// Few-spike networks in every combination, literal and collapsed; more of them are among the random networks.
#include <gtest/gtest.h>

#include "mlgenn/errors.h"
#include "tests/differential/expect_same.h"
#include "tests/differential/random_data.h"

namespace mlgenn::differential {
namespace {

ModelSpec input(int k, double alpha, bool is_signed = false) {
    return {"few_spike_relu_input", {{"k", k}, {"alpha", alpha}, {"signed_input", is_signed}}};
}

ModelSpec relu(int k, double alpha) {
    return {"few_spike_relu", {{"k", k}, {"alpha", alpha}}};
}

/// A layer reaches the output directly and over two others; both are read out.
Network branches(Dice& dice, int k) {
    Network network;
    network.populations = {{.name = "input", .shape = {40}, .neuron = input(k, 2.0)},
                           {.name = "first", .shape = {33}, .neuron = relu(k, 3.0)},
                           {.name = "second", .shape = {17}, .neuron = relu(k, 3.0), .readout = ModelSpec("var")},
                           {.name = "output", .shape = {5}, .neuron = relu(k, 4.0), .readout = ModelSpec("var")}};
    const auto dense = [&](std::size_t from, std::size_t to) {
        return ModelSpec("dense", {{"weight", weights(dice, {from, to}, -0.3, 0.4)}});
    };
    network.connections = {{.source = "input", .target = "first", .connectivity = dense(40, 33)},
                           {.source = "first", .target = "second", .connectivity = dense(33, 17)},
                           {.source = "second", .target = "output", .connectivity = dense(17, 5)},
                           {.name = "skip", .source = "first", .target = "output", .connectivity = dense(33, 5)}};
    return network;
}

class FewSpikeSteps : public ::testing::TestWithParam<int> {};

/// One plane of bits, two, and three.
TEST_P(FewSpikeSteps, AgreeWithTheReference) {
    Dice dice(static_cast<std::uint64_t>(GetParam()));
    const Network network = branches(dice, GetParam());
    DenseInput given = values(dice, {40});
    given.scale = 2.5;
    expect_same(network, {.timesteps = static_cast<std::uint32_t>(GetParam())}, {{"input", given}});
}

INSTANTIATE_TEST_SUITE_P(Steps, FewSpikeSteps, ::testing::Values(1, 8, 10, 24));

TEST(FewSpikeNetworks, SignedImages) {
    Dice dice(2);
    Network network;
    const Array kernel = weights(dice, {3, 3, 2, 5}, -0.4, 0.5);
    network.populations = {{.name = "input", .shape = {9, 8, 2}, .neuron = input(12, 1.5, true)},
                           {.name = "conv", .neuron = relu(12, 3.0)},
                           {.name = "pool", .neuron = relu(12, 2.0)},
                           {.name = "output", .neuron = relu(12, 3.0), .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "conv",
                            .connectivity = {"conv2d", {{"weight", kernel}, {"conv_padding", "same"}}}},
                           {.source = "conv", .target = "pool", .connectivity = {"avg_pool2d", {{"pool_size", 2}}}},
                           {.source = "pool",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {4 * 4 * 5, 10}, -0.2, 0.3)}}}}};
    DenseInput given = values(dice, {9, 8, 2});
    for (float& value : given.values.as_mutable<float>()) {
        value = 3.0F * value - 1.5F;
    }
    expect_same(network, {.timesteps = 12}, {{"input", given}});
}

}  // namespace
}  // namespace mlgenn::differential
