// SPDX-License-Identifier: Apache-2.0
// Small networks whose programs a reader can check by eye.
#pragma once

#include "mlgenn/compiler.h"
#include "mlgenn/network.h"

namespace mlgenn::test {

/// 3 value inputs -> 2 integrate-and-fire outputs, dyadic weights.
inline Network feed_forward_network() {
    Network network;
    network.name = "feed_forward";
    network.populations = {
        {.name = "input", .shape = {3}, .neuron = {"integrate_fire_input", {{"v_thresh", 2.0}}}, .readout = {}},
        {.name = "output",
         .shape = {2},
         .neuron = {"integrate_fire", {{"v_thresh", 1.0}}},
         .readout = ModelSpec("spike_count")}};
    network.connections = {
        {.source = "input",
         .target = "output",
         .connectivity = {"dense",
                          {{"weight", Array::from<float>({0.5F, -0.25F, 1.0F, 0.75F, -0.5F, 0.25F}, {3, 2})}}}}};
    return network;
}

/// 4 event inputs -> 5 LIF neurons with recurrence and refractoriness -> 2 leaky integrators.
inline Network recurrent_network() {
    Network network;
    network.name = "recurrent";
    network.populations = {
        {.name = "input", .shape = {4}, .neuron = "spike_input", .readout = {}},
        {.name = "hidden", .shape = {5}, .neuron = {"leaky_integrate_fire", {{"tau_refrac", 2.0}}}, .readout = {}},
        {.name = "output",
         .shape = {2},
         .neuron = {"leaky_integrate", {{"bias", 0.125}}},
         .readout = ModelSpec("avg_var")}};
    const auto weights = [](std::size_t rows, std::size_t columns) {
        std::vector<float> values(rows * columns);
        for (std::size_t k = 0; k < values.size(); ++k) {
            values[k] = static_cast<float>(static_cast<int>(k * 7 % 13) - 6) / 8.0F;
        }
        return Value(Array::from(values, {rows, columns}));
    };
    network.connections = {
        {.source = "input",
         .target = "hidden",
         .connectivity = {"dense", {{"weight", weights(4, 5)}}},
         .synapse = {"exponential", {{"tau", 5.0}}}},
        {.source = "hidden",
         .target = "hidden",
         .connectivity = {"sparse",
                          {{"pre_ind", Array::from<std::int64_t>({0, 1, 3})},
                           {"post_ind", Array::from<std::int64_t>({1, 2, 0})},
                           {"weight", 0.5}}},
         .delay = 2},
        {.source = "hidden", .target = "output", .connectivity = {"dense", {{"weight", weights(5, 2)}}}}};
    return network;
}

/// 4 x 4 image -> 3 x 3 convolution with 2 filters -> pooled -> 3 outputs.
inline Network convolutional_network() {
    Network network;
    network.name = "convolutional";
    network.populations = {{.name = "image", .shape = {4, 4, 1}, .neuron = "integrate_fire_input", .readout = {}},
                           {.name = "features", .shape = {4, 4, 2}, .neuron = "integrate_fire", .readout = {}},
                           {.name = "output", .shape = {3}, .neuron = "integrate_fire", .readout = ModelSpec("var")}};
    std::vector<float> kernel(18);
    std::vector<float> dense(24);
    for (std::size_t k = 0; k < kernel.size(); ++k) {
        kernel[k] = static_cast<float>(static_cast<int>(k % 5) - 2) / 4.0F;
    }
    for (std::size_t k = 0; k < dense.size(); ++k) {
        dense[k] = static_cast<float>(static_cast<int>(k % 7) - 3) / 4.0F;
    }
    network.connections = {
        {.source = "image",
         .target = "features",
         .connectivity = {"conv2d", {{"weight", Array::from(kernel, {3, 3, 1, 2})}, {"conv_padding", "same"}}}},
        {.source = "features",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", Array::from(dense, {8, 3})}, {"pool_size", 2}}}}};
    return network;
}

inline CompilerOptions small_options(Accumulation accumulation, const std::string& schedule) {
    CompilerOptions options;
    options.example_timesteps = 10;
    options.accumulation = accumulation;
    options.schedule = schedule;
    options.target = "generic";
    options.num_threads = 1;
    options.cache_dir = "off";
    return options;
}

}  // namespace mlgenn::test
