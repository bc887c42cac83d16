// SPDX-License-Identifier: Apache-2.0
// Few-spike values measured with mlGeNN 2.4, whose readouts lack the last step, and what they are with it.
#include "tests/support/golden_few_spike.h"

#include <cmath>

namespace mlgenn::test_support {
namespace {

constexpr int k = 8;
constexpr double alpha = 5.0;

struct Chain {
    std::string name;
    std::vector<float> inputs;
    /// As mlGeNN reads out.
    std::vector<float> original;
    std::vector<float> complete;
    bool is_signed = false;
    std::size_t num_layers = 1;
};

/// One neuron per layer, connected with weight 1; one example per input.
OracleCase chain_case(const Chain& chain) {
    OracleCase oracle;
    oracle.name = "golden_few_spike_" + chain.name;
    oracle.few_spike = true;
    oracle.timesteps = k;
    oracle.num_examples = chain.inputs.size();
    auto& network = oracle.network;
    network.populations = {
        {.name = "input",
         .shape = {1},
         .neuron = {"few_spike_relu_input", {{"k", k}, {"alpha", alpha}, {"signed_input", chain.is_signed}}}}};
    for (std::size_t layer = 0; layer < chain.num_layers; ++layer) {
        const std::string source = network.populations.back().name;
        const std::string name = "layer" + std::to_string(layer);
        network.populations.push_back(
            {.name = name, .shape = {1}, .neuron = {"few_spike_relu", {{"k", k}, {"alpha", alpha}}}});
        network.connections.push_back({.name = source + "_to_" + name,
                                       .source = source,
                                       .target = name,
                                       .connectivity = {"dense", {{"weight", 1.0}}}});
    }
    const std::string output = network.populations.back().name;
    network.populations.back().readout = ModelSpec("var");
    const Shape shape = {chain.inputs.size(), 1};
    oracle.inputs["input"] = DenseInput{Array::from(chain.inputs, shape)};
    oracle.original_readouts = {{output, Array::from(chain.original, shape), 0.0}};
    oracle.readouts = {{output, Array::from(chain.complete, shape), 0.0}};
    return oracle;
}

/// floor(x / unit) * unit, up to the largest number that k bits code.
std::vector<float> rounded_down(const std::vector<float>& inputs) {
    const double unit = std::ldexp(alpha, -k);
    std::vector<float> result;
    for (const float x : inputs) {
        const double code = std::floor(static_cast<double>(x) / unit);
        result.push_back(static_cast<float>(std::fmin(code, std::ldexp(1.0, k) - 1.0) * unit));
    }
    return result;
}

}  // namespace

std::vector<OracleCase> golden_few_spike_cases() {
    const std::vector<float> inputs = {0.0f, 1.0f, 2.0f, 3.3f, 4.999f, 7.0f};
    OracleCase unsigned_case = chain_case({.name = "unsigned",
                                           .inputs = inputs,
                                           .original = {0.0f, 0.9765625f, 1.9921875f, 3.28125f, 4.9609375f, 4.9609375f},
                                           .complete = rounded_down(inputs)});
    const auto steps = [](const std::vector<std::uint32_t>& of_example) {
        return SpikeRecord{of_example, std::vector<std::uint32_t>(of_example.size(), 0)};
    };
    unsigned_case.spikes = {{"input",
                             {steps({}), steps({2, 3, 6, 7}), steps({1, 2, 5, 6}), steps({0, 2, 4}),
                              steps({0, 1, 2, 3, 4, 5, 6, 7}), steps({0, 1, 2, 3, 4, 5, 6, 7})}}};
    // Only -1 uses the last step: 1.25 - 0.625 + 0.3125 below zero, of which the original leaves 0.3125 out.
    OracleCase signed_case = chain_case({.name = "signed",
                                         .inputs = {-4.0f, -1.0f, 0.0f, 1.0f, 2.0f, 4.5f, -0.001f},
                                         .original = {-3.75f, -0.625f, 0.0f, 0.9375f, 1.875f, 4.375f, 0.0f},
                                         .complete = {-3.75f, -0.9375f, 0.0f, 0.9375f, 1.875f, 4.375f, 0.0f},
                                         .is_signed = true});
    const std::vector<float> few = {1.0f, 2.0f, 3.0f};
    return {std::move(unsigned_case), std::move(signed_case),
            chain_case({.name = "two_layers",
                        .inputs = few,
                        .original = {0.9765625f, 1.9921875f, 2.96875f},
                        .complete = rounded_down(few),
                        .num_layers = 2})};
}

}  // namespace mlgenn::test_support
