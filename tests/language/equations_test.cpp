// SPDX-License-Identifier: Apache-2.0
// Models given by differential equations: against solutions on paper, against built-in models, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compiler/language/user_models.h"
#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::test {
namespace {

UserNeuronModel model_with(std::map<std::string, VariableEquation> equations) {
    UserNeuronModel model;
    model.name = "mine";
    model.params = {{"tau", 8.0}, {"drive", 1.5}, {"zero", 0.0}};
    model.derived_params = {{"rate", "1 / tau"}};
    model.equations = std::move(equations);
    model.output_variable = "V";
    return model;
}

/// Variable V after `steps` timesteps without input.
float value_after(const UserNeuronModel& model, std::uint32_t steps, double dt = 0.5, const Parameters& params = {}) {
    Network network;
    network.neuron_models = {model};
    network.populations = {{.name = "input", .shape = {1}, .neuron = "spike_input", .readout = {}},
                           {.name = "p", .shape = {3}, .neuron = {"mine", params}, .readout = ModelSpec("var")}};
    CompilerOptions options;
    options.example_timesteps = steps;
    options.dt = dt;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const std::vector<std::uint32_t> none;
    const std::vector<std::uint32_t> offsets = {0, 0};
    const Inputs inputs{
        {"input", SpikeInput{Array::from(std::vector<float>{}), Array::from(none), Array::from(offsets)}}};
    return compiled.predict(inputs).outputs.at("p").as<float>()[1];
}

TEST(Equations, SolvesLinearOnesExactly) {
    for (const double dt : {0.1, 1.0, 5.0}) {
        const auto steps = static_cast<std::uint32_t>(std::lround(20.0 / dt));
        const double exact = 1.5 * (1.0 - std::exp(-20.0 / 8.0));
        EXPECT_NEAR(value_after(model_with({{"V", {"(-V + drive) / tau", ""}}}), steps, dt), exact, 1e-5) << dt;
        EXPECT_NEAR(value_after(model_with({{"V", {"rate * (drive - V)", ""}}}), steps, dt), exact, 1e-5) << dt;
    }
}

TEST(Equations, TakesARateThatChanges) {
    // dV/dt = -w V with w constant in time but a variable: the rate is not known before the run.
    UserNeuronModel model = model_with({{"V", {"-w * V", ""}}});
    model.vars = {{"V", 2.0}, {"w", 0.25}};
    EXPECT_NEAR(value_after(model, 10), 2.0 * std::exp(-0.25 * 5.0), 1e-6);
    model.vars["w"] = 0.0;
    EXPECT_EQ(value_after(model, 10), 2.0F);
    model.vars["w"] = 1e-6;
    EXPECT_NEAR(value_after(model, 10), 2.0 * std::exp(-5e-6), 1e-6);
}

TEST(Equations, TakesARateOfZero) {
    EXPECT_EQ(value_after(model_with({{"V", {"zero * V + drive", ""}}}), 10), 7.5F);
    EXPECT_EQ(value_after(model_with({{"V", {"drive", ""}}}), 10), 7.5F);
}

TEST(Equations, KeepsWhatIsNotLinearInTheOldValue) {
    // V' = V^2 - V: the linear part decays exactly, V^2 is constant over the step.
    UserNeuronModel model = model_with({{"V", {"V ** 2 - V", ""}}});
    model.vars = {{"V", 0.5}};
    const double decay = std::exp(-0.5);
    EXPECT_NEAR(value_after(model, 1), decay * 0.5 + (1.0 - decay) * 0.25, 1e-7);
    model.sub_steps = 500;
    EXPECT_NEAR(value_after(model, 1), 0.5 * std::exp(-0.5) / (0.5 + 0.5 * std::exp(-0.5)), 2e-4);
}

TEST(Equations, UsesOldValuesOnAllRightSides) {
    // A turn by linear Euler: both use the values before the step.
    UserNeuronModel model = model_with({{"V", {"-W", ""}}, {"W", {"V", ""}}});
    model.vars = {{"V", 1.0}, {"W", 0.5}};
    model.solver = "linear_euler";
    EXPECT_EQ(value_after(model, 1), 0.75F);
    EXPECT_EQ(value_after(model, 2), 0.75F - 0.5F * 1.0F);
    model.sub_steps = 2;
    EXPECT_EQ(value_after(model, 1), 0.875F - 0.25F * 0.75F);
}

TEST(Equations, NumbersAreReal) {
    EXPECT_EQ(value_after(model_with({{"V", {"1 / 2", ""}}}), 2, 1.0), 1.0F);
    EXPECT_EQ(value_after(model_with({{"V", {"-3 ** 2 + 2 ** -1", ""}}}), 1, 1.0), -8.5F);
    EXPECT_FLOAT_EQ(value_after(model_with({{"V", {"cos(pi) + ln(exp(2))", ""}}}), 1, 1.0), 1.0F);
    EXPECT_FLOAT_EQ(value_after(model_with({{"V", {"sec(0) + root(8, 3) + sinc(0) + acoth(1e9) * 0", ""}}}), 1, 1.0),
                    4.0F);
}

TEST(Equations, SpikesWhereTheThresholdIsReachedAndJumps) {
    UserNeuronModel model = model_with({{"V", {"drive", "W - 1"}}, {"W", {"", "V"}}});
    model.threshold = "V - 1.5";
    // 0.75; 1.5 is reached: V = 0 - 1, W = 1.5; -0.25, 0.5, 1.25, 2.0: V = 0.5.
    EXPECT_EQ(value_after(model, 1), 0.75F);
    EXPECT_EQ(value_after(model, 2), -1.0F);
    EXPECT_EQ(value_after(model, 6), 0.5F);
}

TEST(Equations, TakesParametersPerNeuron) {
    const std::vector<double> taus = {4.0, 16.0, 2.0};
    EXPECT_NEAR(value_after(model_with({{"V", {"rate * (drive - V)", ""}}}), 4, 0.5, {{"tau", Array::from(taus)}}),
                1.5 * (1.0 - std::exp(-2.0 / 16.0)), 1e-6);
}

Network network_with(const ModelSpec& synapse) {
    Network network;
    std::vector<float> weights(6 * 5);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        weights[k] = static_cast<float>(static_cast<int>(k * 37 % 101) - 40) / 61.0F;
    }
    std::vector<int> delays(weights.size());
    for (std::size_t k = 0; k < delays.size(); ++k) {
        delays[k] = static_cast<int>(k % 4);
    }
    network.populations = {
        {.name = "input", .shape = {6}, .neuron = {"integrate_fire_input", {{"v_thresh", 1.5}}}, .readout = {}},
        {.name = "output", .shape = {5}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", Array::from(weights, {6, 5})}}},
                            .synapse = synapse,
                            .delay = Array::from(delays, {6, 5})}};
    return network;
}

