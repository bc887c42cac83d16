// SPDX-License-Identifier: Apache-2.0
// Models in code against the built-in ones that they copy, bit for bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::test {
namespace {

constexpr std::size_t num_inputs = 24;
constexpr std::size_t num_hidden = 37;

Network network_with(const ModelSpec& neuron, const ModelSpec& synapse) {
    std::vector<float> first(num_inputs * num_hidden);
    std::vector<float> second(num_hidden * num_hidden);
    for (std::size_t k = 0; k < first.size(); ++k) {
        first[k] = static_cast<float>(static_cast<int>(k * 37 % 101) - 40) / 61.0F;
    }
    for (std::size_t k = 0; k < second.size(); ++k) {
        second[k] = static_cast<float>(static_cast<int>(k * 53 % 103) - 51) / 149.0F;
    }
    Network network;
    network.populations = {{.name = "input",
                            .shape = {num_inputs},
                            .neuron = {"integrate_fire_input", {{"v_thresh", 2.0}}},
                            .readout = {}},
                           {.name = "hidden", .shape = {num_hidden}, .neuron = neuron, .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", Array::from(first, {num_inputs, num_hidden})}}},
                            .synapse = synapse},
                           {.source = "hidden",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", Array::from(second, {num_hidden, num_hidden})}}},
                            .synapse = synapse}};
    return network;
}

UserNeuronModel own_lif() {
    UserNeuronModel model;
    model.name = "own_lif";
    model.params = {{"tau", 20.0}, {"vthresh", 1.0}, {"vreset", 0.0}, {"tau_refrac", 2.0}};
    model.derived_params = {{"alpha", "exp(-dt / tau)"}, {"step", "vthresh - vreset"}};
    model.vars = {{"V", 0.0}, {"RefracTime", 0.0}};
    model.sim_code = "V = alpha * V + Isyn;\nif (RefracTime > 0.0) {\n    RefracTime -= dt;\n}";
    model.threshold_condition_code = "V >= vthresh && RefracTime <= 0.0";
    model.reset_code = "V -= step;\nRefracTime = tau_refrac;";
    model.output_variable = "V";
    return model;
}

UserSynapseModel own_exponential() {
    UserSynapseModel model;
    model.name = "own_exponential";
    model.params = {{"tau", 5.0}};
    model.derived_params = {{"decay", "exp(-dt / tau)"}};
    model.code = "injectCurrent(inSyn); inSyn *= decay;";
    return model;
}

std::vector<double> taus() {
    std::vector<double> values(num_hidden);
    for (std::size_t n = 0; n < num_hidden; ++n) {
        values[n] = 5.0 + static_cast<double>(n);
    }
    return values;
}

Predictions run(const Network& network, Accumulation accumulation) {
    CompilerOptions options;
    options.example_timesteps = 60;
    options.dt = 0.5;
    options.batch_size = 2;
    options.accumulation = accumulation;
    options.cache_dir = "off";
    options.recordings = {{.population = "hidden", .variable = "", .key = "spikes"},
                          {.population = "hidden", .variable = "V", .key = "V"}};
    std::vector<float> values(3 * num_inputs);
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = static_cast<float>(k * 29 % 31) / 17.0F;
    }
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    return compiled.predict({{"input", DenseInput{Array::from(values, {3, num_inputs}), 1.0}}});
}

void expect_same(const Predictions& found, const Predictions& expected) {
    const auto same_bytes = [](const Array& a, const Array& b) {
        return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
    };
    std::size_t num_spikes = 0;
    for (std::size_t e = 0; e < 3; ++e) {
        num_spikes += expected.recordings.spikes.at("spikes")[e].ids.size();
        EXPECT_EQ(found.recordings.spikes.at("spikes")[e].ids, expected.recordings.spikes.at("spikes")[e].ids);
        EXPECT_EQ(found.recordings.spikes.at("spikes")[e].steps, expected.recordings.spikes.at("spikes")[e].steps);
    }
    EXPECT_GT(num_spikes, 100U) << "a silent network compares nothing";
    EXPECT_TRUE(same_bytes(found.recordings.traces.at("V"), expected.recordings.traces.at("V")));
    EXPECT_TRUE(same_bytes(found.outputs.at("hidden"), expected.outputs.at("hidden")));
}

class OwnModels : public testing::TestWithParam<Accumulation> {};

TEST_P(OwnModels, LeakyIntegrateFireEqualsTheBuiltInOne) {
    const ModelSpec built_in("leaky_integrate_fire", {{"tau_refrac", 2.0}});
    Network network = network_with("own_lif", "delta");
    network.neuron_models = {own_lif()};
    expect_same(run(network, GetParam()), run(network_with(built_in, "delta"), GetParam()));
}

