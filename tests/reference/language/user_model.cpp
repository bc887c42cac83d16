// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/language/user_model.h"

#include <cmath>
#include <stdexcept>

#include "compiler/language/symbolic.h"

namespace mlgenn::reference {

using language::ValueType;

UserState::UserState(ParameterView& parameters, const std::map<std::string, double>& params,
                     const std::map<std::string, std::string>& derived, const std::map<std::string, double>& vars,
                     std::size_t num_neurons, double dt)
    : dt_(dt) {
    for (const auto& [name, value] : params) {
        params_[name] = parameters.per_neuron(name, value, num_neurons);
    }
    for (const auto& [name, value] : vars) {
        initial_[name] = rounded(parameters.per_neuron(name, value, num_neurons));
    }
    variables_.insert(initial_.begin(), initial_.end());
    for (const auto& [name, text] : derived) {
        language::Findings findings;
        const language::Snippet snippet{name, text};
        const language::ExprPtr expr = language::Parser(snippet, findings).lone_expression();
        for (std::size_t j = 0; j < num_neurons; ++j) {
            language::HostValues values{{"dt", dt}};
            for (const auto& [parameter, numbers] : params_) {
                values[parameter] = numbers[j];
            }
            derived_[name].push_back(language::evaluate(*expr, values));
        }
    }
}

void UserState::reset() {
    for (const auto& [name, values] : initial_) {
        variables_.find(name)->second = values;
    }
}

std::optional<Scalar> UserState::find(const std::string& name, std::size_t j) const {
    if (const auto found = variables_.find(name); found != variables_.end()) {
        return scalar(found->second[j]);
    }
    for (const auto* constants : {&params_, &derived_}) {
        if (const auto found = constants->find(name); found != constants->end()) {
            return scalar(static_cast<float>(found->second[j]));
        }
    }
    return std::nullopt;
}

const std::vector<float>* UserState::variable(std::string_view name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? nullptr : &found->second;
}

language::HostValues UserState::constants(std::size_t j) const {
    language::HostValues values{{"dt", dt_}};
    for (const auto* all : {&params_, &derived_}) {
        for (const auto& [name, numbers] : *all) {
            values[name] = numbers[j];
        }
    }
    return values;
}

UserTexts::UserTexts(const std::vector<std::string>& constants, const std::vector<std::string>& variables,
                     const std::map<std::string, ValueType>& given, bool is_synapse)
    : checker_(symbols_, findings_) {
    for (const std::string& name : constants) {
        checker_.declare(language::SymbolKind::parameter, name, ValueType::f32, false);
    }
    for (const std::string& name : variables) {
        checker_.declare(language::SymbolKind::variable, name, ValueType::f32, true);
    }
    for (const auto& [name, type] : given) {
        checker_.declare(language::SymbolKind::builtin, name, type, name == "inSyn");
    }
    names_ = constants;
    names_.insert(names_.end(), variables.begin(), variables.end());
    if (is_synapse) {
        checker_.allow_injection();
    }
}

void UserTexts::require_no_findings() const {
    if (findings_.size() != 0) {
        throw std::logic_error("code that validation accepted: " + findings_.all().front().problem);
    }
}

std::unique_ptr<UserText> UserTexts::code(const std::string& text) {
    auto result = std::make_unique<UserText>();
    result->snippet_ = {"code", text};
    result->statements_ = language::Parser(result->snippet_, findings_).statements();
    checker_.check(result->snippet_, result->statements_);
    require_no_findings();
    return result;
}

std::unique_ptr<UserText> UserTexts::expression(const std::string& text) {
    return read_expression(text, language::Dialect::code);
}

std::unique_ptr<UserText> UserTexts::equation(const std::string& text) {
    return read_expression(text, language::Dialect::equations);
}

std::unique_ptr<UserText> UserTexts::read_expression(const std::string& text, language::Dialect dialect) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return nullptr;
    }
    auto result = std::make_unique<UserText>();
    result->snippet_ = {"expression", text};
    result->expression_ = language::Parser(result->snippet_, findings_, dialect).lone_expression();
    require_no_findings();
    if (dialect == language::Dialect::equations) {
        result->expression_ = language::as_real(*result->expression_, names_);
    }
    checker_.check_condition(result->snippet_, *result->expression_);
    require_no_findings();
    return result;
}

std::optional<Scalar> given_name(const std::string& name, const Moment& moment, double dt, std::size_t j,
                                 std::size_t num_neurons) {
    if (name == "t") {
        return scalar(moment.t);
    }
    if (name == "dt") {
        return scalar(static_cast<float>(dt));
    }
    if (name == "id") {
        return scalar(static_cast<std::uint32_t>(j));
    }
    return name == "num_neurons" ? std::optional(scalar(static_cast<std::uint32_t>(num_neurons))) : std::nullopt;
}

std::map<std::string, ValueType> given_names() {
    return {{"t", ValueType::f32}, {"dt", ValueType::f32}, {"id", ValueType::u32}, {"num_neurons", ValueType::u32}};
}

std::vector<std::string> keys_of(const std::map<std::string, double>& params,
                                 const std::map<std::string, std::string>& derived) {
    std::vector<std::string> names;
    for (const auto& [name, value] : params) {
        names.push_back(name);
    }
    for (const auto& [name, text] : derived) {
        names.push_back(name);
    }
    return names;
}

}  // namespace mlgenn::reference