UserSynapseModel own_exponential() {
    UserSynapseModel model;
    model.name = "own";
    model.params = {{"tau", 5.0}};
    model.equations = {{"i", {"-i / tau", "i + weight"}}};
    model.inject_current = "i";
    return model;
}

Array output_of(const Network& network, const ResetOptions& reset) {
    CompilerOptions options;
    options.example_timesteps = 30;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const std::vector<float> values = {0.3F, 0.7F, 0.1F, 1.0F, 0.2F, 0.9F, 0.5F, 0.4F, 0.8F, 0.6F, 0.2F, 0.3F};
    RunOptions run;
    run.reset = reset;
    return compiled.predict({{"input", DenseInput{Array::from(values, {2, 6}), 1.0}}}, run).outputs.at("output");
}

TEST(Equations, OfASynapseGiveTheBuiltInExponential) {
    Network network = network_with("own");
    network.synapse_models = {own_exponential()};
    for (const bool leaks : {false, true}) {
        ResetOptions reset;
        reset.in_syn = !leaks;
        reset.in_flight = !leaks;
        const Array found = output_of(network, reset);
        const Array expected = output_of(network_with({"exponential", {{"tau", 5.0}}}), reset);
        EXPECT_TRUE(std::equal(found.bytes().begin(), found.bytes().end(), expected.bytes().begin())) << leaks;
        EXPECT_NE(expected.value(0), 0.0);
    }
}

