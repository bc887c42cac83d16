// SPDX-License-Identifier: Apache-2.0
// A network as text, for failure messages.
#include <nlohmann/json.hpp>

#include "tests/differential/expect_same.h"

namespace mlgenn::differential {
namespace {

using nlohmann::json;

constexpr std::size_t largest_full_array = 64;

json value_json(const Value& value) {
    if (const bool* flag = value.get_if<bool>()) {
        return *flag;
    }
    if (const double* number = value.get_if<double>()) {
        return *number;
    }
    if (const std::string* text = value.get_if<std::string>()) {
        return *text;
    }
    if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
        json node{{"initialiser", initialiser->name}};
        node.update(json(initialiser->params));
        return node;
    }
    const Array* array = value.get_if<Array>();
    if (array == nullptr) {
        return {};
    }
    if (array->size() > largest_full_array) {
        return std::string(name_of(array->dtype())) + " " + to_string(array->shape());
    }
    json elements = json::array();
    for (std::size_t i = 0; i < array->size(); ++i) {
        elements.push_back(array->value(i));
    }
    return elements;
}

json model_json(const ModelSpec& spec) {
    json params = json::object();
    for (const auto& [name, value] : spec.params) {
        params[name] = value_json(value);
    }
    return {{"model", spec.model}, {"params", params}};
}

}  // namespace

std::string describe(const Network& network, const RunSettings& settings) {
    std::string text = std::to_string(settings.timesteps) + " timesteps, dt " + std::to_string(settings.dt) +
                       ", reset time " + std::to_string(settings.reset.time) + " vars " +
                       std::to_string(settings.reset.vars) + " in_syn " + std::to_string(settings.reset.in_syn) +
                       " in_flight " + std::to_string(settings.reset.in_flight) + "\n";
    for (const Population& population : network.populations) {
        json node{{"name", population.name}, {"shape", population.shape}, {"neuron", model_json(population.neuron)}};
        if (population.readout) {
            node["readout"] = model_json(*population.readout);
        }
        text += node.dump() + "\n";
    }
    for (const Connection& connection : network.connections) {
        const json node{{"source", connection.source},
                        {"target", connection.target},
                        {"connectivity", model_json(connection.connectivity)},
                        {"synapse", model_json(connection.synapse)},
                        {"delay", value_json(connection.delay)}};
        text += node.dump() + "\n";
    }
    return text;
}

}  // namespace mlgenn::differential
