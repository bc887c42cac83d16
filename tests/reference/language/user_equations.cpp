// SPDX-License-Identifier: Apache-2.0
// x' = A x + B over a step h: e^(A h) x + (e^(A h) - 1) / A * B. The reference splits values, not expressions: it
// carries A and B of every part of an equation through the arithmetic.
#include <cmath>
#include <stdexcept>

#include "tests/reference/exponential_function.h"
#include "tests/reference/language/functions.h"
#include "tests/reference/language/user_model.h"

namespace mlgenn::reference {
namespace {

using language::BinaryOperator;
using language::Expr;

bool has_name(const Expr& expr, const std::string& name) {
    return std::visit(
        [&](const auto& node) {
            using Node = std::decay_t<decltype(node)>;
            if constexpr (std::is_same_v<Node, language::NameExpr>) {
                return node.name == name;
            } else if constexpr (std::is_same_v<Node, language::UnaryExpr> ||
                                 std::is_same_v<Node, language::CastExpr>) {
                return has_name(*node.operand, name);
            } else if constexpr (std::is_same_v<Node, language::BinaryExpr>) {
                return has_name(*node.left, name) || has_name(*node.right, name);
            } else if constexpr (std::is_same_v<Node, language::ConditionalExpr>) {
                return has_name(*node.condition, name) || has_name(*node.if_true, name) ||
                       has_name(*node.if_false, name);
            } else if constexpr (std::is_same_v<Node, language::CallExpr>) {
                for (const language::ExprPtr& argument : node.arguments) {
                    if (has_name(*argument, name)) {
                        return true;
                    }
                }
            }
            return false;
        },
        expr.node);
}

/// A number in f32, and in double where it depends on constants alone.
struct Number {
    float single = 0.0f;
    std::optional<double> exact{};
};

/// A and B of a part; nothing: there is no such term.
struct Split {
    std::optional<Number> slope{};
    std::optional<float> rest{};
};

class Splitter {
public:
    Splitter(Evaluator& evaluator, const language::HostValues& constants, std::string x)
        : evaluator_(evaluator), constants_(constants), x_(std::move(x)) {}

    Split split(const Expr& expr) {
        if (!has_name(expr, x_)) {
            return {std::nullopt, number(expr).single};
        }
        if (std::holds_alternative<language::NameExpr>(expr.node)) {
            return {Number{1.0f, 1.0}, std::nullopt};
        }
        if (const auto* unary = std::get_if<language::UnaryExpr>(&expr.node)) {
            return of_unary(expr, *unary);
        }
        if (const auto* binary = std::get_if<language::BinaryExpr>(&expr.node)) {
            return of_binary(expr, *binary);
        }
        const auto* choice = std::get_if<language::ConditionalExpr>(&expr.node);
        return choice != nullptr && !has_name(*choice->condition, x_) ? of_choice(*choice) : whole(expr);
    }

private:
    Split whole(const Expr& expr) { return {std::nullopt, as_float(evaluator_.value(expr))}; }

    Number number(const Expr& expr) {
        Number result{as_float(evaluator_.value(expr)), std::nullopt};
        if (is_constant(expr)) {
            result.exact = language::evaluate(expr, constants_);
        }
        return result;
    }

