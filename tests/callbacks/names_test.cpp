// SPDX-License-Identifier: Apache-2.0
// Names of variables: mlGeNN's small letters work, and never mean another variable than the one that is written.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"

namespace mlgenn {
namespace {

/// Counts up in v and down in V.
Network two_cases() {
    Network network;
    network.neuron_models = {{.name = "both",
                              .params = {},
                              .derived_params = {},
                              .vars = {{"v", 0.0}, {"V", 0.0}, {"A", 0.0}},
                              .sim_code = "v += 1.0; V -= 1.0; A += Isyn;",
                              .output_variable = "A"}};
    network.populations = {{.name = "in", .shape = {2}, .neuron = "integrate_fire_input"},
                           {.name = "out", .shape = {2}, .neuron = "both", .readout = ModelSpec("var")}};
    network.connections = {{.source = "in", .target = "out", .connectivity = {"one_to_one", {{"weight", 1.0}}}}};
    return network;
}

CompilerOptions options_with(std::vector<CallbackSpec> callbacks) {
    CompilerOptions options;
    options.example_timesteps = 3;
    options.cache_dir = "off";
    options.callbacks = std::move(callbacks);
    return options;
}

const Inputs inputs{{"in", DenseInput{Array(DType::f32, {1, 2})}}};

std::vector<float> last_row(const Predictions& result, const std::string& key) {
    const auto values = std::get<std::vector<Array>>(result.callback_data.at(key)).at(0).as<float>();
    return {values.end() - 2, values.end()};
}

TEST(Names, AVariableIsTheOneThatIsWritten) {
    CompiledNetwork network = InferenceCompiler(options_with({VarRecorder{.population = "out", .variable = "V"},
                                                              VarRecorder{.population = "out", .variable = "v"},
                                                              VarRecorder{.population = "out", .variable = "a"},
                                                              CustomUpdate{.update =
                                                                               [](RunContext& run, std::size_t) {
                                                                                   run.fill("out", "v", 10.0);
                                                                                   run.fill("out", "a", 5.0);
                                                                               }}}))
                                  .compile(two_cases());
    const Predictions result = network.predict(inputs);
    EXPECT_EQ(last_row(result, "out.V"), (std::vector<float>{-3.0F, -3.0F}));
    EXPECT_EQ(last_row(result, "out.v"), (std::vector<float>{13.0F, 13.0F}));
    EXPECT_EQ(last_row(result, "out.a"), (std::vector<float>{5.0F, 5.0F}));
    // What was compiled as "a" is found as "A".
    EXPECT_EQ(
        last_row(network.predict(inputs, {.callbacks = {VarRecorder{.population = "out", .variable = "A"}}}), "out.A"),
        (std::vector<float>{5.0F, 5.0F}));
}

TEST(Names, AnotherVariableIsNotTakenInstead) {
    CompiledNetwork network =
        InferenceCompiler(options_with({VarRecorder{.population = "out", .variable = "v"}})).compile(two_cases());
    try {
        static_cast<void>(network.predict(inputs, {.callbacks = {VarRecorder{.population = "out", .variable = "V"}}}));
        FAIL() << "no exception";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "VarRecorder 'out.V': the network was not compiled to record variable 'V' of population 'out'\n"
                     "    it records: 'out.v'\n"
                     "    give the compiler this callback, or add the variable to its recordings");
    }
}

}  // namespace
}  // namespace mlgenn
