// SPDX-License-Identifier: Apache-2.0
// Equations: dx/dt of every variable, and its value after a spike. A step of length h takes x' = A x + B to
// e^(A h) x + B (e^(A h) - 1) / A, which is exact while A and B stay the same; all right sides use the old values.
#include "compiler/language/equation_models.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "compiler/language/host_math.h"
#include "compiler/language/model_code.h"
#include "compiler/language/parser.h"
#include "compiler/language/symbolic.h"
#include "compiler/models/math/functions.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

using ir::E;
using models::NeuronScope;

constexpr std::uint32_t most_sub_steps = 1000;
constexpr const char* weight_name = "weight";

/// An expression of a model, with its text.
struct Formula {
    Snippet snippet{};
    ExprPtr expr{};
};

struct Equation {
    std::string variable{};
    Formula derivative{};
    LinearForm form{};
    Formula jump{};
    /// Of a synapse: the variable grows by this times the weight; null: it does not.
    ExprPtr growth{};
};

struct EquationCode : ModelCode {
    std::vector<Equation> equations{};
    Formula threshold{};
    Formula injection{};
    bool linear_euler = false;
    std::uint32_t sub_steps = 1;
};

/// Reads formulas, then checks them one by one.
class FormulaReader {
public:
    FormulaReader(EquationCode& code, const Names& names, Checker& checker, Findings& findings)
        : code_(code), checker_(checker), findings_(findings) {
        for (const auto& [name, value] : names.params) {
            known_.push_back(name);
        }
        for (const auto& [name, value] : names.vars) {
            known_.push_back(name);
        }
    }

    /// Null for an empty text, and after an error.
    void read(Formula& formula, const std::string& part, const std::string& text) {
        formula.snippet = {part, text};
        if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
            return;
        }
        const ExprPtr parsed = Parser(formula.snippet, findings_, Dialect::equations).lone_expression();
        if (!parsed) {
            return;
        }
        formula.expr = as_real(*parsed, known_);
        const std::size_t before = findings_.size();
        checker_.check_condition(formula.snippet, *formula.expr);
        if (findings_.size() != before) {
            formula.expr = nullptr;
        }
    }

    void read_equations(const std::map<std::string, VariableEquation>& equations) {
        // Trees refer to their texts, which must not move.
        code_.equations.reserve(equations.size());
        for (const auto& [name, given] : equations) {
            Equation& equation = code_.equations.emplace_back();
            equation.variable = name;
            const std::string part = "equations/" + name.substr(0, 128);
            read(equation.derivative, part + "/derivative", given.derivative);
            read(equation.jump, part + "/jump", given.jump);
            if (equation.derivative.expr) {
                equation.form = linear_form(*equation.derivative.expr, name);
                refuse_weight(equation.derivative);
            }
        }
        if (checker_.draws()) {
            findings_.add("equations", "not supported: random functions in equations", "write the model as sim_code");
        }
    }

    void read_options(const std::string& solver, std::uint32_t sub_steps) {
        code_.linear_euler = solver == "linear_euler";
        code_.sub_steps = sub_steps;
        if (solver != "linear_euler" && solver != "exponential_euler") {
            findings_.add("solver", "there is no solver '" + solver.substr(0, 40) + "'",
                          "the solvers are exponential_euler and linear_euler");
        }
        if (sub_steps < 1 || sub_steps > most_sub_steps) {
            findings_.add("sub_steps",
                          "found " + std::to_string(sub_steps) + ", expected a whole number from 1 to " +
                              std::to_string(most_sub_steps),
                          "choose another number");
        }
    }

    /// Several spikes of a step count as one with the sum of their weights, so they must add up.
    void read_growth(Equation& equation) {
        if (!equation.jump.expr) {
            return;
        }
        LinearForm by_variable = linear_form(*equation.jump.expr, equation.variable);
        LinearForm by_weight = by_variable.rest ? linear_form(*by_variable.rest, weight_name) : LinearForm{};
        bool adds_up = is_one(by_variable.slope) && by_weight.slope && !by_weight.rest;
        for (const std::string& name : code_.variables) {
            adds_up = adds_up && !mentions(*by_weight.slope, name);
        }
        adds_up = adds_up && !mentions(*by_weight.slope, weight_name);
        if (!adds_up) {
            findings_.add(equation.jump.snippet, 0,
                          "not supported: a jump that is not the variable plus a constant times weight",
                          "write '" + equation.variable + " + weight', as spikes of one step add up");
            return;
        }
        equation.growth = std::move(by_weight.slope);
    }