TEST_P(OwnModels, ExponentialEqualsTheBuiltInOneWithPerNeuronConstants) {
    const Value tau(Array::from(taus()));
    const ModelSpec built_in("leaky_integrate_fire", {{"tau_refrac", 2.0}, {"tau_mem", tau}, {"v", 0.25}});
    Network network = network_with({"own_lif", {{"tau", tau}, {"V", 0.25}}}, {"own_exponential", {{"tau", tau}}});
    network.neuron_models = {own_lif()};
    network.synapse_models = {own_exponential()};
    expect_same(run(network, GetParam()), run(network_with(built_in, {"exponential", {{"tau", tau}}}), GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Modes, OwnModels, testing::Values(Accumulation::exact, Accumulation::ordered));

TEST(OwnModel, StartsAtPerNeuronValues) {
    Network network = network_with({"own_lif", {{"V", Array::from(taus())}, {"vthresh", 1e9}, {"tau", 1e30}}}, "delta");
    network.neuron_models = {own_lif()};
    network.connections.clear();
    CompilerOptions options;
    options.example_timesteps = 3;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const std::vector<float> values(num_inputs);
    const Array result =
        compiled.predict({{"input", DenseInput{Array::from(values, {1, num_inputs}), 1.0}}}).outputs.at("hidden");
    for (std::size_t n = 0; n < num_hidden; ++n) {
        EXPECT_EQ(result.value(n), taus()[n]);
    }
}

TEST(OwnModel, InjectsUnderConditionsAndSeveralTimes) {
    UserSynapseModel model;
    model.name = "rectified";
    model.vars = {{"calls", 0.0}};
    model.code = "if (inSyn > 0.0) { injectCurrent(inSyn); calls++; } injectCurrent(calls); inSyn = 0;";
    UserNeuronModel sum;
    sum.name = "sum";
    sum.vars = {{"V", 0.0}};
    sum.sim_code = "V += Isyn;";
    sum.output_variable = "V";
    Network network;
    network.neuron_models = {sum};
    network.synapse_models = {model};
    network.populations = {
        {.name = "input", .shape = {1}, .neuron = {"integrate_fire_input", {{"v_thresh", 1.0}}}, .readout = {}},
        {.name = "output", .shape = {2}, .neuron = "sum", .readout = ModelSpec("var")}};
    const std::vector<float> weights = {0.5F, -0.5F};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", Array::from(weights, {1, 2})}}},
                            .synapse = "rectified"}};
    CompilerOptions options;
    options.example_timesteps = 4;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const std::vector<float> ones = {1.0F};
    const Array result = compiled.predict({{"input", DenseInput{Array::from(ones, {1, 1}), 1.0}}}).outputs.at("output");
    // Spikes of steps 0 to 2 arrive in steps 1 to 3: 3 * 0.5 + (1 + 2 + 3).
    EXPECT_EQ(result.value(0), 7.5);
    EXPECT_EQ(result.value(1), 0.0);
}

TEST(OwnModel, IsReadFromADescription) {
    const std::string text = R"json({"format": "mlgenn-network", "version": 1,
        "neuron_models": [{"name": "my_lif", "params": {"tau": 20.0, "vthresh": 0.5},
                           "derived_params": {"alpha": "exp(-dt / tau)"}, "vars": {"V": 1.0},
                           "sim_code": "V = alpha * V + Isyn;", "threshold_condition_code": "V >= vthresh",
                           "reset_code": "V = -1;", "output_variable": "V"}],
        "synapse_models": [{"name": "plain", "code": "injectCurrent(inSyn); inSyn = 0;"}],
        "populations": [{"name": "input", "shape": 1, "neuron": "spike_input"},
                        {"name": "output", "shape": 1, "neuron": {"model": "my_lif", "params": {"tau": 10}},
                         "readout": "var"}],
        "connections": [{"source": "input", "target": "output", "synapse": "plain",
                         "connectivity": {"model": "dense", "params": {"weight": 0.25}}}]})json";
    const Network network = parse_network(text, "net.json", {}).network;
    ASSERT_EQ(network.neuron_models.size(), 1U);
    CompilerOptions options;
    options.example_timesteps = 2;
    options.cache_dir = "off";
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const Array result =
        compiled
            .predict({{"input", SpikeInput{Array::from(std::vector<float>{0.0F}), Array::from(std::vector<int>{0}),
                                           Array::from(std::vector<int>{0, 1})}}})
            .outputs.at("output");
    const float alpha = static_cast<float>(std::exp(-1.0 / 10.0));
    EXPECT_EQ(result.value(0), alpha * -1.0F + 0.25F);
}

std::string failure_of(const Network& network) {
    CompilerOptions options;
    options.example_timesteps = 2;
    options.cache_dir = "off";
    try {
        static_cast<void>(InferenceCompiler(options).compile(network));
    } catch (const DescriptionError& error) {
        return error.diagnostics().front().text();
    }
    return {};
}

TEST(OwnModel, RefusesDerivedParametersThatAreNotFinite) {
    Network network = network_with({"own_lif", {{"tau", 0.0}}}, "delta");
    network.neuron_models = {own_lif()};
    network.neuron_models[0].derived_params["alpha"] = "exp(dt / tau)";
    EXPECT_EQ(failure_of(network),
              "population 'hidden', neuron model 'own_lif': derived parameter 'alpha' is inf, which is no finite "
              "float32\n    it is exp(dt / tau)\n    change the parameters that it is computed from");
}

TEST(OwnModel, RefusesVariablesOfTheReadout) {
    Network network = network_with("own_lif", "delta");
    network.neuron_models = {own_lif()};
    network.neuron_models[0].vars["VAvg"] = 0.0;
    network.populations[1].readout = ModelSpec("avg_var");
    EXPECT_THAT(failure_of(network), testing::HasSubstr("'VAvg' is called like one of the readout"));
}

TEST(OwnModel, RefusesLoopBoundsThatDifferBetweenNeurons) {
    Network network = network_with({"own_lif", {{"tau", Array::from(taus())}}}, "delta");
    network.neuron_models = {own_lif()};
    network.neuron_models[0].sim_code = "for (int i = 0; i < (int)tau; i++) V += Isyn;";
    EXPECT_THAT(failure_of(network), testing::HasSubstr("parameter 'tau' bounds a loop, but differs between neurons"));
}

}  // namespace
}  // namespace mlgenn::test
