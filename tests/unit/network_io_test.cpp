// SPDX-License-Identifier: Apache-2.0
// Good descriptions: what they become.
#include "mlgenn/network_io.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/array_bytes.h"
#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

constexpr const char* full = R"({
    "$schema": "../schemas/network.schema.json",
    "format": "mlgenn-network", "version": 1, "name": "digits", "dt": 0.5, "example_timesteps": 100,
    "populations": [
        {"name": "in", "shape": [8, 8, 2], "neuron": {"model": "integrate_fire_input", "params": {"v_thresh": 5}}},
        {"name": "conv", "neuron": {"model": "leaky_integrate_fire", "params": {"tau_refrac": null}}},
        {"name": "pool", "neuron": "integrate_fire"},
        {"name": "out", "neuron": {"model": "leaky_integrate"}, "readout": "var"}
    ],
    "connections": [
        {"source": "pool", "target": "out", "connectivity": {"model": "dense", "params": {"weight": {"file": "w.npz", "member": "w"}}},
         "synapse": {"model": "exponential", "params": {"tau": 2.5}}, "delay": 3},
        {"source": "conv", "target": "pool", "connectivity": {"model": "avg_pool2d", "params": {"pool_size": [2, 2]}}},
        {"name": "first", "source": "in", "target": "conv",
         "connectivity": {"model": "conv2d", "params": {"weight": {"file": "k.npy"}, "conv_padding": "same"}}}
    ]
})";

class GoodFolder : public testing::Test {
protected:
    GoodFolder() {
        folder_.write("net.json", full);
        folder_.write("k.npy", npy_file(npy_header("<f4", "(3, 3, 2, 4)"), std::string(72 * 4, '\0')));
        folder_.write("w.npz", zip_file({{.name = "w.npy",
                                          .data = npy_file(npy_header("<f8", "(64, 10)"), std::string(5120, '\0')),
                                          .deflate = true}}));
    }
    TempFolder folder_;
};

TEST_F(GoodFolder, BecomesANetwork) {
    const NetworkFile file = load_network(folder_.path() / "net.json");
    EXPECT_EQ(file.dt, 0.5);
    EXPECT_EQ(file.example_timesteps, 100u);
    const Network& network = file.network;
    EXPECT_EQ(network.name, "digits");
    EXPECT_EQ(network.origin.file, (folder_.path() / "net.json").string());
    ASSERT_EQ(network.populations.size(), 4u);
    EXPECT_EQ(*network.populations[0].neuron.params.at("v_thresh").get_if<double>(), 5);
    EXPECT_TRUE(network.populations[1].neuron.params.at("tau_refrac").is_null());
    EXPECT_FALSE(network.populations[2].readout.has_value());
    EXPECT_EQ(network.populations[3].readout->model, "var");
    EXPECT_EQ(network.connections[0].connectivity.params.at("weight").get_if<Array>()->dtype(), DType::f64);
    EXPECT_EQ(network.connections[0].synapse.model, "exponential");
    EXPECT_EQ(*network.connections[0].delay.get_if<double>(), 3);
    EXPECT_EQ(network.connections[1].synapse.model, "delta");
    EXPECT_EQ(network.connections[1].connectivity.params.at("pool_size").get_if<Array>()->to_i64(),
              (std::vector<std::int64_t>{2, 2}));
}

TEST_F(GoodFolder, GetsShapesAndNames) {
    const Network network = load_network(folder_.path() / "net.json").network;
    EXPECT_EQ(network.populations[1].shape, (Shape{8, 8, 4}));
    EXPECT_EQ(network.populations[2].shape, (Shape{4, 4, 4}));
    EXPECT_EQ(network.populations[3].shape, (Shape{10}));
    EXPECT_EQ(network.connections[0].name, "pool_to_out");
    EXPECT_EQ(network.connections[2].name, "first");
    EXPECT_EQ(network.find_population("pool"), &network.populations[2]);
    EXPECT_EQ(network.find_population("first"), nullptr);
}

