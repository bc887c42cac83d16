// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/user_models.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "compiler/language/equation_models.h"
#include "compiler/language/model_code.h"
#include "compiler/language/parser.h"
#include "compiler/language/user_metrics.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

using ir::E;

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

void build_neuron(const NeuronCode& code, models::NeuronBuilder& b) {
    const ModelNames names = neuron_names(code, b);
    Emitter emitter(b.code(), "", names.where, resolve_names(code, b.scope(), names));
    give_random(emitter, code, b.scope(), b.rng_seed());
    emitter.run(code.sim_body);
    if (code.condition) {
        b.spike(emitter.condition(*code.condition), [&] { emitter.run(code.reset_body); });
    }
}

void build_synapse(const SynapseCode& code, models::SynapseBuilder& b) {
    const models::Variable in_syn = b.state("in_syn");
    in_syn.set(b.receive_onto(in_syn));
    ModelNames names = synapse_names(code, b, "inSyn");
    names.given_value = [&] { return in_syn.value(); };
    const std::string& connection = b.scope().owner();
    Emitter emitter(b.scope().code(), connection + "_", names.where, resolve_names(code, b.scope(), names));
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
    if (!model.equations.empty() || !model.threshold.empty()) {
        return compile_neuron_equations(model, findings);
    }
    const auto code = std::make_shared<NeuronCode>();
    code->name = model.name;
    code->sim = {"sim_code", model.sim_code};
    code->threshold = {"threshold_condition_code", model.threshold_condition_code};
    code->reset = {"reset_code", model.reset_code};
    const std::size_t before = findings.size();
    const Names names{model.params, model.derived_params, model.vars};
    Checker checker(code->symbols, findings);
    declare_names(names, *code, checker, findings);
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
    if (!model.equations.empty() || !model.inject_current.empty()) {
        return compile_synapse_equations(model, findings);
    }
    const auto code = std::make_shared<SynapseCode>();
    code->name = model.name;
    code->code = {"code", model.code};
    const std::size_t before = findings.size();
    const Names names{model.params, model.derived_params, model.vars};
    Checker checker(code->symbols, findings);
    declare_names(names, *code, checker, findings);
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
