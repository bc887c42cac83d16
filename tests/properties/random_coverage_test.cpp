// SPDX-License-Identifier: Apache-2.0
// The random networks must be worth running: active, and with every model of the catalogue.
#include <gtest/gtest.h>

#include <set>

#include "compiler/models/catalogue.h"
#include "tests/properties/random_network.h"
#include "tests/reference/reference_interpreter.h"

namespace mlgenn::properties {
namespace {

constexpr std::uint64_t num_random_networks = 200;

TEST(RandomNetworks, AreMostlyActive) {
    std::size_t num_active = 0;
    for (std::uint64_t seed = 0; seed < num_random_networks; ++seed) {
        const RandomCase random = make_random_case(seed);
        reference::ReferenceOptions options;
        options.timesteps = random.settings.timesteps;
        options.dt = random.settings.dt;
        const auto result = reference::run_reference(validated(random.network), options, random.inputs);
        for (const auto& [key, examples] : result.recordings.spikes) {
            if (key.rfind("layer", 0) == 0 && !examples[0].ids.empty()) {
                ++num_active;
                break;
            }
        }
    }
    EXPECT_GE(num_active, num_random_networks / 2);
}

void add_initialisers(const Parameters& params, std::set<std::string>& names) {
    for (const auto& [name, value] : params) {
        if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
            names.insert(initialiser->name);
        }
    }
}

template <class Models>
void expect_all_used(const Models& models, const std::set<std::string>& used, const std::string& kind) {
    for (const auto& model : models) {
        EXPECT_EQ(used.count(model.entry.name), 1U)
            << kind << " '" << model.entry.name
            << "' occurs in no random network: teach tests/reference and tests/properties/random_models.cpp about it";
    }
}

TEST(RandomNetworks, UseEveryModelOfTheCatalogue) {
    std::set<std::string> neurons;
    std::set<std::string> connectivities;
    std::set<std::string> synapses;
    std::set<std::string> readouts;
    std::set<std::string> initialisers;
    for (std::uint64_t seed = 0; seed < num_random_networks; ++seed) {
        const Network network = make_random_case(seed).network;
        for (const Population& population : network.populations) {
            neurons.insert(population.neuron.model);
            add_initialisers(population.neuron.params, initialisers);
            if (population.readout) {
                readouts.insert(population.readout->model);
            }
        }
        for (const Connection& connection : network.connections) {
            connectivities.insert(connection.connectivity.model);
            synapses.insert(connection.synapse.model);
            add_initialisers(connection.connectivity.params, initialisers);
        }
    }
    expect_all_used(models::neuron_models(), neurons, "neuron model");
    expect_all_used(models::connectivity_models(), connectivities, "connectivity");
    expect_all_used(models::synapse_models(), synapses, "synapse model");
    expect_all_used(models::readout_models(), readouts, "readout");
    expect_all_used(models::initialiser_models(), initialisers, "initialiser");
}

}  // namespace
}  // namespace mlgenn::properties
