// SPDX-License-Identifier: Apache-2.0
// The constants of a network for the reference interpreter: connectivities, delays and integer weights.
#include <algorithm>
#include <cmath>

#include "tests/reference/random.h"
#include "tests/reference/slot.h"

namespace mlgenn::reference {
namespace {

std::size_t index_of(const Network& network, const std::string& name) {
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        if (network.populations[p].name == name) {
            return p;
        }
    }
    throw Unsupported("there is no population '" + name + "'");
}

/// The exponent of the largest power of two by which an accumulator can be scaled without overflow.
int scale_exponent(double max_abs_input) {
    if (max_abs_input == 0.0) {
        return 0;
    }
    const double exponent = std::floor(std::log2(std::ldexp(1.0, 30) / max_abs_input));
    return static_cast<int>(std::clamp(exponent, -126.0, 126.0));
}

void scale_weights(ConnectionModel& connection, std::size_t num_sources) {
    const int exponent = scale_exponent(connection.connectivity->max_abs_input(num_sources, connection.num_targets));
    for (const float weight : connection.connectivity->weights()) {
        const double scaled = std::nearbyint(std::ldexp(static_cast<double>(weight), exponent));
        connection.integer_weights.push_back(static_cast<std::int32_t>(scaled));
    }
    connection.unscale = std::ldexp(1.0f, -exponent);
}

/// Places in arrays of weights and delays that synapses use: those behind the last one do not matter.
std::size_t num_places(const Connectivity& connectivity, std::size_t num_sources) {
    std::size_t count = 0;
    std::vector<Synapse> row;
    for (std::size_t pre = 0; pre < num_sources; ++pre) {
        connectivity.row(pre, row);
        for (const Synapse& synapse : row) {
            count = std::max(count, synapse.index + 1);
        }
    }
    return count;
}

void read_delays(const Connection& connection, std::size_t num_sources, std::uint64_t rng_seed,
                 ConnectionModel& model) {
    if (const Array* delays = connection.delay.get_if<Array>()) {
        for (const std::int64_t delay : delays->to_i64()) {
            model.synapse_delays.push_back(static_cast<std::size_t>(delay));
        }
        return;
    }
    if (const double* delay = connection.delay.get_if<double>()) {
        model.delay = static_cast<std::size_t>(*delay);
        return;
    }
    const Initialiser& initialiser = *connection.delay.get_if<Initialiser>();
    if (initialiser.name == "constant") {
        model.delay = static_cast<std::size_t>(draws(initialiser, rng_seed, connection.name, "delay", 1).front());
        return;
    }
    for (const double delay :
         draws(initialiser, rng_seed, connection.name, "delay", num_places(*model.connectivity, num_sources))) {
        model.synapse_delays.push_back(static_cast<std::size_t>(delay));
    }
}

ConnectionModel make_connection(const Network& network, const Connection& connection, Accumulation accumulation,
                                std::uint64_t rng_seed) {
    ConnectionModel model;
    model.source = index_of(network, connection.source);
    model.target = index_of(network, connection.target);
    const Shape& source = network.populations[model.source].shape;
    const Shape& target = network.populations[model.target].shape;
    model.num_targets = num_elements(target);
    ParameterView parameters(connection.connectivity, {connection.name, "connectivity", rng_seed});
    model.connectivity =
        find_connectivity_kind(connection.connectivity.model)
            .make(parameters, {source, target, connection.source == connection.target, connection.name, rng_seed});
    parameters.require_all_read();
    read_delays(connection, num_elements(source), rng_seed, model);
    if (accumulation == Accumulation::exact) {
        scale_weights(model, num_elements(source));
    }
    return model;
}

}  // namespace

double Connectivity::max_abs_input(std::size_t num_pre, std::size_t num_post) const {
    std::vector<double> sums(num_post, 0.0);
    std::vector<Synapse> synapses;
    for (std::size_t pre = 0; pre < num_pre; ++pre) {
        row(pre, synapses);
        for (const Synapse& synapse : synapses) {
            sums[synapse.post] += std::fabs(static_cast<double>(shared_or_own(weights_, synapse.index)));
        }
    }
    return sums.empty() ? 0.0 : *std::max_element(sums.begin(), sums.end());
}

NetworkModel make_model(const Network& network, Accumulation accumulation, std::uint32_t timesteps, double dt,
                        std::uint64_t rng_seed) {
    if (accumulation == Accumulation::fast) {
        throw Unsupported("the reference has no 'fast' accumulation");
    }
    NetworkModel model;
    model.network = &network;
    model.accumulation = accumulation;
    model.timesteps = timesteps;
    model.dt = dt;
    model.rng_seed = rng_seed;
    for (const Population& population : network.populations) {
        const bool is_users = find_user_model(network.neuron_models, population.neuron.model) != nullptr;
        model.neuron_kinds.push_back(is_users ? &user_neuron_kind : &find_neuron_kind(population.neuron.model));
        model.num_neurons.push_back(num_elements(population.shape));
    }
    for (const Connection& connection : network.connections) {
        model.connections.push_back(make_connection(network, connection, accumulation, rng_seed));
        model.max_delay = std::max(model.max_delay, model.connections.back().delay);
    }
    return model;
}

}  // namespace mlgenn::reference
