// SPDX-License-Identifier: Apache-2.0
// Initialisers in code, in every place of a network: which names they see there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"

namespace mlgenn {
namespace {

Value code(const std::string& text, std::map<std::string, double> params = {}) {
    return Initialiser::from_code(text, std::move(params));
}

/// A population of (2, 3, 2) neurons in front of one of six.
Network network_of(const ModelSpec& connectivity, const Value& delay = 0, const Value& v = 0.0,
                   const Value& tau = 5.0) {
    Network network;
    network.populations = {
        {.name = "in", .shape = {2, 3, 2}, .neuron = "spike_input"},
        {.name = "out", .shape = {12}, .neuron = {"leaky_integrate", {{"v", v}}}, .readout = ModelSpec("var")}};
    network.connections = {{.source = "in",
                            .target = "out",
                            .connectivity = connectivity,
                            .synapse = {"exponential", {{"tau", tau}}},
                            .delay = delay}};
    return validated(network);
}

std::vector<float> weights_of(const ModelSpec& connectivity) {
    return drawn(network_of(connectivity), 1).connections[0].connectivity.params.at("weight").get_if<Array>()->to_f32();
}

TEST(CodeInitialisers, SeeTheNeuron) {
    const Network result = drawn(network_of({"dense", {{"weight", 1.0}}}, 0, code("value = a * id + dt;", {{"a", 2.0}}),
                                            code("value = id + num_neurons;")),
                                 1, 0.25);
    const Array& v = *result.populations[1].neuron.params.at("v").get_if<Array>();
    const Array& tau = *result.connections[0].synapse.params.at("tau").get_if<Array>();
    for (std::size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(v.value(i), 2.0 * static_cast<double>(i) + 0.25);
        EXPECT_EQ(tau.value(i), static_cast<double>(i + 12));
    }
}

TEST(CodeInitialisers, SeeBothEndsOfASynapse) {
    const Value ends = code("value = 1000 * id_pre + id_post;");
    const std::vector<float> dense = weights_of({"dense", {{"weight", ends}}});
    const std::vector<float> diagonal = weights_of({"one_to_one", {{"weight", ends}}});
    for (std::size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(diagonal[i], static_cast<float>(1001 * i));
        for (std::size_t j = 0; j < 12; ++j) {
            EXPECT_EQ(dense[i * 12 + j], static_cast<float>(1000 * i + j));
        }
    }
    EXPECT_THAT(weights_of({"sparse",
                            {{"pre_ind", Array::from(std::vector<std::int64_t>{5, 0})},
                             {"post_ind", Array::from(std::vector<std::int64_t>{7, 11})},
                             {"weight", ends}}}),
                testing::ElementsAre(5007.0F, 11.0F));
    EXPECT_THAT(weights_of({"fixed_probability", {{"p", 1.0}, {"weight", ends}}}), testing::ElementsAreArray(dense));
}

TEST(CodeInitialisers, SeeTheElementOfAKernel) {
    Network network = network_of({"dense", {{"weight", 1.0}}});
    network.populations[1].shape = {};
    network.connections[0].connectivity = {"conv2d",
                                           {{"weight", code("value = id_kernel;")}, {"conv_size", 2}, {"filters", 3}}};
    network.connections[0].delay = code("value = id_kernel * 0.5;");
    const Network result = drawn(validated(network), 1);
    const Array& weight = *result.connections[0].connectivity.params.at("weight").get_if<Array>();
    const Array& delay = *result.connections[0].delay.get_if<Array>();
    EXPECT_EQ(weight.shape(), (Shape{2, 2, 2, 3}));
    EXPECT_EQ(delay.shape(), weight.shape());
    for (std::size_t i = 0; i < 24; ++i) {
        EXPECT_EQ(weight.value(i), static_cast<double>(i));
        EXPECT_EQ(delay.value(i), static_cast<double>(i / 2)) << "delays are truncated";
    }
}

TEST(CodeInitialisers, AreCheckedWithTheNetwork) {
    try {
        static_cast<void>(network_of({"dense", {{"weight", code("value = id_kernel;")}}}));
        FAIL() << "accepted";
    } catch (const DescriptionError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("there is no 'id_kernel'"));
        EXPECT_THAT(error.what(), testing::HasSubstr("connection 'in_to_out'"));
    }
}

}  // namespace
}  // namespace mlgenn
