// SPDX-License-Identifier: Apache-2.0
// Models that a network brings with it, in code or as equations, for the reference interpreter: what neurons and
// synapses have in common.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/language/checker.h"
#include "compiler/language/host_math.h"
#include "compiler/language/parser.h"
#include "mlgenn/network.h"
#include "tests/reference/language/evaluator.h"
#include "tests/reference/moment.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

/// Parameters in double, derived parameters and variables of all neurons.
class UserState {
public:
    /// Reads the model's parameters and initial values from `parameters`. Params and vars start at their defaults.
    UserState(ParameterView& parameters, const std::map<std::string, double>& params,
              const std::map<std::string, std::string>& derived, const std::map<std::string, double>& vars,
              std::size_t num_neurons, double dt);

    void reset();
    /// The value of a parameter, derived parameter or variable; nothing for other names.
    [[nodiscard]] std::optional<Scalar> find(const std::string& name, std::size_t j) const;
    void set(const std::string& name, std::size_t j, float value) { variables_.at(name)[j] = value; }
    [[nodiscard]] const std::vector<float>* variable(std::string_view name) const;
    /// Parameters, derived parameters and dt of neuron j in double.
    [[nodiscard]] language::HostValues constants(std::size_t j) const;

private:
    double dt_;
    std::map<std::string, std::vector<double>> params_;
    std::map<std::string, std::vector<double>> derived_;
    std::map<std::string, std::vector<float>> initial_;
    std::map<std::string, std::vector<float>, std::less<>> variables_;
};

/// A code string or expression, parsed and type-checked.
class UserText {
public:
    [[nodiscard]] const std::vector<language::StmtPtr>& statements() const { return statements_; }
    [[nodiscard]] const language::Expr* expression() const { return expression_.get(); }

private:
    friend class UserTexts;
    language::Snippet snippet_;
    std::vector<language::StmtPtr> statements_;
    language::ExprPtr expression_;
};

/// The code strings of one model. They refer to each other, so it stays where it is.
class UserTexts {
public:
    /// `given` are names of the simulation with their types; those in `state` are float.
    UserTexts(const std::vector<std::string>& constants, const std::vector<std::string>& variables,
              const std::map<std::string, language::ValueType>& given, bool is_synapse);

    [[nodiscard]] std::unique_ptr<UserText> code(const std::string& text);
    /// Null for an empty text.
    [[nodiscard]] std::unique_ptr<UserText> expression(const std::string& text);
    /// The same with the numbers and functions of equations.
    [[nodiscard]] std::unique_ptr<UserText> equation(const std::string& text);

private:
    std::unique_ptr<UserText> read_expression(const std::string& text, language::Dialect dialect);
    void require_no_findings() const;

    std::vector<std::string> names_;
    language::Findings findings_;
    language::SymbolTable symbols_;
    language::Checker checker_;
};

/// Names that every model is given, but for Isyn, inSyn and weight.
[[nodiscard]] std::optional<Scalar> given_name(const std::string& name, const Moment& moment, double dt, std::size_t j,
                                               std::size_t num_neurons);
[[nodiscard]] std::map<std::string, language::ValueType> given_names();
[[nodiscard]] std::vector<std::string> keys_of(const std::map<std::string, double>& params,
                                               const std::map<std::string, std::string>& derived);

/// Solves a model's equations, one neuron at a time.
class UserEquations {
public:
    UserEquations(const std::map<std::string, VariableEquation>& equations, const std::string& solver,
                  std::uint32_t sub_steps, double dt, UserTexts& texts);

    /// One timestep of neuron j.
    void step(UserState& state, Evaluator& evaluator, std::size_t j) const;
    /// All variables after a spike.
    void jump(UserState& state, Evaluator& evaluator, std::size_t j) const;
    /// A synapse's variables after `weight` arrived: by what they grow for each unit of it.
    void grow(UserState& state, Evaluator& evaluator, std::size_t j, float weight) const;

private:
    struct Equation {
        std::string variable;
        std::unique_ptr<UserText> derivative;
        std::unique_ptr<UserText> jump;
    };
    [[nodiscard]] float next(const Equation& equation, const UserState& state, Evaluator& evaluator,
                             std::size_t j) const;

    std::vector<Equation> equations_;
    bool linear_;
    std::uint32_t sub_steps_;
    double step_ms_;
};

}  // namespace mlgenn::reference
