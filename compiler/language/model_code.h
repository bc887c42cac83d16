// SPDX-License-Identifier: Apache-2.0
// What all models of users have, in code and as equations: names, derived parameters, and how they become IR.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/checker.h"
#include "compiler/language/emitter.h"
#include "compiler/language/source.h"
#include "compiler/models/builders.h"
#include "compiler/models/parameters.h"

namespace mlgenn::language {

/// A derived parameter, parsed.
struct Derived {
    Snippet snippet{};
    ExprPtr expr{};
    /// The parameters that it uses.
    std::vector<std::string> parameters{};
};

/// What both kinds of models have: names and derived parameters. Symbols and trees refer into it, so it stays put.
struct ModelCode {
    std::string name{};
    SymbolTable symbols{};
    std::map<std::string, Derived> derived{};
    std::vector<std::string> variables{};
    /// The code calls random functions.
    bool draws = false;
};

/// The maps that neuron and synapse models share.
struct Names {
    const std::map<std::string, double>& params;
    const std::map<std::string, std::string>& derived_params;
    const std::map<std::string, double>& vars;
};

/// Checks names, defaults and derived parameters; afterwards `checker` knows the model's names and those that every
/// model is given.
void declare_names(const Names& names, ModelCode& code, Checker& checker, Findings& findings);

[[nodiscard]] std::vector<models::ParameterSpec> parameter_table(const Names& names);

/// The derived parameter's value for parameters of the given values (in the order of `derived.parameters`).
[[nodiscard]] double derived_value(const Derived& derived, double dt_ms, std::span<const double> numbers);

/// Names that neuron and synapse code share, as IR. `where` is for errors that only parameter values show:
/// DescriptionError.
[[nodiscard]] ir::E common_name(models::NeuronScope& scope, const ModelCode& code, const Symbol& symbol,
                                const std::string& where);

/// A model while it becomes IR: its own variables, what it is given by name ("Isyn"), and where messages point.
struct ModelNames {
    std::map<std::string, ir::E> variables{};
    std::string given{};
    std::function<ir::E()> given_value{};
    std::string where{};
};
/// The names of a neuron model, whose variables become state of the population.
[[nodiscard]] ModelNames neuron_names(const ModelCode& code, models::NeuronBuilder& b);
/// Those of a synapse model, which is given `given`; the caller sets `given_value`.
[[nodiscard]] ModelNames synapse_names(const ModelCode& code, models::SynapseBuilder& b, std::string given);
/// What an Emitter asks; refers to its arguments.
[[nodiscard]] Emitter::Resolve resolve_names(const ModelCode& code, models::NeuronScope& scope,
                                             const ModelNames& names);

/// Random numbers of one population's or connection's code, if it draws any.
void give_random(Emitter& emitter, const ModelCode& code, models::NeuronScope& scope, std::uint64_t seed);

}  // namespace mlgenn::language
