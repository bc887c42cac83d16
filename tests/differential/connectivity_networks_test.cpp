// SPDX-License-Identifier: Apache-2.0
// Every way to connect two populations, in every combination of back end, target, schedule, mode, batch and threads.
#include <gtest/gtest.h>

#include "tests/differential/expect_same.h"
#include "tests/differential/random_data.h"

namespace mlgenn::differential {
namespace {

constexpr std::uint32_t timesteps = 20;

Array delays(Dice& dice, const Shape& shape, std::size_t longest) {
    std::vector<std::uint16_t> values(num_elements(shape));
    for (std::uint16_t& value : values) {
        value = static_cast<std::uint16_t>(dice.below(longest + 1));
    }
    return Array::from(values, shape);
}

Value pair(std::int64_t rows, std::int64_t columns) {
    return Array::from(std::vector<std::int64_t>{rows, columns});
}

struct Branch {
    ModelSpec connectivity;
    /// Empty: what the connectivity produces.
    Shape target = {};
    Value delay = 0;
};

/// One source that feeds a population of neurons per branch.
Network fan_out(const Population& source, const std::vector<Branch>& branches, const ModelSpec& synapse) {
    Network network;
    network.populations = {source};
    for (std::size_t b = 0; b < branches.size(); ++b) {
        const std::string name = "branch" + std::to_string(b);
        network.populations.push_back({.name = name,
                                       .shape = branches[b].target,
                                       .neuron = {"leaky_integrate_fire", {{"tau_mem", 7.0}}},
                                       .readout = ModelSpec("var")});
        network.connections.push_back({.source = source.name,
                                       .target = name,
                                       .connectivity = branches[b].connectivity,
                                       .synapse = synapse,
                                       .delay = branches[b].delay});
    }
    return network;
}

TEST(Connectivities, TransposedConvolutions) {
    Dice dice(11);
    const Population image{
        .name = "image", .shape = {4, 5, 3}, .neuron = {"integrate_fire_input", {{"v_thresh", 0.8}}}};
    const auto transposed = [&](const Shape& kernel, Value strides, const char* padding) {
        return Branch{{"conv2d_transpose",
                       {{"weight", weights(dice, kernel, -0.4, 0.6)},
                        {"conv_strides", std::move(strides)},
                        {"conv_padding", padding}}}};
    };
    Branch flat = transposed({3, 2, 5, 3}, pair(2, 1), "same");
    flat.connectivity.params["flatten"] = true;
    const std::vector<Branch> branches = {transposed({3, 3, 17, 3}, 2, "valid"), transposed({4, 3, 4, 3}, 2, "same"),
                                          transposed({5, 1, 2, 3}, pair(1, 3), "same"),
                                          transposed({1, 2, 2, 3}, pair(3, 4), "valid"), flat};
    expect_same(fan_out(image, branches, "delta"), {.timesteps = timesteps}, {{"image", values(dice, {4, 5, 3})}});
}

TEST(Connectivities, DilatedAndGroupedConvolutions) {
    Dice dice(12);
    const Population image{
        .name = "image", .shape = {9, 8, 4}, .neuron = {"integrate_fire_input", {{"v_thresh", 0.8}}}};
    const auto convolution = [&](const Shape& kernel, Parameters more) {
        more["weight"] = weights(dice, kernel, -0.3, 0.5);
        return Branch{{"conv2d", std::move(more)}};
    };
    Branch pooled = convolution({2, 2, 2, 6}, {{"pool_size", 2}, {"conv_dilation", 2}, {"groups", 2}});
    pooled.connectivity.model = "avg_pool_conv2d";
    const std::vector<Branch> branches = {
        convolution({3, 2, 4, 5}, {{"conv_dilation", 3}}),
        convolution({3, 3, 4, 18}, {{"conv_dilation", pair(2, 1)}, {"conv_strides", 2}, {"conv_padding", "same"}}),
        convolution({3, 3, 2, 34}, {{"groups", 2}, {"conv_padding", "same"}}),
        convolution({2, 4, 1, 8}, {{"groups", 4}, {"conv_strides", pair(1, 3)}, {"conv_padding", "same"}}),
        convolution({4, 4, 4, 3}, {{"conv_padding", "same"}}),
        convolution({5, 7, 4, 2}, {{"conv_strides", 1000}, {"conv_padding", "same"}, {"conv_dilation", 5}}),
        pooled};
    expect_same(fan_out(image, branches, "delta"), {.timesteps = timesteps}, {{"image", values(dice, {9, 8, 4})}});
}

TEST(Connectivities, ConvolutionsOfSequences) {
    Dice dice(13);
    const Population sequence{
        .name = "sequence", .shape = {23, 4}, .neuron = {"integrate_fire_input", {{"v_thresh", 0.8}}}};
    const auto convolution = [&](const Shape& kernel, Parameters more) {
        more["weight"] = weights(dice, kernel, -0.4, 0.6);
        return Branch{{"conv1d", std::move(more)}};
    };
    const std::vector<Branch> branches = {
        convolution({5, 4, 17}, {}), convolution({4, 4, 3}, {{"conv_padding", "same"}, {"conv_strides", 3}}),
        convolution({3, 4, 2}, {{"conv_dilation", 4}, {"flatten", true}}),
        convolution({3, 2, 6}, {{"groups", 2}, {"conv_padding", "same"}, {"conv_dilation", 2}})};
    expect_same(fan_out(sequence, branches, {"exponential", {{"tau", 3.0}}}), {.timesteps = timesteps},
                {{"sequence", values(dice, {23, 4})}});
}

TEST(Connectivities, RandomSynapses) {
    Dice dice(14);
    Network network;
    network.populations = {{.name = "input", .shape = {37}, .neuron = "spike_input"},
                           {.name = "hidden", .shape = {50}, .neuron = "leaky_integrate_fire"},
                           {.name = "output", .shape = {18}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    const auto random = [](double p, double weight) {
        return ModelSpec("fixed_probability", {{"p", p}, {"weight", weight}});
    };
    ModelSpec with_self = random(0.5, -0.06);
    with_self.params["allow_self_connections"] = true;
    network.connections = {
        {.source = "input", .target = "hidden", .connectivity = random(0.3, 0.4)},
        {.name = "others", .source = "hidden", .target = "hidden", .connectivity = random(1.0, -0.01)},
        {.name = "all", .source = "hidden", .target = "hidden", .connectivity = with_self, .delay = 2},
        {.source = "hidden", .target = "output", .connectivity = random(0.1, 0.7)},
        {.name = "none", .source = "hidden", .target = "output", .connectivity = random(0.0, 1e30)}};
    const Inputs inputs{{"input", events(dice, 37, timesteps, 150)}};
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0xfedcba9876543210}}) {
        expect_same(network, {.timesteps = timesteps, .rng_seed = seed}, inputs);
    }
}

/// One branch per connectivity that can have delays of its own, with 10 source neurons.
std::vector<Branch> delayed_branches(Dice& dice) {
    const Shape matrix = {12, 21};
    std::vector<std::uint32_t> pre;
    std::vector<std::uint32_t> post;
    for (std::size_t i = 0; i < 60; ++i) {
        pre.push_back(static_cast<std::uint32_t>(dice.below(12)));
        post.push_back(static_cast<std::uint32_t>(dice.below(5)));
    }
    Parameters sparse{{"pre_ind", Array::from(pre)}, {"post_ind", Array::from(post)}};
    sparse["weight"] = weights(dice, {60}, -0.5, 1.0);
    Parameters sparse_uniform = sparse;
    sparse_uniform["weight"] = 0.3;
    const Array kernel = weights(dice, {2, 2, 3, 18}, -0.5, 0.9);
    const Array stamp = weights(dice, {2, 2, 4, 3}, -0.5, 0.9);
    return {{{"dense", {{"weight", weights(dice, matrix, -0.4, 0.7)}}}, {21}, delays(dice, matrix, 7)},
            {{"dense", {{"weight", 0.2}}}, {21}, delays(dice, {12 * 21}, 3)},
            {{"one_to_one", {{"weight", weights(dice, {12}, 0.0, 2.0)}}}, {12}, delays(dice, {12}, 300)},
            {{"sparse", sparse}, {5}, delays(dice, {60}, 5)},
            {{"sparse", sparse_uniform}, {5}, delays(dice, {60}, 1)},
            {{"dense", {{"weight", weights(dice, matrix, -0.4, 0.7)}}}, {21}, delays(dice, matrix, 0)},
            {{"conv2d", {{"weight", kernel}, {"conv_padding", "same"}}}, {}, delays(dice, {2, 2, 3, 18}, 4)},
            {{"conv2d_transpose", {{"weight", stamp}}}, {}, delays(dice, {2, 2, 4, 3}, 4)},
            {{"avg_pool_dense2d", {{"weight", weights(dice, {3, 7}, 0.0, 2.0)}, {"pool_size", pair(2, 2)}}},
             {7},
             delays(dice, {3, 7}, 6)}};
}

class DelayedSynapses : public ::testing::TestWithParam<const char*> {};

TEST_P(DelayedSynapses, AgreeWithTheReference) {
    Dice dice(15);
    std::vector<Branch> vectors = delayed_branches(dice);
    const auto first_image = vectors.begin() + 6;
    const std::vector<Branch> images(first_image, vectors.end());
    vectors.erase(first_image, vectors.end());
    const ModelSpec synapse = GetParam();
    const Population list{.name = "list", .shape = {12}, .neuron = "spike_input"};
    const Population image{.name = "image", .shape = {2, 2, 3}, .neuron = "spike_input"};
    const SpikeInput spikes = events(dice, 12, timesteps, 60);
    RunSettings settings{.timesteps = timesteps};
    expect_same(fan_out(list, vectors, synapse), settings, {{"list", spikes}});
    expect_same(fan_out(image, images, synapse), settings, {{"image", spikes}});
    settings.reset.in_flight = false;
    expect_same(fan_out(list, vectors, synapse), settings, {{"list", spikes}});
    settings.reset.in_syn = false;
    settings.reset.time = false;
    expect_same(fan_out(list, vectors, synapse), settings, {{"list", spikes}});
}

INSTANTIATE_TEST_SUITE_P(Synapses, DelayedSynapses, ::testing::Values("delta", "exponential"));

TEST(Connectivities, RecurrentDelaysOfTheirOwn) {
    Dice dice(16);
    Network network;
    network.populations = {
        {.name = "input", .shape = {20}, .neuron = "spike_input"},
        {.name = "hidden", .shape = {35}, .neuron = "leaky_integrate_fire", .readout = ModelSpec("spike_count")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 35}, -0.2, 0.5)}}}},
                           {.source = "hidden",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 35}, -0.3, 0.3)}}},
                            .synapse = {"exponential", {{"tau", 4.0}}},
                            .delay = delays(dice, {35, 35}, 9)}};
    expect_same(network, {.timesteps = 50}, {{"input", events(dice, 20, 50, 200)}});
}

}  // namespace
}  // namespace mlgenn::differential