private:
    void refuse_weight(const Formula& formula) {
        if (mentions(*formula.expr, weight_name) && is_given_weight()) {
            findings_.add(formula.snippet, 0, "weight exists in jumps and in inject_current only",
                          "let the weight change a variable in its jump");
        }
    }
    [[nodiscard]] bool is_given_weight() const {
        return std::find(known_.begin(), known_.end(), weight_name) == known_.end();
    }

    EquationCode& code_;
    Checker& checker_;
    Findings& findings_;
    std::vector<std::string> known_;
};

/// Variables of equations start at 0 unless `vars` says otherwise.
std::map<std::string, double> all_variables(const std::map<std::string, double>& vars,
                                            const std::map<std::string, VariableEquation>& equations) {
    std::map<std::string, double> result = vars;
    for (const auto& [name, equation] : equations) {
        result.emplace(name, 0.0);
    }
    return result;
}

void refuse_code(const std::string& key, const std::string& code, Findings& findings) {
    if (!code.empty()) {
        findings.add(key, "the model has equations too", "give code or equations, not both");
    }
}

/// Parameters that an expression depends on, directly or through derived parameters.
std::vector<std::string> parameters_of(const ModelCode& code, const Expr& expr) {
    std::vector<std::string> mentioned;
    collect_constants(expr, mentioned);
    std::vector<std::string> parameters;
    for (const std::string& name : mentioned) {
        const auto derived = code.derived.find(name);
        const std::vector<std::string> used =
            derived == code.derived.end() ? std::vector<std::string>{name} : derived->second.parameters;
        parameters.insert(parameters.end(), used.begin(), used.end());
    }
    std::sort(parameters.begin(), parameters.end());
    parameters.erase(std::unique(parameters.begin(), parameters.end()), parameters.end());
    return parameters;
}

/// The value of a constant expression in double, for values of `parameters`.
double constant_value(const ModelCode& code, const Expr& expr, double dt_ms, const std::vector<std::string>& parameters,
                      std::span<const double> numbers) {
    HostValues values = {{"dt", dt_ms}};
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        values[parameters[k]] = numbers[k];
    }
    for (const auto& [name, derived] : code.derived) {
        std::vector<double> arguments;
        for (const std::string& parameter : derived.parameters) {
            const auto found = values.find(parameter);
            arguments.push_back(found == values.end() ? 0.0 : found->second);
        }
        values[name] = derived_value(derived, dt_ms, arguments);
    }
    return evaluate(expr, values);
}

/// Emits the steps of a model's variables.
class Stepper {
public:
    Stepper(const EquationCode& code, NeuronScope& scope, Emitter& emitter, std::map<std::string, E> variables,
            std::string where)
        : code_(code),
          scope_(scope),
          emitter_(emitter),
          variables_(std::move(variables)),
          where_(std::move(where)),
          step_ms_(scope.dt_ms() / code.sub_steps) {}

    void run() {
        if (code_.sub_steps == 1) {
            step();
        } else {
            scope_.code().loop(emitter_.scratch().fresh_name(), E(0U), E(code_.sub_steps), ir::LoopKind::serial,
                               [&](const E&) { step(); });
        }
    }

