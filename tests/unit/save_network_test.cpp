// SPDX-License-Identifier: Apache-2.0
// Networks that are written and read again are the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

bool same(const Array& a, const Array& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

bool same(const Value& a, const Value& b) {
    if (a.variant().index() != b.variant().index()) {
        return false;
    }
    if (const Array* array = a.get_if<Array>()) {
        return same(*array, *b.get_if<Array>());
    }
    if (const Initialiser* initialiser = a.get_if<Initialiser>()) {
        const Initialiser& other = *b.get_if<Initialiser>();
        return initialiser->name == other.name && initialiser->params == other.params &&
               initialiser->code == other.code;
    }
    if (const double* number = a.get_if<double>()) {
        return *number == *b.get_if<double>() && std::signbit(*number) == std::signbit(*b.get_if<double>());
    }
    return a.is_null() || (a.get_if<bool>() != nullptr ? *a.get_if<bool>() == *b.get_if<bool>()
                                                       : *a.get_if<std::string>() == *b.get_if<std::string>());
}

void expect_same(const ModelSpec& a, const ModelSpec& b, const std::string& what) {
    EXPECT_EQ(a.model, b.model) << what;
    ASSERT_EQ(a.params.size(), b.params.size()) << what;
    for (const auto& [name, value] : a.params) {
        ASSERT_EQ(b.params.count(name), 1U) << what << ' ' << name;
        EXPECT_TRUE(same(value, b.params.at(name))) << what << ' ' << name;
    }
}

template <class Model>
void expect_same_equations(const Model& a, const Model& b) {
    EXPECT_EQ(a.solver, b.solver) << a.name;
    EXPECT_EQ(a.sub_steps, b.sub_steps) << a.name;
    ASSERT_EQ(a.equations.size(), b.equations.size()) << a.name;
    for (const auto& [variable, equation] : a.equations) {
        ASSERT_EQ(b.equations.count(variable), 1U) << a.name << ' ' << variable;
        EXPECT_EQ(equation.derivative, b.equations.at(variable).derivative) << a.name << ' ' << variable;
        EXPECT_EQ(equation.jump, b.equations.at(variable).jump) << a.name << ' ' << variable;
    }
}

void expect_same(const NetworkFile& a, const NetworkFile& b) {
    EXPECT_EQ(a.dt, b.dt);
    EXPECT_EQ(a.example_timesteps, b.example_timesteps);
    EXPECT_EQ(a.network.name, b.network.name);
    ASSERT_EQ(a.network.populations.size(), b.network.populations.size());
    for (std::size_t i = 0; i < a.network.populations.size(); ++i) {
        const Population& p = a.network.populations[i];
        const Population& q = b.network.populations[i];
        EXPECT_EQ(p.name, q.name);
        EXPECT_EQ(p.shape, q.shape);
        EXPECT_EQ(p.record_spikes, q.record_spikes);
        expect_same(p.neuron, q.neuron, p.name);
        ASSERT_EQ(p.readout.has_value(), q.readout.has_value());
        if (p.readout) {
            expect_same(*p.readout, *q.readout, p.name);
        }
        ASSERT_EQ(p.metrics.size(), q.metrics.size());
        for (std::size_t m = 0; m < p.metrics.size(); ++m) {
            EXPECT_EQ(p.metrics[m].name, q.metrics[m].name);
            expect_same(p.metrics[m].metric, q.metrics[m].metric, p.metrics[m].name);
        }
    }
    ASSERT_EQ(a.network.connections.size(), b.network.connections.size());
    for (std::size_t i = 0; i < a.network.connections.size(); ++i) {
        const Connection& c = a.network.connections[i];
        const Connection& d = b.network.connections[i];
        EXPECT_EQ(c.name, d.name);
        EXPECT_EQ(c.source + c.target, d.source + d.target);
        EXPECT_EQ(c.max_delay_steps, d.max_delay_steps);
        EXPECT_TRUE(same(c.delay, d.delay)) << c.name;
        expect_same(c.connectivity, d.connectivity, c.name);
        expect_same(c.synapse, d.synapse, c.name);
    }
    ASSERT_EQ(a.network.neuron_models.size(), b.network.neuron_models.size());
    for (std::size_t i = 0; i < a.network.neuron_models.size(); ++i) {
        const UserNeuronModel& m = a.network.neuron_models[i];
        const UserNeuronModel& n = b.network.neuron_models[i];
        EXPECT_EQ(m.name + m.sim_code + m.threshold_condition_code + m.reset_code + m.output_variable,
                  n.name + n.sim_code + n.threshold_condition_code + n.reset_code + n.output_variable);
        EXPECT_EQ(m.params, n.params);
        EXPECT_EQ(m.derived_params, n.derived_params);
        EXPECT_EQ(m.vars, n.vars);
        EXPECT_EQ(m.threshold, n.threshold);
        expect_same_equations(m, n);
    }
    ASSERT_EQ(a.network.metric_models.size(), b.network.metric_models.size());
    for (std::size_t i = 0; i < a.network.metric_models.size(); ++i) {
        EXPECT_EQ(a.network.metric_models[i].name + a.network.metric_models[i].code,
                  b.network.metric_models[i].name + b.network.metric_models[i].code);
        EXPECT_EQ(a.network.metric_models[i].params, b.network.metric_models[i].params);
    }
    ASSERT_EQ(a.network.synapse_models.size(), b.network.synapse_models.size());
    for (std::size_t i = 0; i < a.network.synapse_models.size(); ++i) {
        const UserSynapseModel& m = a.network.synapse_models[i];
        const UserSynapseModel& n = b.network.synapse_models[i];
        EXPECT_EQ(m.name + m.code + m.inject_current, n.name + n.code + n.inject_current);
        EXPECT_EQ(m.params, n.params);
        EXPECT_EQ(m.derived_params, n.derived_params);
        EXPECT_EQ(m.vars, n.vars);
        expect_same_equations(m, n);
    }
}

NetworkFile everything() {
    NetworkFile file;
    file.dt = 0.1;
    file.example_timesteps = 77;
    Network& network = file.network;
    network.name = "all of it";
    network.neuron_models = {{.name = "own",
                              .params = {{"tau", 20.0}, {"third", 1.0 / 3.0}},
                              .derived_params = {{"alpha", "exp(-dt / tau)"}},
                              .vars = {{"V", -0.5}},
                              .sim_code = "V = alpha * V + Isyn * third; // \"quoted\"\n",
                              .threshold_condition_code = "V >= 1.0f",
                              .reset_code = "V = 0;",
                              .output_variable = "V"},
                             {.name = "equations",
                              .params = {{"tau", 10.0}},
                              .vars = {{"V", 0.25}},
                              .output_variable = "V",
                              .equations = {{"V", {"(Isyn - V) / tau", "0"}}, {"W", {"", "W + 1"}}},
                              .threshold = "V - 1",
                              .solver = "linear_euler",
                              .sub_steps = 4}};
    network.synapse_models = {
        {.name = "own_synapse", .params = {{"gain", 1e-7}}, .code = "injectCurrent(inSyn * gain);"},
        {.name = "synapse_equations",
         .params = {{"tau", 5.0}},
         .equations = {{"i", {"-i / tau", "i + weight"}}},
         .inject_current = "i",
         .sub_steps = 2}};
    network.metric_models = {
        {.name = "own_metric", .params = {{"margin", 0.25}}, .code = "score = fabs(output(0) - target(0)) < margin;"}};
    MetricSpec near;
    near.metric = {"own_metric", {{"margin", 0.5}}};
    near.name = "near";
    network.populations = {
        {.name = "image", .shape = {4, 5, 1}, .neuron = {"integrate_fire_input", {{"v_thresh", 0.1}}}},
        {.name = "maps",
         .neuron = {"leaky_integrate_fire", {{"tau_refrac", Value()}, {"relative_reset", false}, {"v", -0.0}}}},
        {.name = "mine",
         .shape = {3},
         .neuron = {"own", {{"tau", Array::from(std::vector<double>{1.5, 2.0, 1e300 / 1e299})}}}},
        {.name = "out",
         .shape = {2},
         .neuron = {"leaky_integrate", {{"bias", Initialiser::normal(0.0, 0.1)}}},
         .readout = ModelSpec("avg_var", {{"window_start", 1.0}}),
         .metrics = {MetricSpec("mean_square_error"), near}}};
    network.populations[1].record_spikes = true;
    network.connections = {
        {.source = "image",
         .target = "maps",
         .connectivity = {"conv2d",
                          {{"weight", Array::from(std::vector<float>(2 * 2 * 1 * 3, 0.25F), {2, 2, 1, 3})},
                           {"conv_strides", Array::from(std::vector<std::int64_t>{1, 2})},
                           {"conv_padding", "same"}}}},
        {.source = "maps",
         .target = "mine",
         .connectivity = {"fixed_probability",
                          {{"p", 0.5}, {"weight", Initialiser::from_code("value = a * id_pre;", {{"a", 0.5}})}}},
         .synapse = {"own_synapse", {{"gain", 0.5}}},
         .delay = Initialiser::uniform(0.0, 3.0),
         .max_delay_steps = 9},
        {.source = "mine",
         .target = "out",
         .connectivity = {"dense", {{"weight", Array::from(std::vector<double>{1, 2, 3, 4, 5, 6.5}, {3, 2})}}},
         .synapse = "exponential",
         .delay = Array::from(std::vector<std::uint16_t>{0, 1, 2, 3, 4, 300}, {3, 2})}};
    return file;
}

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(SavedNetwork, IsReadBackAsTheSame) {
    const TempFolder folder;
    NetworkFile file = everything();
    save_network(folder.path() / "net.json", file);
    const NetworkFile again = load_network(folder.path() / "net.json");
    file.network = validated(file.network);
    expect_same(file, again);
}

TEST(SavedNetwork, IsTheSameFileWhenItIsSavedAgain) {
    const TempFolder folder;
    save_network(folder.path() / "net.json", everything());
    const std::string text = bytes_of(folder.path() / "net.json");
    const std::string archive = bytes_of(folder.path() / "net.npz");
    EXPECT_FALSE(archive.empty());
    save_network(folder.path() / "net.json", load_network(folder.path() / "net.json"));
    EXPECT_EQ(bytes_of(folder.path() / "net.json"), text);
    EXPECT_EQ(bytes_of(folder.path() / "net.npz"), archive);
}

TEST(SavedNetwork, MustBeValidAndHaveAFittingName) {
    const TempFolder folder;
    NetworkFile file = everything();
    EXPECT_THROW(save_network(folder.path() / "net.txt", file), DescriptionError);
    file.network.connections[0].target = "nowhere";
    EXPECT_THROW(save_network(folder.path() / "net.json", file), DescriptionError);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace mlgenn::test
