// SPDX-License-Identifier: Apache-2.0
// Golden cases whose measured values stand here: single neurons and pairs, float32 as printed by NumPy.
#include "tests/support/golden_cases.h"

#include <limits>

#include "tests/support/golden_few_spike.h"

namespace mlgenn::test_support {
namespace {

constexpr double never = 1e9;

SpikeInput events(const std::vector<float>& times, const std::vector<std::uint32_t>& ids,
                  const std::vector<std::uint32_t>& offsets) {
    return {Array::from(times), Array::from(ids), Array::from(offsets)};
}

/// One input neuron that fires at `times` and drives one neuron through a synapse of weight `weight`.
OracleCase driven_neuron(const std::string& name, ModelSpec neuron, double weight, ModelSpec synapse,
                         const std::vector<float>& times) {
    OracleCase oracle;
    oracle.name = name;
    oracle.num_examples = 1;
    oracle.network.populations = {
        {.name = "input", .shape = {1}, .neuron = "spike_input"},
        {.name = "neuron", .shape = {1}, .neuron = std::move(neuron), .readout = ModelSpec("var")}};
    oracle.network.connections = {{.source = "input",
                                   .target = "neuron",
                                   .connectivity = {"dense", {{"weight", weight}}},
                                   .synapse = std::move(synapse)}};
    oracle.inputs["input"] =
        events(times, std::vector<std::uint32_t>(times.size(), 0), {0, static_cast<std::uint32_t>(times.size())});
    return oracle;
}

void expect_trace(OracleCase& oracle, const std::string& variable, const std::vector<float>& values) {
    oracle.timesteps = static_cast<std::uint32_t>(values.size());
    oracle.traces.push_back({"neuron", variable, Array::from(values, {1, values.size(), 1}), 1e-7});
}

void expect_spikes(OracleCase& oracle, const std::vector<std::uint32_t>& steps) {
    oracle.spikes.push_back({"neuron", {{steps, std::vector<std::uint32_t>(steps.size(), 0)}}});
}

OracleCase single_lif(const std::string& variant, Parameters parameters, const std::vector<std::uint32_t>& spikes) {
    parameters["tau_mem"] = 20.0;
    OracleCase oracle = driven_neuron("golden_lif_" + variant, {"leaky_integrate_fire", std::move(parameters)}, 0.4,
                                      "delta", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    oracle.timesteps = 16;
    expect_spikes(oracle, spikes);
    return oracle;
}

void add_single_lif(std::vector<OracleCase>& cases) {
    cases.push_back(single_lif("default", {}, {3, 6, 8, 11}));
    expect_trace(cases.back(), "V",
                 {0.0f, 0.4f, 0.7804918f, 0.14242685f, 0.5354806f, 0.90936494f, 0.26501477f, 0.65208983f, 0.020287037f,
                  0.41929764f, 0.7988483f, 0.15988803f, 0.5520902f, 0.5251645f, 0.49955192f, 0.4751885f});
    cases.push_back(single_lif("absolute_reset", {{"relative_reset", false}}, {3, 6, 9, 12}));
    cases.push_back(single_lif("v_reset", {{"v_reset", 0.25}}, {3, 5, 7, 9, 11}));
    cases.push_back(single_lif("refractory", {{"tau_refrac", 3.0}}, {3, 6, 9, 12}));
    expect_trace(cases.back(), "RefracTime", {0, 0, 0, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 0});
    cases.push_back(single_lif("refractory_frozen", {{"tau_refrac", 3.0}, {"integrate_during_refrac", false}}, {3, 9}));
    expect_trace(cases.back(), "RefracTime", {0, 0, 0, 3, 2, 1, 0, 0, 0, 3, 2, 1, 0, 0, 0, 0});
    cases.push_back(single_lif("scale_i", {{"v_thresh", 0.05}, {"scale_i", true}}, {3, 6, 9, 11}));
}

/// A after the first spikes, and V in their steps.
void add_adaptive(std::vector<OracleCase>& cases) {
    const Parameters parameters{{"tau_mem", 20.0}, {"tau_adapt", 20.0}, {"beta", 0.5}};
    cases.push_back(driven_neuron("golden_adaptive", {"adaptive_leaky_integrate_fire", parameters}, 0.6, "delta",
                                  {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    expect_spikes(cases.back(), {2, 5, 7, 10, 12});
    cases.back().timesteps = 16;
    cases.push_back(driven_neuron("golden_adaptive_variables", {"adaptive_leaky_integrate_fire", parameters}, 0.6,
                                  "delta", {0, 1, 2, 3, 4}));
    expect_trace(cases.back(), "A", {0.0f, 0.0f, 1.0f, 0.95122945f, 0.9048375f, 1.860708f});
}

void add_leaky_integrate(std::vector<OracleCase>& cases) {
    const auto add = [&](const std::string& name, Parameters parameters, ModelSpec synapse,
                         const std::vector<float>& values) {
        parameters["tau_mem"] = 20.0;
        cases.push_back(driven_neuron("golden_li_" + name, {"leaky_integrate", std::move(parameters)}, 1.0,
                                      std::move(synapse), {0, 3}));
        expect_trace(cases.back(), "V", values);
        cases.back().traces.back().tolerance_abs = 5e-7;
    };
    const ModelSpec exponential("exponential", {{"tau", 5.0}});
    const ModelSpec scaled("exponential", {{"tau", 5.0}, {"scale_i", true}});
    add("delta", {}, "delta", {0.0f, 1.0f, 0.95122945f, 0.9048375f, 1.860708f, 1.7699603f});
    add("exponential", {}, exponential, {0.0f, 1.0f, 1.7699602f, 2.3539584f, 3.7879663f, 4.8712845f});
    add("exponential_scale_i", {}, scaled, {0.0f, 0.90634626f, 1.6041968f, 2.1335013f, 3.433209f, 4.4150705f});
    add("scale_i", {{"scale_i", true}}, "delta",
        {0.0f, 0.048770547f, 0.04639198f, 0.044129416f, 0.090747744f, 0.08632193f});
    add("bias", {{"bias", 0.1}}, "delta", {0.1f, 1.195123f, 1.2368362f, 1.276515f, 2.3142586f, 2.301391f});
    add("scale_i_bias", {{"bias", 0.1}, {"scale_i", true}}, "delta",
        {0.1f, 0.2438935f, 0.33199868f, 0.41580692f, 0.54429835f, 0.6177527f});
}

void add_readout(std::vector<OracleCase>& cases, const std::string& name, ModelSpec neuron, ModelSpec readout,
                 const Array& expected, double tolerance = 5e-7) {
    OracleCase oracle;
    oracle.name = "golden_readout_" + name;
    oracle.timesteps = 10;
    oracle.num_examples = 1;
    oracle.network.populations = {
        {.name = "input", .shape = {2}, .neuron = "spike_input"},
        {.name = "output", .shape = {2}, .neuron = std::move(neuron), .readout = std::move(readout)}};
    const Array weights = Array::from(std::vector<float>{0.7f, -0.3f, 0.5f, -0.2f}, {2, 2});
    oracle.network.connections = {
        {.source = "input", .target = "output", .connectivity = {"dense", {{"weight", weights}}}}};
    oracle.inputs["input"] = events({0, 1, 2, 5}, {0, 0, 1, 1}, {0, 4});
    oracle.readouts = {{"output", expected, tolerance}};
    cases.push_back(std::move(oracle));
}

void add_readouts(std::vector<OracleCase>& cases) {
    const auto row = [](float a, float b) { return Array::from(std::vector<float>{a, b}, {1, 2}); };
    const ModelSpec leaky("leaky_integrate", {{"tau_mem", 10.0}});
    const ModelSpec firing("leaky_integrate_fire", {{"tau_mem", 10.0}});
    add_readout(cases, "var", leaky, "var", row(1.3069549f, -0.5417003f));
    add_readout(cases, "avg_var", leaky, "avg_var", row(1.2793036f, -0.53576666f));
    add_readout(cases, "spike_count", firing, "spike_count", Array::from(std::vector<std::uint32_t>{2, 0}, {1, 2}));
    add_readout(cases, "avg_var_exp_weight", leaky, "avg_var_exp_weight", row(0.7813047f, -0.32806453f));
    add_readout(cases, "max_var", leaky, {"max_var", {{"floor", 0.0}}}, row(1.7642045f, 0.0f));
    add_readout(cases, "sum_var", leaky, "sum_var", row(12.7930355f, -5.3576665f), 5e-6);
    add_readout(cases, "first_spike_time", firing, "first_spike_time",
                row(-2.0f, std::numeric_limits<float>::lowest()));
    add_readout(cases, "max_var_of_spiking", firing, {"max_var", {{"floor", 0.0}}}, row(1.3333862f, 0.0f));
    add_readout(cases, "sum_var_of_spiking", firing, "sum_var", row(5.542015f, -5.3576665f), 5e-6);
    add_readout(cases, "var_of_spiking", firing, "var", row(0.069551416f, -0.5417003f));
    add_readout(cases, "avg_var_of_spiking", firing, "avg_var", row(0.55420154f, -0.53576666f));
}

/// Input in every step of the first example only; three examples one after the other.
OracleCase leak(const std::string& name, ModelSpec synapse, const std::string& reset,
                const std::vector<float>& expected) {
    OracleCase oracle =
        driven_neuron("golden_leak_" + name, {"integrate_fire", {{"v_thresh", never}}}, 1.0, std::move(synapse), {});
    oracle.timesteps = 4;
    oracle.num_examples = 3;
    oracle.consecutive = true;
    oracle.reset = parse_reset_text(reset);
    oracle.inputs["input"] = events({0, 1, 2, 3}, {0, 0, 0, 0}, {0, 4, 4, 4});
    oracle.readouts = {{"neuron", Array::from(expected, {3, 1}), 2e-6}};
    return oracle;
}

void add_leaks(std::vector<OracleCase>& cases) {
    const ModelSpec exponential("exponential", {{"tau", 5.0}});
    cases.push_back(leak("spikes", "delta", "", {3.0f, 1.0f, 0.0f}));
    cases.push_back(leak("currents", exponential, "", {5.3077817f, 9.228609f, 4.146682f}));
    cases.push_back(
        leak("currents_reset", exponential, "reset_in_syn_between_batches=True", {5.3077817f, 3.0378625f, 0.0f}));
}

OracleCase frames(const std::string& name, ModelSpec neuron, const std::vector<float>& expected) {
    OracleCase oracle;
    oracle.name = "golden_frames_" + name;
    oracle.num_examples = 1;
    neuron.params["v_thresh"] = never;
    neuron.params["input_frames"] = 3;
    neuron.params["input_frame_timesteps"] = 2;
    oracle.network.populations = {
        {.name = "neuron", .shape = {1}, .neuron = std::move(neuron)},
        {.name = "output", .shape = {1}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")}};
    oracle.network.connections = {
        {.source = "neuron", .target = "output", .connectivity = {"dense", {{"weight", 1.0}}}}};
    oracle.inputs["neuron"] = DenseInput{Array::from(std::vector<float>{0, 2, 4}, {1, 3, 1})};
    expect_trace(oracle, "V", expected);
    oracle.traces.back().tolerance_abs = 2e-6;
    return oracle;
}

}  // namespace

std::vector<OracleCase> golden_value_cases() {
    std::vector<OracleCase> cases;
    add_single_lif(cases);
    add_adaptive(cases);
    add_leaky_integrate(cases);
    add_readouts(cases);
    add_leaks(cases);
    cases.push_back(frames("if", "integrate_fire_input", {0, 0, 2, 4, 8, 12, 16, 20, 24}));
    cases.push_back(frames("lif", {"leaky_integrate_fire_input", {{"tau_mem", 10.0}}},
                           {0, 0, 2, 3.8096747f, 7.4471364f, 10.738447f, 13.716549f, 16.411247f, 18.84951f}));
    for (OracleCase& few_spike : golden_few_spike_cases()) {
        cases.push_back(std::move(few_spike));
    }
    return cases;
}

}  // namespace mlgenn::test_support
