// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/few_spike_network.h"

#include <algorithm>
#include <map>
#include <string>

#include "compiler/models/catalogue.h"
#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"

namespace mlgenn::models {
namespace {

std::map<std::string, std::size_t> indices_of(const Network& network) {
    std::map<std::string, std::size_t> indices;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        indices.emplace(network.populations[p].name, p);
    }
    return indices;
}

}  // namespace

bool is_few_spike(const Population& population) {
    const NeuronModel* model = find_neuron_model(population.neuron.model);
    return model != nullptr && model->few_spike;
}

ir::FewSpikeCode few_spike_code(const Population& population) {
    const NeuronModel* model = find_neuron_model(population.neuron.model);
    if (model == nullptr || !model->few_spike) {
        throw InternalError("population '" + population.name + "' has no few-spike code");
    }
    const ParameterReader params(model->entry, population.neuron.params);
    return {.k = static_cast<std::uint32_t>(params.integer("k")),
            .alpha = params.number("alpha"),
            .is_signed = model->entry.find_parameter("signed_input") != nullptr && params.boolean("signed_input")};
}

std::optional<std::vector<std::uint32_t>> few_spike_stages(const Network& network) {
    const auto indices = indices_of(network);
    std::vector<std::uint32_t> stages(network.populations.size(), 0);
    // The longest path without a cycle has one connection less than there are populations.
    for (std::size_t round = 0; round < stages.size(); ++round) {
        bool changed = false;
        for (const Connection& connection : network.connections) {
            std::uint32_t& stage = stages[indices.at(connection.target)];
            const std::uint32_t least = stages[indices.at(connection.source)] + 1;
            changed = changed || stage < least;
            stage = std::max(stage, least);
        }
        if (!changed) {
            return stages;
        }
    }
    return std::nullopt;
}

std::vector<ir::FewSpikePopulation> few_spike_populations(const Network& network) {
    if (std::none_of(network.populations.begin(), network.populations.end(), is_few_spike)) {
        return {};
    }
    const auto stages = few_spike_stages(network);
    if (!stages) {
        throw InternalError("few-spike network '" + network.name + "' with a cycle reached lowering");
    }
    const auto indices = indices_of(network);
    std::vector<ir::FewSpikePopulation> populations;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        populations.push_back({.code = few_spike_code(network.populations[p]), .stage = (*stages)[p]});
    }
    for (const Connection& connection : network.connections) {
        populations[indices.at(connection.target)].sums.source = populations[indices.at(connection.source)].code;
    }
    return populations;
}

}  // namespace mlgenn::models

namespace mlgenn {

std::optional<std::uint32_t> few_spike_steps(const Network& network) {
    const auto found = std::find_if(network.populations.begin(), network.populations.end(), models::is_few_spike);
    return found == network.populations.end() ? std::nullopt : std::optional(models::few_spike_code(*found).k);
}

}  // namespace mlgenn