Network two_populations(std::vector<Connection> connections) {
    Network network;
    network.populations = {{.name = "a", .shape = {4}, .neuron = "integrate_fire_input"},
                           {.name = "b", .shape = {4}, .neuron = "integrate_fire"}};
    network.connections = std::move(connections);
    return network;
}

TEST(Validated, MakesDefaultNamesUnique) {
    const ModelSpec dense("dense", {{"weight", 1.0}});
    const Network network =
        validated(two_populations({{.source = "a", .target = "b", .connectivity = dense},
                                   {.source = "a", .target = "b", .connectivity = dense},
                                   {.name = "a_to_b_2", .source = "b", .target = "b", .connectivity = dense},
                                   {.source = "b", .target = "b", .connectivity = dense}}));
    EXPECT_EQ(network.connections[0].name, "a_to_b");
    EXPECT_EQ(network.connections[1].name, "a_to_b_3");
    EXPECT_EQ(network.connections[3].name, "b_to_b");
}

TEST(Validated, LetsAFlatPopulationTakeAnImage) {
    Network network =
        two_populations({{.source = "a", .target = "b", .connectivity = {"avg_pool2d", {{"pool_size", 2}}}}});
    network.populations[0].shape = {4, 4, 1};
    EXPECT_EQ(validated(network).populations[1].shape, (Shape{4}));
}

TEST(Validated, InfersAlongChainsInAnyOrder) {
    Network network;
    network.populations = {{.name = "p0", .shape = {7}, .neuron = "spike_input"}};
    for (int i = 1; i < 200; ++i) {
        network.populations.push_back({.name = "p" + std::to_string(i), .neuron = "integrate_fire"});
    }
    for (int i = 199; i > 0; --i) {
        network.connections.push_back({.source = "p" + std::to_string(i - 1),
                                       .target = "p" + std::to_string(i),
                                       .connectivity = {"one_to_one", {{"weight", 1.0}}}});
    }
    EXPECT_EQ(validated(network).populations.back().shape, (Shape{7}));
}

TEST(Validated, IsStable) {
    const Network once =
        validated(two_populations({{.source = "a", .target = "b", .connectivity = {"dense", {{"weight", 1.0}}}}}));
    EXPECT_EQ(validated(once).connections[0].name, once.connections[0].name);
}

TEST(ParseNetwork, KeepsWholeNumbersOfListsExact) {
    const std::string text = R"({"format": "mlgenn-network", "version": 1, "populations": [
        {"name": "a", "shape": 2, "neuron": "spike_input"},
        {"name": "b", "shape": 2, "neuron": {"model": "integrate_fire", "params": {"v_thresh": [1.5, 2]}}}],
        "connections": [{"source": "a", "target": "b", "connectivity": {"model": "sparse",
            "params": {"pre_ind": [1], "post_ind": [0], "weight": [-3]}}}]})";
    const Network network = parse_network(text, "net.json", ".").network;
    EXPECT_EQ(network.connections[0].connectivity.params.at("weight").get_if<Array>()->dtype(), DType::i64);
    EXPECT_EQ(network.populations[1].neuron.params.at("v_thresh").get_if<Array>()->dtype(), DType::f64);
}

TEST(ParseNetwork, AcceptsTheDocumentsExample) {
    std::ifstream stream(MLGENN_SOURCE_DIR "/docs/network_format.md");
    const std::string document{std::istreambuf_iterator<char>(stream), {}};
    const std::string fence = "```json\n";
    const std::size_t begin = document.find(fence) + fence.size();
    const Network network =
        parse_network(document.substr(begin, document.find("```", begin) - begin), "net.json", ".").network;
    EXPECT_EQ(network.populations[1].shape, (Shape{2}));
    EXPECT_EQ(network.connections[1].name, "recurrent");
}

}  // namespace
}  // namespace mlgenn::test
