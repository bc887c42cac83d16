// SPDX-License-Identifier: Apache-2.0
// What can be recorded of a population besides spikes.
#include "compiler/passes/recorded_values.h"

#include <algorithm>
#include <vector>

#include "mlgenn/callbacks.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

bool names_one_of(const std::string& variable, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return same_variable(name, variable); });
}

[[noreturn]] void reject(const Population& population, const models::NeuronModel& model,
                         const models::NeuronScope& scope, const std::string& variable) {
    const std::string where = "recording of '" + population.name + "'";
    if (names_one_of(variable, model.variables)) {
        throw DescriptionError({where,
                                "variable '" + variable + "' does not exist with these parameters",
                                {},
                                "switch on the option that it belongs to, or do not record it"});
    }
    std::vector<std::string> names = model.variables;
    for (const models::NeuronScope::State& state : scope.states()) {
        if (!names_one_of(state.name, names)) {
            names.push_back(state.name);
        }
    }
    if (model.input == models::InputForm::values) {
        names.emplace_back("Input");
    }
    std::string known;
    for (const std::string& name : names) {
        known += (known.empty() ? "" : ", ") + name;
    }
    throw DescriptionError({where,
                            "model '" + model.entry.name + "' has no variable '" + variable + "'",
                            {},
                            known.empty() ? "it has none; record its spikes" : "record one of: " + known});
}

}  // namespace

RecordedValue recorded_value(const Population& population, const models::NeuronModel& model, models::NeuronScope& scope,
                             const std::string& variable) {
    std::vector<const models::NeuronScope::State*> similar;
    for (const models::NeuronScope::State& state : scope.states()) {
        if (state.name == variable) {
            return {state.name, ir::local(state.local, state.type)};
        }
        if (same_variable(state.name, variable)) {
            similar.push_back(&state);
        }
    }
    if (similar.size() == 1) {
        return {similar[0]->name, ir::local(similar[0]->local, similar[0]->type)};
    }
    if (model.input == models::InputForm::values && same_variable("Input", variable)) {
        return {"Input", ir::local("Input", ir::Type::f32)};
    }
    for (const models::ParameterSpec& parameter : model.entry.parameters) {
        if (parameter.name == variable && parameter.per_neuron) {
            return {variable, scope.param(variable)};
        }
    }
    reject(population, model, scope, variable);
}

}  // namespace mlgenn::passes