    /// Gives each variable with a jump its new value, all from the old ones.
    void jump() {
        std::vector<std::pair<E, E>> changes;
        for (const Equation& equation : code_.equations) {
            if (equation.jump.expr) {
                changes.emplace_back(variables_.at(equation.variable), kept(emitter_.real(*equation.jump.expr)));
            }
        }
        assign(changes);
    }

private:
    void step() {
        std::vector<std::pair<E, E>> changes;
        for (const Equation& equation : code_.equations) {
            if (equation.derivative.expr) {
                changes.emplace_back(variables_.at(equation.variable), kept(next(equation)));
            }
        }
        assign(changes);
    }

    E kept(const E& value) { return scope_.code().let(emitter_.scratch().fresh_name(), value); }

    void assign(const std::vector<std::pair<E, E>>& changes) {
        for (const auto& [variable, value] : changes) {
            emitter_.scratch().assign(variable, value);
        }
    }

    E next(const Equation& equation) {
        const E& x = variables_.at(equation.variable);
        if (code_.linear_euler) {
            return x + E(step_ms_) * emitter_.real(*equation.derivative.expr);
        }
        if (!equation.form.slope) {
            return x + E(step_ms_) * emitter_.real(*equation.form.rest);
        }
        const auto [decay, gain] = is_constant(*equation.form.slope) ? constant_factors(equation) : factors(equation);
        return equation.form.rest ? decay * x + gain * emitter_.real(*equation.form.rest) : decay * x;
    }

    /// e^(A h) and (e^(A h) - 1) / A, in double on the host.
    std::pair<E, E> constant_factors(const Equation& equation) {
        const Expr& slope = *equation.form.slope;
        const std::vector<std::string> parameters = parameters_of(code_, slope);
        const auto factor = [&](const char* label, const std::function<double(double)>& formula) {
            return scope_.derived(label + equation.variable, parameters, [&](std::span<const double> numbers) {
                const double a = constant_value(code_, slope, scope_.dt_ms(), parameters, numbers);
                const double result = formula(a);
                if (!std::isfinite(static_cast<float>(result))) {
                    throw DescriptionError({where_,
                                            "the rate of variable '" + equation.variable + "' is " + std::to_string(a) +
                                                ", too large for a timestep of " + std::to_string(step_ms_) + " ms",
                                            {"its equation is " + equation.derivative.snippet.text.substr(0, 200)},
                                            "change the parameters that it is computed from"});
                }
                return result;
            });
        };
        const E decay = factor("decay.", [&](double a) { return std::exp(a * step_ms_); });
        const E gain = factor("gain.", [&](double a) { return a == 0.0 ? step_ms_ : std::expm1(a * step_ms_) / a; });
        return {decay, gain};
    }

    /// The same while the model runs.
    std::pair<E, E> factors(const Equation& equation) {
        models::Scratch& s = emitter_.scratch();
        const E a = s.bind(emitter_.real(*equation.form.slope));
        const E exponent = s.bind(a * E(step_ms_));
        const E decay = models::exp(s, exponent);
        const E near_zero = E(step_ms_) * ir::fma(exponent, E(0.5F), E(1.0F));
        const E gain = ir::select(models::absolute(exponent) < E(0x1p-12F), near_zero, models::expm1(s, exponent) / a);
        return {decay, s.bind(gain)};
    }

    const EquationCode& code_;
    NeuronScope& scope_;
    Emitter& emitter_;
    std::map<std::string, E> variables_;
    std::string where_;
    double step_ms_;
};

void build_neuron(const EquationCode& code, models::NeuronBuilder& b) {
    const ModelNames names = neuron_names(code, b);
    Emitter emitter(b.code(), "", names.where, resolve_names(code, b.scope(), names));
    Stepper stepper(code, b.scope(), emitter, names.variables, names.where);
    stepper.run();
    if (code.threshold.expr) {
        b.spike(emitter.real(*code.threshold.expr) >= E(0.0F), [&] { stepper.jump(); });
    }
}

