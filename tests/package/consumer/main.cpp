// SPDX-License-Identifier: Apache-2.0
// The example of README.md: the Yin-Yang network in C++, compiled and evaluated.
#include <cstdio>
#include <string>

#include "mlgenn/compiler.h"
#include "mlgenn/network_io.h"

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : "docs/examples/yin_yang";
    const auto array = [&](const char* name) { return mlgenn::load_npy(folder + "/" + name + ".npy"); };
    const auto dense = [&](const char* name) { return mlgenn::ModelSpec{"dense", {{"weight", array(name)}}}; };
    const mlgenn::ModelSpec synapse = {"exponential", {{"tau", 5.0}}};

    mlgenn::Network network;
    network.populations = {
        {.name = "input", .shape = {5}, .neuron = "spike_input"},
        {.name = "hidden", .shape = {128}, .neuron = {"leaky_integrate_fire", {{"tau_mem", 20.0}}}},
        {.name = "output", .shape = {3}, .neuron = {"leaky_integrate", {{"tau_mem", 20.0}}}, .readout = "avg_var"}};
    network.connections = {
        {.source = "input", .target = "hidden", .connectivity = dense("input_to_hidden"), .synapse = synapse},
        {.source = "hidden", .target = "output", .connectivity = dense("hidden_to_output"), .synapse = synapse}};

    const mlgenn::InferenceCompiler compiler({.example_timesteps = 60, .batch_size = 32});
    mlgenn::CompiledNetwork compiled = compiler.compile(network);
    const auto part = [&](const char* name) { return mlgenn::load_npz(folder + "/test_spikes.npz", name); };
    const mlgenn::SpikeInput spikes{part("times"), part("ids"), part("offsets")};
    const auto result = compiled.evaluate({{"input", spikes}}, {{"output", array("test_labels")}});
    std::printf("%.2f %% correct\n", 100.0 * result.metric("output", "sparse_categorical_accuracy").value);
}