    [[nodiscard]] bool is_constant(const Expr& expr) const {
        if (std::holds_alternative<language::CastExpr>(expr.node)) {
            return false;
        }
        for (const char* varying : {"t", "Isyn", "weight"}) {
            if (constants_.count(varying) == 0 && has_name(expr, varying)) {
                return false;
            }
        }
        return !mentions_variable(expr);
    }
    [[nodiscard]] bool mentions_variable(const Expr& expr) const {
        return std::visit(
            [&](const auto& node) {
                using Node = std::decay_t<decltype(node)>;
                if constexpr (std::is_same_v<Node, language::NameExpr>) {
                    return constants_.find(node.name) == constants_.end();
                } else if constexpr (std::is_same_v<Node, language::UnaryExpr>) {
                    return mentions_variable(*node.operand);
                } else if constexpr (std::is_same_v<Node, language::CastExpr>) {
                    return true;
                } else if constexpr (std::is_same_v<Node, language::BinaryExpr>) {
                    return mentions_variable(*node.left) || mentions_variable(*node.right);
                } else if constexpr (std::is_same_v<Node, language::ConditionalExpr>) {
                    return mentions_variable(*node.condition) || mentions_variable(*node.if_true) ||
                           mentions_variable(*node.if_false);
                } else if constexpr (std::is_same_v<Node, language::CallExpr>) {
                    for (const language::ExprPtr& argument : node.arguments) {
                        if (mentions_variable(*argument)) {
                            return true;
                        }
                    }
                }
                return false;
            },
            expr.node);
    }

    /// In float or in double, as the operands are.
    template <class Real>
    static Real arithmetic(BinaryOperator op, Real a, Real b) {
        switch (op) {
            case BinaryOperator::add:
                return a + b;
            case BinaryOperator::subtract:
                return a - b;
            case BinaryOperator::multiply:
                return a * b;
            default:
                return a / b;
        }
    }
    static Number combined(BinaryOperator op, const Number& a, const Number& b) {
        Number result{arithmetic(op, a.single, b.single), std::nullopt};
        if (a.exact && b.exact) {
            result.exact = arithmetic(op, *a.exact, *b.exact);
        }
        return result;
    }
    static Number negated(const Number& a) { return {-a.single, a.exact ? std::optional(-*a.exact) : std::nullopt}; }

    Split of_unary(const Expr& expr, const language::UnaryExpr& node) {
        if (node.op == language::UnaryOperator::plus) {
            return split(*node.operand);
        }
        if (node.op != language::UnaryOperator::minus) {
            return whole(expr);
        }
        Split inner = split(*node.operand);
        if (inner.slope) {
            inner.slope = negated(*inner.slope);
        }
        if (inner.rest) {
            inner.rest = -*inner.rest;
        }
        return inner;
    }

    Split of_binary(const Expr& expr, const language::BinaryExpr& node) {
        const bool in_left = has_name(*node.left, x_);
        const bool in_right = has_name(*node.right, x_);
        if (node.op == BinaryOperator::add || node.op == BinaryOperator::subtract) {
            return sum(node.op, split(*node.left), split(*node.right));
        }
        const bool multiplies = node.op == BinaryOperator::multiply && !(in_left && in_right);
        const bool divides = node.op == BinaryOperator::divide && !in_right;
        if (!multiplies && !divides) {
            return whole(expr);
        }
        Split inner = split(in_left ? *node.left : *node.right);
        const Number factor = number(in_left ? *node.right : *node.left);
        if (inner.slope) {
            inner.slope = combined(node.op, *inner.slope, factor);
        }
        if (inner.rest) {
            inner.rest = arithmetic(node.op, *inner.rest, factor.single);
        }
        return inner;
    }

    static Split sum(BinaryOperator op, const Split& left, const Split& right) {
        const bool minus = op == BinaryOperator::subtract;
        Split result = left;
        if (right.slope) {
            result.slope =
                left.slope ? combined(op, *left.slope, *right.slope) : (minus ? negated(*right.slope) : *right.slope);
        }
        if (right.rest) {
            result.rest = left.rest ? arithmetic(op, *left.rest, *right.rest) : (minus ? -*right.rest : *right.rest);
        }
        return result;
    }

    Split of_choice(const language::ConditionalExpr& node) {
        const Number condition = number(*node.condition);
        const Split if_true = split(*node.if_true);
        const Split if_false = split(*node.if_false);
        const Split& chosen = condition.single != 0.0f ? if_true : if_false;
        Split result;
        if (if_true.slope || if_false.slope) {
            result.slope = chosen.slope.value_or(Number{0.0f, 0.0});
            const bool exact = condition.exact && (!if_true.slope || if_true.slope->exact) &&
                               (!if_false.slope || if_false.slope->exact);
            result.slope->exact = exact ? result.slope->exact : std::nullopt;
        }
        if (if_true.rest || if_false.rest) {
            result.rest = chosen.rest.value_or(0.0f);
        }
        return result;
    }

