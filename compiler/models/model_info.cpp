// SPDX-License-Identifier: Apache-2.0
// The public view of the catalogue.
#include "mlgenn/model_info.h"

#include "compiler/models/catalogue.h"

namespace mlgenn {
namespace {

std::string type_name(models::ParameterKind kind) {
    switch (kind) {
        case models::ParameterKind::number:
            return "number";
        case models::ParameterKind::boolean:
            return "boolean";
        case models::ParameterKind::integer:
            return "integer";
        case models::ParameterKind::word:
            return "word";
        case models::ParameterKind::pair:
            return "pair";
        case models::ParameterKind::weights:
            return "weights";
        case models::ParameterKind::indices:
            return "indices";
    }
    throw InternalError("a parameter has an unknown kind");
}

template <class Model>
void append(std::vector<ModelInfo>& list, const std::string& kind, std::span<const Model> entries) {
    for (const Model& model : entries) {
        ModelInfo info{kind, model.entry.name, model.entry.summary, model.entry.equations, {}};
        for (const models::ParameterSpec& spec : model.entry.parameters) {
            info.parameters.push_back({spec.name, type_name(spec.kind), spec.required, spec.per_neuron,
                                       spec.default_value, spec.choices, spec.unit, spec.doc});
        }
        list.push_back(std::move(info));
    }
}

const Shape& shape_of(const Network& network, const std::string& population) {
    const Population* found = network.find_population(population);
    if (found == nullptr) {
        throw InternalError("population '" + population + "' of a validated network does not exist");
    }
    return found->shape;
}

/// Numbers of synapses do not depend on weights.
Parameters without_draws(Parameters params) {
    for (auto& [name, value] : params) {
        if (value.get_if<Initialiser>() != nullptr) {
            value = 0.0;
        }
    }
    return params;
}

}  // namespace

std::vector<ModelInfo> list_models() {
    std::vector<ModelInfo> list;
    append(list, "neuron", models::neuron_models());
    append(list, "synapse", models::synapse_models());
    append(list, "connectivity", models::connectivity_models());
    append(list, "readout", models::readout_models());
    append(list, "metric", models::metric_models());
    append(list, "initialiser", models::initialiser_models());
    return list;
}

std::vector<std::string> input_populations(const Network& network) {
    std::vector<std::string> names;
    for (const Population& population : network.populations) {
        const models::NeuronModel* model = models::find_neuron_model(population.neuron.model);
        if (model != nullptr && model->input != models::InputForm::none) {
            names.push_back(population.name);
        }
    }
    return names;
}

std::uint64_t num_synapses(const Network& network, const Connection& connection, std::uint64_t rng_seed) {
    const models::ConnectivityModel* model = models::find_connectivity_model(connection.connectivity.model);
    if (model == nullptr || model->lower == nullptr) {
        throw InternalError("connectivity '" + connection.connectivity.model + "' of a validated network is unknown");
    }
    const Parameters params = without_draws(connection.connectivity.params);
    const Shape source = shape_of(network, connection.source);
    const Shape target = shape_of(network, connection.target);
    return model
        ->lower({.params = models::ParameterReader(model->entry, params),
                 .source = source,
                 .target = target,
                 .recurrent = connection.source == connection.target,
                 .seed = rng_seed,
                 .name = connection.name})
        .num_synapses;
}

}  // namespace mlgenn