TEST(Equations, AreReadFromADescription) {
    const std::string text = R"json({"format": "mlgenn-network", "version": 1,
        "neuron_models": [{"name": "mine", "params": {"tau": 20.0}, "output_variable": "V",
                           "equations": {"V": {"derivative": "(-V + Isyn) / tau", "jump": "0"}},
                           "threshold": "V - 1", "solver": "linear_euler", "sub_steps": 3}],
        "synapse_models": [{"name": "own", "equations": {"i": {"derivative": "-i / 5", "jump": "i + 2 * weight"}},
                            "inject_current": "i", "sub_steps": 2}],
        "populations": [{"name": "input", "shape": 1, "neuron": "spike_input"},
                        {"name": "output", "shape": 1, "neuron": "mine", "readout": "var"}],
        "connections": [{"source": "input", "target": "output", "synapse": "own",
                         "connectivity": {"model": "dense", "params": {"weight": 0.25}}}]})json";
    const Network network = parse_network(text, "net.json", {}).network;
    EXPECT_EQ(network.neuron_models.at(0).equations.at("V").jump, "0");
    EXPECT_EQ(network.neuron_models.at(0).threshold, "V - 1");
    EXPECT_EQ(network.neuron_models.at(0).solver, "linear_euler");
    EXPECT_EQ(network.neuron_models.at(0).sub_steps, 3U);
    EXPECT_EQ(network.synapse_models.at(0).equations.at("i").derivative, "-i / 5");
    EXPECT_EQ(network.synapse_models.at(0).inject_current, "i");
}

std::vector<std::string> findings_of(const UserNeuronModel& model) {
    language::Findings findings;
    static_cast<void>(language::compile_neuron_model(model, findings));
    std::vector<std::string> texts;
    for (const language::Finding& finding : findings.all()) {
        texts.push_back(finding.part + ": " + finding.problem);
    }
    return texts;
}

std::vector<std::string> findings_of(const UserSynapseModel& model) {
    language::Findings findings;
    static_cast<void>(language::compile_synapse_model(model, findings));
    std::vector<std::string> texts;
    for (const language::Finding& finding : findings.all()) {
        texts.push_back(finding.part + ": " + finding.problem);
    }
    return texts;
}

TEST(Equations, SayWhatIsWrong) {
    using testing::ElementsAre;
    using testing::StartsWith;
    UserNeuronModel model = model_with({{"V", {"-V / tauu", "1 +"}}});
    model.sim_code = "V = 1;";
    model.solver = "runge_kutta";
    model.sub_steps = 0;
    EXPECT_THAT(findings_of(model),
                ElementsAre(StartsWith("sim_code: the model has equations too"),
                            "solver: there is no solver 'runge_kutta'", StartsWith("sub_steps: found 0, expected"),
                            StartsWith("equations/V/derivative: line 1, column 6: there is no 'tauu'"),
                            StartsWith("equations/V/jump: line 1, column 4: found the end of the code")));
    EXPECT_THAT(findings_of(model_with({{"V", {"-V", "0"}}})),
                ElementsAre("equations/V/jump: there is no threshold, so it would never happen"));
    EXPECT_THAT(findings_of(model_with({{"V", {"gennrand_normal()", ""}}})),
                ElementsAre("equations: not supported: random functions in equations"));
    EXPECT_THAT(findings_of(model_with({{"V", {"V = 1", ""}}})),
                ElementsAre(StartsWith("equations/V/derivative: line 1, column 3: not supported: an assignment")));
}

TEST(Equations, OfSynapsesMustAddUp) {
    using testing::ElementsAre;
    using testing::HasSubstr;
    for (const char* jump : {"weight", "2 * i + weight", "i + weight * i", "i + weight ** 2", "i + weight + 1"}) {
        UserSynapseModel model = own_exponential();
        model.equations["i"].jump = jump;
        EXPECT_THAT(findings_of(model), ElementsAre(HasSubstr("a jump that is not the variable plus a constant times")))
            << jump;
    }
    UserSynapseModel silent = own_exponential();
    silent.equations["i"].jump = "";
    EXPECT_THAT(findings_of(silent), ElementsAre(HasSubstr("no jump uses weight")));
    UserSynapseModel open = own_exponential();
    open.inject_current = "";
    EXPECT_THAT(findings_of(open), ElementsAre(HasSubstr("there is none, so the synapse would have no effect")));
    UserSynapseModel continuous = own_exponential();
    continuous.equations["i"].derivative = "-i + weight";
    EXPECT_THAT(findings_of(continuous), ElementsAre(HasSubstr("weight exists in jumps and in inject_current only")));
}

}  // namespace
}  // namespace mlgenn::test
