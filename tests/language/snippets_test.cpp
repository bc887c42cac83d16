// SPDX-License-Identifier: Apache-2.0
// Every accepted snippet gives its result through generated code, every refused one its message.
#include "tests/language/snippets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "compiler/language/user_models.h"
#include "mlgenn/compiler.h"

namespace mlgenn::test {
namespace {

UserNeuronModel model_around(const std::string& name, const std::string& code) {
    UserNeuronModel model;
    model.name = name;
    model.params = {{"a", 3.0}, {"b", 0.5}, {"big", 1e10}};
    model.derived_params = {{"d", "2 * a"}};
    model.vars = {{"x", -99.0}, {"y", 2.5}, {"z", -7.0}};
    model.sim_code = code;
    model.output_variable = "x";
    return model;
}

/// All accepted snippets in one network, one population of five neurons each.
Network network_of_snippets() {
    Network network;
    network.populations = {{.name = "input", .shape = {1}, .neuron = "spike_input", .readout = {}}};
    std::size_t number = 0;
    for (const Accepted& snippet : accepted_snippets()) {
        const std::string name = "snippet" + std::to_string(number++);
        network.neuron_models.push_back(model_around(name, snippet.code));
        network.populations.push_back(
            {.name = "population_" + name, .shape = {5}, .neuron = name, .readout = ModelSpec("var")});
    }
    return network;
}

Inputs one_silent_example() {
    const std::vector<std::uint32_t> none;
    const std::vector<std::uint32_t> offsets = {0, 0};
    return {{"input", SpikeInput{Array::from(std::vector<float>{}), Array::from(none), Array::from(offsets)}}};
}

TEST(Snippets, AreAtLeast150) {
    EXPECT_GE(accepted_snippets().size() + rejected_snippets().size(), 150U);
}

TEST(Snippets, AcceptedOnesComputeTheirResults) {
    CompilerOptions options;
    options.example_timesteps = 1;
    options.dt = 0.5;
    options.cache_dir = "off";
    CompiledNetwork network = InferenceCompiler(options).compile(network_of_snippets());
    const Predictions predictions = network.predict(one_silent_example());
    std::size_t number = 0;
    for (const Accepted& snippet : accepted_snippets()) {
        const std::string name = "population_snippet" + std::to_string(number++);
        const float found = predictions.outputs.at(name).as<float>()[0];
        EXPECT_EQ(found, static_cast<float>(snippet.result)) << snippet.code;
    }
}

TEST(Snippets, RejectedOnesSayWhy) {
    for (const Rejected& snippet : rejected_snippets()) {
        language::Findings findings;
        const models::NeuronModel model =
            language::compile_neuron_model(model_around("rejected", snippet.code), findings);
        EXPECT_FALSE(model.build) << snippet.code;
        ASSERT_GE(findings.size(), 1U) << snippet.code;
        EXPECT_THAT(findings.all()[0].problem, testing::StartsWith(std::string("line 1, ") + snippet.problem))
            << snippet.code;
        EXPECT_FALSE(findings.all()[0].remedy.empty()) << snippet.code;
    }
}

TEST(Snippets, NeuronsAreIndependentOfEachOther) {
    Network network;
    network.populations = {{.name = "input", .shape = {1}, .neuron = "spike_input", .readout = {}}};
    UserNeuronModel model = model_around(
        "mine",
        "uint32_t k = num_neurons; x = a; if (id % 2u == 1u) { k = id; for (int i = 0; i < 3; i++) x += y; } x += k;");
    network.neuron_models = {model};
    const std::vector<double> a = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    const std::vector<double> y(19, 0.25);
    network.populations.push_back({.name = "output",
                                   .shape = {19},
                                   .neuron = {"mine", {{"a", Array::from(a)}, {"y", Array::from(y)}}},
                                   .readout = ModelSpec("var")});
    CompilerOptions options;
    options.example_timesteps = 2;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const Array result = compiled.predict(one_silent_example()).outputs.at("output");
    for (std::size_t n = 0; n < a.size(); ++n) {
        const double expected = a[n] + (n % 2 == 1 ? 0.75 + static_cast<double>(n) : 19.0);
        EXPECT_EQ(result.value(n), expected) << n;
    }
}

}  // namespace
}  // namespace mlgenn::test