void build_synapse(const EquationCode& code, models::SynapseBuilder& b) {
    const std::string& connection = b.scope().owner();
    ModelNames names = synapse_names(code, b, weight_name);
    const E weight = b.receive_into_state();
    names.given_value = [&] { return weight; };
    Emitter emitter(b.scope().code(), connection + "_", names.where, resolve_names(code, b.scope(), names));
    for (const Equation& equation : code.equations) {
        if (equation.growth) {
            const E grown = is_one(equation.growth) ? weight : emitter.real(*equation.growth) * weight;
            const E& variable = names.variables.at(equation.variable);
            emitter.scratch().assign(variable, variable + grown);
        }
    }
    b.inject(b.scope().code().let(connection + "_current", emitter.real(*code.injection.expr)));
    Stepper(code, b.scope(), emitter, names.variables, names.where).run();
}

void check_output(const UserNeuronModel& model, const std::map<std::string, double>& variables, Findings& findings) {
    if (!model.output_variable.empty() && variables.count(model.output_variable) == 0) {
        findings.add("output_variable", "the model has no variable '" + model.output_variable.substr(0, 80) + "'",
                     "name one of its variables, or leave it out");
    }
}

}  // namespace

models::NeuronModel compile_neuron_equations(const UserNeuronModel& model, Findings& findings) {
    const auto code = std::make_shared<EquationCode>();
    code->name = model.name;
    const std::size_t before = findings.size();
    refuse_code("sim_code", model.sim_code, findings);
    refuse_code("threshold_condition_code", model.threshold_condition_code, findings);
    refuse_code("reset_code", model.reset_code, findings);
    const std::map<std::string, double> variables = all_variables(model.vars, model.equations);
    const Names names{model.params, model.derived_params, variables};
    Checker checker(code->symbols, findings);
    declare_names(names, *code, checker, findings);
    checker.declare(SymbolKind::builtin, "Isyn", ValueType::f32, false);
    FormulaReader reader(*code, names, checker, findings);
    reader.read_options(model.solver, model.sub_steps);
    reader.read(code->threshold, "threshold", model.threshold);
    reader.read_equations(model.equations);
    check_output(model, variables, findings);
    const bool spikes = model.threshold.find_first_not_of(" \t\r\n") != std::string::npos;
    for (const Equation& equation : code->equations) {
        if (!spikes && equation.jump.expr) {
            findings.add(equation.jump.snippet.part, "there is no threshold, so it would never happen",
                         "give the threshold, or leave the jump out");
        }
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

models::SynapseModel compile_synapse_equations(const UserSynapseModel& model, Findings& findings) {
    const auto code = std::make_shared<EquationCode>();
    code->name = model.name;
    const std::size_t before = findings.size();
    refuse_code("code", model.code, findings);
    const std::map<std::string, double> variables = all_variables(model.vars, model.equations);
    const Names names{model.params, model.derived_params, variables};
    Checker checker(code->symbols, findings);
    declare_names(names, *code, checker, findings);
    checker.declare(SymbolKind::builtin, weight_name, ValueType::f32, false);
    FormulaReader reader(*code, names, checker, findings);
    reader.read_options(model.solver, model.sub_steps);
    reader.read(code->injection, "inject_current", model.inject_current);
    reader.read_equations(model.equations);
    bool receives = code->injection.expr && mentions(*code->injection.expr, weight_name);
    for (Equation& equation : code->equations) {
        reader.read_growth(equation);
        receives = receives || equation.growth;
    }
    if (!code->injection.expr && findings.size() == before) {
        findings.add("inject_current", "there is none, so the synapse would have no effect",
                     "give the current as an expression of the variables");
    }
    if (!receives && findings.size() == before) {
        findings.add("equations", "no jump uses weight, so arriving spikes would have no effect",
                     "let a variable jump, as in \"jump\": \"i + weight\"");
    }
    models::SynapseModel result;
    result.entry.name = model.name;
    result.entry.parameters = parameter_table(names);
    if (findings.size() == before) {
        result.build = [code](models::SynapseBuilder& b) { build_synapse(*code, b); };
    }
    return result;
}

}  // namespace mlgenn::language
