// SPDX-License-Identifier: Apache-2.0
#include "mlgenn/default_params.h"

namespace mlgenn {

namespace {

using Tables = std::map<std::string, DefaultParams, std::less<>>;

/// The tables of mlGeNN 2.4's e-prop and EventProp compilers.
const Tables& tables() {
    static const Tables all = {
        {"e_prop",
         {{"leaky_integrate", {{"scale_i", false}}},
          {"leaky_integrate_fire", {{"relative_reset", true}, {"integrate_during_refrac", true}, {"scale_i", false}}},
          {"adaptive_leaky_integrate_fire", {{"relative_reset", true}, {"integrate_during_refrac", true}}}}},
        {"event_prop",
         {{"leaky_integrate", {{"scale_i", true}}},
          {"leaky_integrate_fire", {{"relative_reset", false}, {"integrate_during_refrac", false}, {"scale_i", true}}},
          {"exponential", {{"scale_i", true}}}}},
    };
    return all;
}

void apply(ModelSpec& spec, const DefaultParams& defaults) {
    if (const auto found = defaults.find(spec.model); found != defaults.end()) {
        spec.params.insert(found->second.begin(), found->second.end());
    }
}

}  // namespace

const DefaultParams* find_default_params(std::string_view name) {
    const auto found = tables().find(name);
    return found == tables().end() ? nullptr : &found->second;
}

std::vector<std::string> default_params_names() {
    std::vector<std::string> names;
    for (const auto& [name, table] : tables()) {
        names.push_back(name);
    }
    return names;
}

void apply_default_params(Network& network, const DefaultParams& defaults) {
    for (Population& population : network.populations) {
        apply(population.neuron, defaults);
    }
    for (Connection& connection : network.connections) {
        apply(connection.synapse, defaults);
    }
}

}  // namespace mlgenn
