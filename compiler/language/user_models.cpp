// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/user_models.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "compiler/language/checker.h"
#include "compiler/language/emitter.h"
#include "compiler/language/host_math.h"
#include "compiler/language/parser.h"
#include "compiler/language/user_metrics.h"
#include "compiler/models/builders.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

using ir::E;
using models::NeuronScope;

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

struct NeuronCode : ModelCode {
    Snippet sim{};
    Snippet threshold{};
    Snippet reset{};
    std::vector<StmtPtr> sim_body{};
    ExprPtr condition{};
    std::vector<StmtPtr> reset_body{};
};

struct SynapseCode : ModelCode {
    Snippet code{};
    std::vector<StmtPtr> body{};
    bool declares_current = false;
};

/// The maps that neuron and synapse models share.
struct Names {
    const std::map<std::string, double>& params;
    const std::map<std::string, std::string>& derived_params;
    const std::map<std::string, double>& vars;
};

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

/// A derived parameter of one population or connection.
E derived_value(NeuronScope& scope, const Derived& derived, const std::string& name, const std::string& where) {
    const auto formula = [&](std::span<const double> numbers) {
        HostValues values = {{"dt", scope.dt_ms()}};
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            values.emplace(derived.parameters[i], numbers[i]);
        }
        const double result = evaluate(*derived.expr, values);
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

/// Names that neuron and synapse code share, as IR.
E common_name(NeuronScope& scope, const ModelCode& code, const Symbol& symbol, const std::string& where) {
    if (symbol.kind == SymbolKind::parameter) {
        return scope.derived("param." + symbol.name, std::span(&symbol.name, 1),
                             [](std::span<const double> v) { return v[0]; });
    }
    if (symbol.kind == SymbolKind::derived) {
        return derived_value(scope, code.derived.at(symbol.name), symbol.name, where);
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

/// Random numbers of one population's or connection's code.
void give_random(Emitter& emitter, const ModelCode& code, NeuronScope& scope, std::uint64_t seed) {
    if (code.draws) {
        models::PhiloxKey key = models::philox_key(seed);
        key[0] ^= models::stream_of(scope.owner() + ".code");
        emitter.set_random(key, {scope.example_number(), ir::index("t"), scope.neuron()});
    }
}

void declare_builtins(Checker& checker) {
    checker.declare(SymbolKind::builtin, "t", ValueType::f32, false);
    checker.declare(SymbolKind::builtin, "dt", ValueType::f32, false);
    checker.declare(SymbolKind::builtin, "id", ValueType::u32, false);
    checker.declare(SymbolKind::builtin, "num_neurons", ValueType::u32, false);
}

void build_neuron(const NeuronCode& code, models::NeuronBuilder& b) {
    std::map<std::string, E> variables;
    for (const std::string& name : code.variables) {
        variables.insert_or_assign(name, b.scope().state(name, name, ResetClass::variable, name).value());
    }
    const std::string where = "population '" + b.scope().owner() + "', neuron model '" + code.name + "'";
    Emitter emitter(b.code(), "", where, [&](const Symbol& symbol) {
        if (symbol.kind == SymbolKind::variable) {
            return variables.at(symbol.name);
        }
        return symbol.name == "Isyn" && symbol.kind == SymbolKind::builtin
                   ? b.input()
                   : common_name(b.scope(), code, symbol, where);
    });
    give_random(emitter, code, b.scope(), b.rng_seed());
    emitter.run(code.sim_body);
    if (code.condition) {
        b.spike(emitter.condition(*code.condition), [&] { emitter.run(code.reset_body); });
    }
}

void build_synapse(const SynapseCode& code, models::SynapseBuilder& b) {
    const models::Variable in_syn = b.state("in_syn");
    in_syn.set(b.receive_onto(in_syn));
    std::map<std::string, E> variables;
    for (const std::string& name : code.variables) {
        variables.insert_or_assign(name, b.state(name, name).value());
    }
    const std::string& connection = b.scope().owner();
    const std::string where = "connection '" + connection + "', synapse model '" + code.name + "'";
    Emitter emitter(b.scope().code(), connection + "_", where, [&](const Symbol& symbol) {
        if (symbol.kind == SymbolKind::variable) {
            return variables.at(symbol.name);
        }
        return symbol.name == "inSyn" && symbol.kind == SymbolKind::builtin
                   ? in_syn.value()
                   : common_name(b.scope(), code, symbol, where);
    });
    give_random(emitter, code, b.scope(), b.rng_seed());
    const std::string current = connection + "_current";
    bool declared = code.declares_current;
    if (declared) {
        b.scope().code().let(current, E(0.0F));
    }
    const E so_far = ir::local(current, ir::Type::f32);
    emitter.set_inject([&](const E& amount) {
        if (declared) {
            b.scope().code().assign(current, so_far + amount);
        } else {
            b.scope().code().let(current, amount);
        }
        declared = true;
    });
    emitter.run(code.body);
    b.inject(so_far);
}

std::string output_problem(const UserNeuronModel& model) {
    return model.output_variable.empty() || model.vars.count(model.output_variable) != 0
               ? ""
               : "the model has no variable '" + model.output_variable.substr(0, 80) + "'";
}

}  // namespace

models::NeuronModel compile_neuron_model(const UserNeuronModel& model, Findings& findings) {
    const auto code = std::make_shared<NeuronCode>();
    code->name = model.name;
    code->sim = {"sim_code", model.sim_code};
    code->threshold = {"threshold_condition_code", model.threshold_condition_code};
    code->reset = {"reset_code", model.reset_code};
    const std::size_t before = findings.size();
    const Names names{model.params, model.derived_params, model.vars};
    Checker checker(code->symbols, findings);
    NameChecker(names, *code, checker, findings).run();
    declare_builtins(checker);
    checker.declare(SymbolKind::builtin, "Isyn", ValueType::f32, false);
    code->sim_body = Parser(code->sim, findings).statements();
    checker.check(code->sim, code->sim_body);
    const bool spikes = model.threshold_condition_code.find_first_not_of(" \t\r\n") != std::string::npos;
    if (spikes) {
        code->condition = Parser(code->threshold, findings).lone_expression();
        if (code->condition) {
            checker.check_condition(code->threshold, *code->condition);
        }
    }
    code->reset_body = Parser(code->reset, findings).statements();
    checker.check(code->reset, code->reset_body);
    code->draws = checker.draws();
    if (!spikes && !code->reset_body.empty()) {
        findings.add("reset_code", "there is no threshold_condition_code, so it would never run",
                     "give the condition for a spike, or leave the reset out");
    }
    if (const std::string problem = output_problem(model); !problem.empty()) {
        findings.add("output_variable", problem, "name one of vars, or leave it out");
    }
    models::NeuronModel result;
    result.entry.name = model.name;
    result.entry.parameters = parameter_table(names);
    result.spiking = spikes;
    result.output_variable = model.output_variable;
    result.variables = code->variables;
    if (findings.size() == before) {
        result.build = [code](models::NeuronBuilder& b) { build_neuron(*code, b); };
    }
    return result;
}

models::SynapseModel compile_synapse_model(const UserSynapseModel& model, Findings& findings) {
    const auto code = std::make_shared<SynapseCode>();
    code->name = model.name;
    code->code = {"code", model.code};
    const std::size_t before = findings.size();
    const Names names{model.params, model.derived_params, model.vars};
    Checker checker(code->symbols, findings);
    NameChecker(names, *code, checker, findings).run();
    declare_builtins(checker);
    checker.declare(SymbolKind::builtin, "inSyn", ValueType::f32, true);
    checker.allow_injection();
    code->body = Parser(code->code, findings).statements();
    checker.check(code->code, code->body);
    if (!checker.injects() && findings.size() == before) {
        findings.add("code", "it never calls injectCurrent, so the synapse would have no effect",
                     "write injectCurrent(inSyn); or what else is to flow");
    }
    code->draws = checker.draws();
    code->declares_current = checker.first_injection_is_nested();
    models::SynapseModel result;
    result.entry.name = model.name;
    result.entry.parameters = parameter_table(names);
    if (findings.size() == before) {
        result.build = [code](models::SynapseBuilder& b) { build_synapse(*code, b); };
    }
    return result;
}

ModelTable::ModelTable(const Network& network) {
    for (const UserNeuronModel& model : network.neuron_models) {
        neurons_.push_back(compile_neuron_model(model, neuron_findings_.emplace_back()));
    }
    for (const UserSynapseModel& model : network.synapse_models) {
        synapses_.push_back(compile_synapse_model(model, synapse_findings_.emplace_back()));
    }
    for (const UserMetricModel& model : network.metric_models) {
        metrics_.push_back(compile_metric_model(model, metric_findings_.emplace_back()));
    }
}

namespace {

template <class Model>
const Model* find_in(const std::vector<Model>& models, std::string_view name, const Model* otherwise) {
    const auto found = std::find_if(models.begin(), models.end(), [&](const Model& m) { return m.entry.name == name; });
    return found == models.end() ? otherwise : &*found;
}

template <class Model>
std::vector<std::string> all_names(const std::vector<Model>& own, std::span<const Model> catalogue) {
    std::vector<std::string> names;
    for (const Model& model : catalogue) {
        names.push_back(model.entry.name);
    }
    for (const Model& model : own) {
        names.push_back(model.entry.name);
    }
    return names;
}

}  // namespace

const models::NeuronModel* ModelTable::find_neuron_model(std::string_view name) const {
    return find_in(neurons_, name, models::find_neuron_model(name));
}
const models::SynapseModel* ModelTable::find_synapse_model(std::string_view name) const {
    return find_in(synapses_, name, models::find_synapse_model(name));
}
const models::MetricModel* ModelTable::find_metric_model(std::string_view name) const {
    return find_in(metrics_, name, models::find_metric_model(name));
}
std::vector<std::string> ModelTable::metric_model_names() const {
    return all_names(metrics_, models::metric_models());
}
std::vector<std::string> ModelTable::neuron_model_names() const {
    return all_names(neurons_, models::neuron_models());
}
std::vector<std::string> ModelTable::synapse_model_names() const {
    return all_names(synapses_, models::synapse_models());
}

void require_distinct_locals(const ir::Block& body, const std::vector<std::string>& locals, const std::string& where) {
    std::map<std::string, int> counts;
    for (const std::string& local : locals) {
        counts.emplace(local, 0);
    }
    ir::for_each_stmt(body, [&](const ir::Stmt& stmt) {
        const auto* let = std::get_if<ir::Let>(&stmt.node);
        const auto* receive = std::get_if<ir::Receive>(&stmt.node);
        const std::string* name = let != nullptr ? &let->name : receive != nullptr ? &receive->local : nullptr;
        const auto found = name != nullptr ? counts.find(*name) : counts.end();
        if (found != counts.end() && ++found->second > 1) {
            throw DescriptionError({where,
                                    "its variable '" + *name + "' is called like one of the readout or of a synapse",
                                    {},
                                    "rename it in the model"});
        }
    });
}

}  // namespace mlgenn::language