    Evaluator& evaluator_;
    const language::HostValues& constants_;
    std::string x_;
};

}  // namespace

UserEquations::UserEquations(const std::map<std::string, VariableEquation>& equations, const std::string& solver,
                             std::uint32_t sub_steps, double dt, UserTexts& texts)
    : linear_(solver == "linear_euler"), sub_steps_(sub_steps), step_ms_(dt / sub_steps) {
    for (const auto& [name, equation] : equations) {
        equations_.push_back({name, texts.equation(equation.derivative), texts.equation(equation.jump)});
    }
}

float UserEquations::next(const Equation& equation, const UserState& state, Evaluator& evaluator, std::size_t j) const {
    const float x = as_float(*state.find(equation.variable, j));
    const auto h = static_cast<float>(step_ms_);
    const Expr& derivative = *equation.derivative->expression();
    if (linear_) {
        const float change = h * as_float(evaluator.value(derivative));
        return x + change;
    }
    const language::HostValues constants = state.constants(j);
    const Split split = Splitter(evaluator, constants, equation.variable).split(derivative);
    if (!split.slope) {
        const float change = h * *split.rest;
        return x + change;
    }
    float decay = 0.0f;
    float gain = 0.0f;
    if (const auto a = split.slope->exact) {
        decay = static_cast<float>(std::exp(*a * step_ms_));
        gain = static_cast<float>(*a == 0.0 ? step_ms_ : std::expm1(*a * step_ms_) / *a);
    } else {
        const float a_single = split.slope->single;
        const float exponent = a_single * h;
        decay = exponential_function(exponent);
        const std::vector<float> arguments{exponent};
        gain = std::fabs(exponent) < 0x1p-12f ? h * std::fma(exponent, 0.5f, 1.0f)
                                              : apply_function("expm1", arguments) / a_single;
    }
    const float decayed = decay * x;
    if (!split.rest) {
        return decayed;
    }
    const float driven = gain * *split.rest;
    return decayed + driven;
}

void UserEquations::step(UserState& state, Evaluator& evaluator, std::size_t j) const {
    for (std::uint32_t k = 0; k < sub_steps_; ++k) {
        std::vector<float> values;
        for (const Equation& equation : equations_) {
            values.push_back(equation.derivative ? next(equation, state, evaluator, j)
                                                 : as_float(*state.find(equation.variable, j)));
        }
        for (std::size_t e = 0; e < equations_.size(); ++e) {
            state.set(equations_[e].variable, j, values[e]);
        }
    }
}

void UserEquations::jump(UserState& state, Evaluator& evaluator, std::size_t j) const {
    std::vector<std::pair<std::string, float>> changes;
    for (const Equation& equation : equations_) {
        if (equation.jump) {
            changes.emplace_back(equation.variable, as_float(evaluator.value(*equation.jump->expression())));
        }
    }
    for (const auto& [name, value] : changes) {
        state.set(name, j, value);
    }
}

void UserEquations::grow(UserState& state, Evaluator& evaluator, std::size_t j, float weight) const {
    const language::HostValues constants = state.constants(j);
    for (const Equation& equation : equations_) {
        if (!equation.jump) {
            continue;
        }
        // x + (growth * weight): what is left of the jump without x, split once more by the weight.
        const Expr& jump = *equation.jump->expression();
        const Split by_weight = Splitter(evaluator, constants, "weight").split(jump);
        const float growth = by_weight.slope->single * weight;
        state.set(equation.variable, j, as_float(*state.find(equation.variable, j)) + growth);
    }
}

}  // namespace mlgenn::reference
