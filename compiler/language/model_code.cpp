// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/model_code.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "compiler/language/host_math.h"
#include "compiler/language/lexer.h"
#include "compiler/language/parser.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {

using ir::E;
using models::NeuronScope;

namespace {

constexpr std::array builtin_names = {"t", "dt", "Isyn", "id", "num_neurons", "inSyn", "in_syn", "batch", "st"};

/// Names, defaults and derived parameters; then `checker` knows the model's names.
class NameChecker {
public:
    NameChecker(const Names& names, ModelCode& code, Checker& checker, Findings& findings)
        : names_(names), code_(code), checker_(checker), findings_(findings) {}

    void run() {
        for (const auto& [name, value] : names_.params) {
            add("params", name, SymbolKind::parameter);
            check_number("params/" + name, value);
        }
        for (const auto& [name, value] : names_.vars) {
            add("vars", name, SymbolKind::variable);
            check_number("vars/" + name, value);
            code_.variables.push_back(name);
        }
        for (const auto& [name, text] : names_.derived_params) {
            add("derived_params", name, SymbolKind::derived);
            derive(name, text);
        }
    }

private:
    void add(const std::string& section, const std::string& name, SymbolKind kind) {
        constexpr std::size_t longest = 128;
        const std::string part = section + "/" + name.substr(0, longest);
        const bool taken = std::find(builtin_names.begin(), builtin_names.end(), name) != builtin_names.end();
        if (!is_name(name) || name.size() > longest) {
            findings_.add(part,
                          is_reserved_word(name) ? "'" + name + "' is a word of the language"
                                                 : "this is not a name, expected a letter and then letters, digits or "
                                                   "'_', at most 128 in all",
                          "choose another name");
        } else if (taken) {
            findings_.add(part, "'" + name + "' is given by the simulation", "choose another name");
        } else if (!seen_.insert(name).second) {
            findings_.add(part, "the name '" + name + "' is used twice in the model", "choose another name");
        }
        checker_.declare(kind, name, ValueType::f32, kind == SymbolKind::variable);
    }

    void check_number(const std::string& part, double value) {
        if (!std::isfinite(static_cast<float>(value))) {
            findings_.add(part, "its default is not a finite float32", "give a number up to 3.4028235e+38");
        }
    }

    void derive(const std::string& name, const std::string& text) {
        Derived& derived = code_.derived[name];
        derived.snippet = {"derived_params/" + name, text};
        derived.expr = Parser(derived.snippet, findings_).lone_expression();
        if (!derived.expr) {
            return;
        }
        std::vector<std::string> allowed = {"dt"};
        for (const auto& [parameter, value] : names_.params) {
            allowed.push_back(parameter);
        }
        check_host(derived.snippet, *derived.expr, allowed, derived.parameters, findings_);
        derived.parameters.erase(std::remove(derived.parameters.begin(), derived.parameters.end(), "dt"),
                                 derived.parameters.end());
    }

    const Names& names_;
    ModelCode& code_;
    Checker& checker_;
    Findings& findings_;
    std::set<std::string> seen_;
};

}  // namespace

std::vector<models::ParameterSpec> parameter_table(const Names& names) {
    std::vector<models::ParameterSpec> table;
    for (const auto& [name, value] : names.params) {
        table.push_back({.name = name, .default_value = value, .per_neuron = true, .doc = "parameter of the model"});
    }
    for (const auto& [name, value] : names.vars) {
        table.push_back(
            {.name = name, .default_value = value, .per_neuron = true, .doc = "initial value of the variable"});
    }
    return table;
}

double derived_value(const Derived& derived, double dt_ms, std::span<const double> numbers) {
    HostValues values = {{"dt", dt_ms}};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        values.emplace(derived.parameters[i], numbers[i]);
    }
    return evaluate(*derived.expr, values);
}

namespace {

/// A derived parameter of one population or connection, as IR.
E derived_constant(NeuronScope& scope, const Derived& derived, const std::string& name, const std::string& where) {
    const auto formula = [&](std::span<const double> numbers) {
        const double result = derived_value(derived, scope.dt_ms(), numbers);
        if (!std::isfinite(static_cast<float>(result))) {
            throw DescriptionError(
                {where,
                 "derived parameter '" + name + "' is " + std::to_string(result) + ", which is no finite float32",
                 {"it is " + derived.snippet.text.substr(0, 200)},
                 "change the parameters that it is computed from"});
        }
        return result;
    };
    return scope.derived("derived." + name, derived.parameters, formula);
}

}  // namespace

E common_name(NeuronScope& scope, const ModelCode& code, const Symbol& symbol, const std::string& where) {
    if (symbol.kind == SymbolKind::parameter) {
        return scope.derived("param." + symbol.name, std::span(&symbol.name, 1),
                             [](std::span<const double> v) { return v[0]; });
    }
    if (symbol.kind == SymbolKind::derived) {
        return derived_constant(scope, code.derived.at(symbol.name), symbol.name, where);
    }
    if (symbol.name == "t") {
        return ir::convert(ir::index("t"), ir::Type::f32) * E(scope.dt_ms());
    }
    if (symbol.name == "dt") {
        return E(scope.dt_ms());
    }
    if (symbol.name == "id") {
        return scope.neuron();
    }
    if (symbol.name == "num_neurons") {
        return E(scope.num_neurons());
    }
    throw InternalError("code uses the unknown name '" + symbol.name + "'");
}

ModelNames neuron_names(const ModelCode& code, models::NeuronBuilder& b) {
    ModelNames names{.given = "Isyn",
                     .given_value = [&b] { return b.input(); },
                     .where = "population '" + b.scope().owner() + "', neuron model '" + code.name + "'"};
    for (const std::string& name : code.variables) {
        names.variables.insert_or_assign(name, b.scope().state(name, name, ResetClass::variable, name).value());
    }
    return names;
}

ModelNames synapse_names(const ModelCode& code, models::SynapseBuilder& b, std::string given) {
    ModelNames names{.given = std::move(given),
                     .where = "connection '" + b.scope().owner() + "', synapse model '" + code.name + "'"};
    for (const std::string& name : code.variables) {
        names.variables.insert_or_assign(name, b.state(name, name).value());
    }
    return names;
}

Emitter::Resolve resolve_names(const ModelCode& code, NeuronScope& scope, const ModelNames& names) {
    return [&](const Symbol& symbol) {
        if (symbol.kind == SymbolKind::variable) {
            return names.variables.at(symbol.name);
        }
        return symbol.name == names.given && symbol.kind == SymbolKind::builtin
                   ? names.given_value()
                   : common_name(scope, code, symbol, names.where);
    };
}

void give_random(Emitter& emitter, const ModelCode& code, NeuronScope& scope, std::uint64_t seed) {
    if (code.draws) {
        models::PhiloxKey key = models::philox_key(seed);
        key[0] ^= models::stream_of(scope.owner() + ".code");
        emitter.set_random(key, {scope.example_number(), ir::index("t"), scope.neuron()});
    }
}

void declare_names(const Names& names, ModelCode& code, Checker& checker, Findings& findings) {
    NameChecker(names, code, checker, findings).run();
    checker.declare(SymbolKind::builtin, "t", ValueType::f32, false);
    checker.declare(SymbolKind::builtin, "dt", ValueType::f32, false);
    checker.declare(SymbolKind::builtin, "id", ValueType::u32, false);
    checker.declare(SymbolKind::builtin, "num_neurons", ValueType::u32, false);
}

}  // namespace mlgenn::language
