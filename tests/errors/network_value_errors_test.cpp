// SPDX-License-Identifier: Apache-2.0
// Networks built in C++: findings name populations and connections instead of places in a file.
#include <gtest/gtest.h>

#include <cmath>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"

namespace mlgenn::test {
namespace {

Network good_network() {
    Network network;
    network.populations = {{.name = "in", .shape = {4}, .neuron = "integrate_fire_input"},
                           {.name = "out", .shape = {3}, .neuron = "integrate_fire", .readout = "spike_count"}};
    network.connections = {{.source = "in", .target = "out", .connectivity = {"dense", {{"weight", 1.0}}}}};
    return network;
}

std::string error_of(const Network& network) {
    try {
        static_cast<void>(validated(network));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(NetworkValue, IsAcceptedWhenGood) {
    EXPECT_EQ(error_of(good_network()), "accepted");
}

TEST(NetworkValue, NamesParameters) {
    Network network = good_network();
    network.populations[1].neuron.params["v_thresh"] = NAN;
    EXPECT_EQ(
        error_of(network),
        "population 'out', neuron.v_thresh: found nan, expected a finite number, or an array with one per neuron\n"
        "    correct it (firing threshold), or leave it out for 1");
}

TEST(NetworkValue, NamesConnections) {
    Network network = good_network();
    std::vector<float> weights(12, 0.5F);
    weights[7] = INFINITY;
    network.connections[0].connectivity.params["weight"] = Array::from(weights, {4, 3});
    network.connections[0].delay = 0.5;
    EXPECT_EQ(error_of(network),
              "connection 'in_to_out', connectivity.weight: found inf as element [2, 1], expected a finite number, or "
              "an array of them\n"
              "    correct it: (source neurons, target neurons), or one number for all synapses\n"
              "connection 'in_to_out', delay: found 0.5, expected a whole number of timesteps from 0 to 65535\n"
              "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing");
}

TEST(NetworkValue, CountsWhatHasNoGoodName) {
    Network network = good_network();
    network.populations.push_back({.name = "out", .shape = {3}, .neuron = "integrate_fire"});
    network.populations.push_back({.name = "no name", .shape = {3}, .neuron = "integrate_fir"});
    EXPECT_EQ(
        error_of(network),
        "populations[2], name: the name 'out' is used twice\n"
        "    it is first used at populations[1], name\n"
        "    give every population and connection its own name\n"
        "populations[3], name: found 'no name', expected a letter and then letters, digits or '_', at most 128 in "
        "all\n"
        "    choose another name\n"
        "populations[3], neuron: unknown neuron model 'integrate_fir'\n"
        "    did you mean 'integrate_fire'?");
}

TEST(NetworkValue, ComparesShapes) {
    Network network = good_network();
    network.connections[0].connectivity = {"dense", {{"weight", Array(DType::f32, {4, 2})}}};
    EXPECT_EQ(error_of(network),
              "connection 'in_to_out', connectivity: dense produces 2 neurons, but population 'out' has 3\n"
              "    out is declared with shape [3]\n"
              "    set its shape to [2], or leave it out to take the connection's");
}

TEST(NetworkValue, NeedsPopulations) {
    EXPECT_EQ(error_of(Network{}), "network, populations: the network has no populations\n    give it at least one");
}

TEST(NetworkValue, StopsAfterAThousandFindings) {
    Network network = good_network();
    for (int i = 0; i < 3000; ++i) {
        network.populations.push_back({.name = "p" + std::to_string(i), .shape = {0}, .neuron = "integrate_fire"});
    }
    try {
        static_cast<void>(validated(network));
        FAIL();
    } catch (const DescriptionError& error) {
        ASSERT_EQ(error.diagnostics().size(), 1001u);
        EXPECT_EQ(error.diagnostics().back().text(), "network: there are more than 1000 findings");
    }
}

}  // namespace
}  // namespace mlgenn::test
