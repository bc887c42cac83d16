// SPDX-License-Identifier: Apache-2.0
// `check`: is the description right, and what does it say?
#include <iostream>
#include <nlohmann/json.hpp>

#include "mlgenn/model_info.h"
#include "mlgenn/network_io.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

/// "v_thresh=5, tau_mem=20".
std::string parameters_text(const Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += (text.empty() ? "" : ", ") + name + '=' + format_value(value);
    }
    return text;
}

std::string model_text(const ModelSpec& spec) {
    const std::string parameters = parameters_text(spec.params);
    return spec.model + (parameters.empty() ? "" : " (" + parameters + ")");
}

std::string populations_table(const Network& network) {
    Table table({{"population"}, {"shape"}, {"neurons", Align::right}, {"model"}, {"readout"}});
    for (const Population& population : network.populations) {
        table.add_row({population.name, to_string(population.shape), format_count(num_elements(population.shape)),
                       model_text(population.neuron), population.readout ? model_text(*population.readout) : ""});
    }
    return table.text();
}

std::string connections_table(const Network& network) {
    Table table({{"connection"},
                 {"from"},
                 {"to"},
                 {"synapses", Align::right},
                 {"connectivity"},
                 {"synapse"},
                 {"delay", Align::right}});
    for (const Connection& connection : network.connections) {
        table.add_row({connection.name, connection.source, connection.target,
                       format_count(num_synapses(network, connection)), model_text(connection.connectivity),
                       model_text(connection.synapse), format_value(connection.delay)});
    }
    return table.text();
}

Json to_json(const Network& network) {
    Json populations = Json::array();
    for (const Population& population : network.populations) {
        Json entry{{"name", population.name},
                   {"shape", population.shape},
                   {"num_neurons", num_elements(population.shape)},
                   {"neuron", population.neuron.model}};
        if (population.readout) {
            entry["readout"] = population.readout->model;
        }
        populations.push_back(std::move(entry));
    }
    Json connections = Json::array();
    for (const Connection& connection : network.connections) {
        connections.push_back({{"name", connection.name},
                               {"source", connection.source},
                               {"target", connection.target},
                               {"num_synapses", num_synapses(network, connection)},
                               {"connectivity", connection.connectivity.model},
                               {"synapse", connection.synapse.model}});
    }
    return {{"network", network.name}, {"populations", populations}, {"connections", connections}};
}

}  // namespace

void run_check(const CheckCommand& command) {
    ReadOptions options;
    options.allow_outside_paths = command.allow_outside_paths;
    const NetworkFile file = load_network(command.network, options);
    const Network& network = file.network;
    if (command.json) {
        std::cout << to_json(network).dump(2) << '\n';
        return;
    }
    std::uint64_t neurons = 0;
    for (const Population& population : network.populations) {
        neurons += num_elements(population.shape);
    }
    std::uint64_t synapses = 0;
    for (const Connection& connection : network.connections) {
        synapses += num_synapses(network, connection);
    }
    std::cout << command.network.string() << ": the description is valid\n"
              << network.name << ": " << format_count(network.populations.size(), "population") << ", "
              << format_count(neurons, "neuron") << ", " << format_count(network.connections.size(), "connection")
              << ", " << (synapses == 1 ? "1 synapse" : format_count(synapses) + " synapses");
    if (file.example_timesteps) {
        std::cout << "; " << format_count(*file.example_timesteps, "timestep") << " per example";
    }
    if (file.dt) {
        std::cout << (file.example_timesteps ? " of " : "; timesteps of ") << format_float(static_cast<float>(*file.dt))
                  << " ms";
    }
    std::cout << "\n\n" << populations_table(network);
    if (!network.connections.empty()) {
        std::cout << '\n' << connections_table(network);
    }
}

}  // namespace mlgenn::cli
