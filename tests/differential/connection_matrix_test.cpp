// SPDX-License-Identifier: Apache-2.0
// Connections written out as matrices have the synapses that the reference interpreter delivers, for every
// connectivity.
#include <gtest/gtest.h>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "tests/differential/random_data.h"
#include "tests/reference/connectivity.h"

namespace mlgenn::differential {
namespace {

struct MatrixCase {
    std::string name;
    Shape source;
    Shape target;
    ModelSpec connectivity;
    Value delay = 0;
};

Array delays_of(const Shape& shape) {
    std::vector<std::uint32_t> delays(num_elements(shape));
    for (std::size_t k = 0; k < delays.size(); ++k) {
        delays[k] = static_cast<std::uint32_t>(k * 5 % 4);
    }
    return Array::from(delays, shape);
}

std::vector<MatrixCase> matrix_cases() {
    Dice dice(3);
    const auto w = [&](const Shape& shape) { return weights(dice, shape, -1.0, 1.0); };
    const Array pre = Array::from(std::vector<std::uint32_t>{2, 0, 4, 2, 2});
    const Array post = Array::from(std::vector<std::uint32_t>{1, 3, 0, 1, 2});
    return {
        {"dense", {5}, {7}, {"dense", {{"weight", w({5, 7})}}}, delays_of({5, 7})},
        {"dense_shared", {5}, {7}, {"dense", {{"weight", 0.25}}}, 3},
        {"one_to_one", {6}, {6}, {"one_to_one", {{"weight", w({6})}}}},
        {"sparse", {5}, {4}, {"sparse", {{"pre_ind", pre}, {"post_ind", post}, {"weight", w({5})}}}, delays_of({5})},
        {"fixed_probability", {9}, {8}, {"fixed_probability", {{"p", 0.4}, {"weight", 0.5}}}},
        {"conv2d", {5, 4, 2}, {}, {"conv2d", {{"weight", w({3, 2, 2, 3})}, {"conv_padding", "same"}}}},
        {"conv2d_transpose", {3, 4, 2}, {}, {"conv2d_transpose", {{"weight", w({3, 3, 3, 2})}, {"conv_strides", 2}}}},
        {"avg_pool2d", {5, 4, 2}, {}, {"avg_pool2d", {{"pool_size", 2}}}},
        {"avg_pool_conv2d", {6, 6, 2}, {}, {"avg_pool_conv2d", {{"weight", w({2, 2, 2, 3})}, {"pool_size", 2}}}},
        {"avg_pool_dense2d", {5, 4, 2}, {}, {"avg_pool_dense2d", {{"weight", w({8, 6})}, {"pool_size", 2}}}}};
}

Network network_of(const MatrixCase& c) {
    Network network;
    network.populations = {
        {.name = "source", .shape = c.source, .neuron = "integrate_fire_input"},
        {.name = "target", .shape = c.target, .neuron = "integrate_fire", .readout = ModelSpec("var")}};
    network.connections = {{.name = "c", .source = "source", .target = "target", .connectivity = c.connectivity}};
    network.connections[0].delay = c.delay;
    return validated(network);
}

class ConnectionMatrix : public testing::TestWithParam<MatrixCase> {};

TEST_P(ConnectionMatrix, HasTheSynapsesOfTheReference) {
    const Network network = network_of(GetParam());
    CompilerOptions options;
    options.example_timesteps = 1;
    options.cache_dir = "off";
    options.callbacks = {ConnVarRecorder{.connection = "c", .key = "g"},
                         ConnVarRecorder{.connection = "c", .variable = "d", .key = "d"}};
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    Shape input = network.populations[0].shape;
    input.insert(input.begin(), 1);
    const Predictions result = compiled.predict({{"source", DenseInput{Array(DType::f32, input)}}});
    const auto g = std::get<std::vector<Array>>(result.callback_data.at("g")).at(0);
    const auto d = std::get<std::vector<Array>>(result.callback_data.at("d")).at(0);

    const Connection& connection = network.connections[0];
    const reference::ConnectivityContext context{
        .source = network.populations[0].shape, .target = network.populations[1].shape, .name = "c"};
    const std::size_t num_sources = num_elements(context.source);
    const std::size_t num_targets = num_elements(context.target);
    ASSERT_EQ(g.shape(), (Shape{num_sources, num_targets}));
    reference::ParameterView view(connection.connectivity, {"c", "connectivity", 0});
    const auto connectivity = reference::find_connectivity_kind(connection.connectivity.model).make(view, context);
    const Array* delays = connection.delay.get_if<Array>();
    std::vector<float> weight(num_sources * num_targets, 0.0F);
    std::vector<float> delay(num_sources * num_targets, 0.0F);
    std::vector<reference::Synapse> row;
    std::size_t num_synapses = 0;
    for (std::size_t i = 0; i < num_sources; ++i) {
        connectivity->row(i, row);
        for (const reference::Synapse& synapse : row) {
            const std::size_t at = i * num_targets + synapse.post;
            weight[at] += reference::shared_or_own(connectivity->weights(), synapse.index);
            delay[at] = static_cast<float>(delays != nullptr ? delays->value(synapse.index)
                                                             : *connection.delay.get_if<double>());
            ++num_synapses;
        }
    }
    EXPECT_GT(num_synapses, 4U);
    for (std::size_t k = 0; k < weight.size(); ++k) {
        EXPECT_EQ(g.as<float>()[k], weight[k]) << k;
        EXPECT_EQ(d.as<float>()[k], delay[k]) << k;
    }
}

INSTANTIATE_TEST_SUITE_P(Connectivities, ConnectionMatrix, testing::ValuesIn(matrix_cases()),
                         [](const auto& parameter) { return parameter.param.name; });

std::string compile_error(const ConnectionVariable& wanted, std::size_t size = 4) {
    CompilerOptions options;
    options.example_timesteps = 1;
    options.cache_dir = "off";
    options.recorded_connections = {wanted};
    try {
        static_cast<void>(
            InferenceCompiler(options).compile(network_of({"dense", {size}, {size}, {"dense", {{"weight", 1.0}}}})));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(ConnectionMatrixErrors, SayWhatThereIs) {
    EXPECT_EQ(compile_error({"b", "g"}),
              "recorded connection 'b': the network has no such connection\n    its connections are: 'c'");
    EXPECT_EQ(compile_error({"c", "w"}),
              "recorded connection 'c': it has no variable 'w'\n    record \"g\", its weights, or \"d\", its delays");
    EXPECT_EQ(compile_error({"c", "g"}, 4097),
              "recorded connection 'c': 4097 x 4097 pairs of neurons are to be written out, but at most 16777216 are\n"
              "    record a smaller connection");
}

}  // namespace
}  // namespace mlgenn::differential
