// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/catalogue.h"

#include <algorithm>
#include <vector>

#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

template <class Model>
const Model* find(std::span<const Model> models, std::string_view name) {
    const auto found = std::find_if(models.begin(), models.end(), [&](const Model& m) { return m.entry.name == name; });
    return found == models.end() ? nullptr : &*found;
}

}  // namespace

std::span<const NeuronModel> neuron_models() {
    static const std::vector<NeuronModel> table = {
        spike_input(),
        binary_spike_input(),
        poisson_input(),
        integrate_fire_input(),
        leaky_integrate_fire_input(),
        integrate_fire(),
        leaky_integrate(),
        leaky_integrate_fire(),
        adaptive_leaky_integrate_fire(),
        few_spike_relu_input(),
        few_spike_relu(),
    };
    return table;
}

std::span<const SynapseModel> synapse_models() {
    static const std::vector<SynapseModel> table = {delta(), exponential(), alpha()};
    return table;
}

std::span<const ConnectivityModel> connectivity_models() {
    static const std::vector<ConnectivityModel> table = {
        dense(),  one_to_one(),       sparse(),     fixed_probability(), conv1d(),
        conv2d(), conv2d_transpose(), avg_pool2d(), avg_pool_conv2d(),   avg_pool_dense2d(),
    };
    return table;
}

std::span<const ReadoutModel> readout_models() {
    static const std::vector<ReadoutModel> table = {
        spike_count(), first_spike_time(), var(), avg_var(), avg_var_exp_weight(), sum_var(), max_var(),
    };
    return table;
}

std::span<const MetricModel> metric_models() {
    static const std::vector<MetricModel> table = {sparse_categorical_accuracy(), top_k_accuracy(), confusion_matrix(),
                                                   mean_square_error(), mean_absolute_error()};
    return table;
}

std::span<const InitialiserModel> initialiser_models() {
    static const std::vector<InitialiserModel> table = {constant(), uniform(), normal()};
    return table;
}

const NeuronModel* find_neuron_model(std::string_view name) {
    return find(neuron_models(), name);
}
const SynapseModel* find_synapse_model(std::string_view name) {
    return find(synapse_models(), name);
}
const ConnectivityModel* find_connectivity_model(std::string_view name) {
    return find(connectivity_models(), name);
}
const ReadoutModel* find_readout_model(std::string_view name) {
    return find(readout_models(), name);
}
const MetricModel* find_metric_model(std::string_view name) {
    return find(metric_models(), name);
}
const InitialiserModel* find_initialiser_model(std::string_view name) {
    return find(initialiser_models(), name);
}

}  // namespace mlgenn::models
