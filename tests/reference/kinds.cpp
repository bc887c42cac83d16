// SPDX-License-Identifier: Apache-2.0
// What the reference interpreter knows: one line per model.
#include <array>
#include <string>

#include "tests/reference/connectivity.h"
#include "tests/reference/neurons.h"
#include "tests/reference/readouts.h"
#include "tests/reference/synapses.h"

namespace mlgenn::reference {
namespace {

constexpr std::array neuron_kinds{
    NeuronKind{"spike_input", InputKind::events, make_spike_input},
    NeuronKind{"binary_spike_input", InputKind::values, make_binary_spike_input},
    NeuronKind{"poisson_input", InputKind::values, make_poisson_input},
    NeuronKind{"adaptive_leaky_integrate_fire", InputKind::none, make_adaptive_leaky_integrate_fire},
    NeuronKind{"integrate_fire_input", InputKind::values, make_integrate_fire},
    NeuronKind{"integrate_fire", InputKind::none, make_integrate_fire},
    NeuronKind{"leaky_integrate", InputKind::none, make_leaky_integrate},
    NeuronKind{"leaky_integrate_fire", InputKind::none, make_leaky_integrate_fire},
    NeuronKind{"leaky_integrate_fire_input", InputKind::values, make_leaky_integrate_fire},
};

constexpr std::array synapse_kinds{
    SynapseKind{"delta", make_delta},
    SynapseKind{"exponential", make_exponential},
    SynapseKind{"alpha", make_alpha},
};

constexpr std::array connectivity_kinds{
    ConnectivityKind{"dense", make_dense},
    ConnectivityKind{"one_to_one", make_one_to_one},
    ConnectivityKind{"sparse", make_sparse},
    ConnectivityKind{"fixed_probability", make_fixed_probability},
    ConnectivityKind{"conv1d", make_conv1d},
    ConnectivityKind{"conv2d", make_conv2d},
    ConnectivityKind{"conv2d_transpose", make_conv2d_transpose},
    ConnectivityKind{"avg_pool2d", make_avg_pool2d},
    ConnectivityKind{"avg_pool_conv2d", make_avg_pool_conv2d},
    ConnectivityKind{"avg_pool_dense2d", make_avg_pool_dense2d},
};

constexpr std::array readout_kinds{
    ReadoutKind{"spike_count", make_spike_count},
    ReadoutKind{"var", make_var},
    ReadoutKind{"avg_var", make_avg_var},
    ReadoutKind{"avg_var_exp_weight", make_avg_var_exp_weight},
    ReadoutKind{"sum_var", make_sum_var},
    ReadoutKind{"max_var", make_max_var},
    ReadoutKind{"first_spike_time", make_first_spike_time},
};

template <class Kinds>
const auto& find(const Kinds& kinds, std::string_view name, const std::string& what) {
    for (const auto& kind : kinds) {
        if (kind.name == name) {
            return kind;
        }
    }
    throw Unsupported("the reference does not know " + what + " '" + std::string(name) + "'");
}

}  // namespace

const NeuronKind& find_neuron_kind(std::string_view name) {
    return find(neuron_kinds, name, "neuron model");
}
const SynapseKind& find_synapse_kind(std::string_view name) {
    return find(synapse_kinds, name, "synapse model");
}
const ConnectivityKind& find_connectivity_kind(std::string_view name) {
    return find(connectivity_kinds, name, "connectivity");
}
const ReadoutKind& find_readout_kind(std::string_view name) {
    return find(readout_kinds, name, "readout");
}

}  // namespace mlgenn::reference
