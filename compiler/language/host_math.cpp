// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/host_math.h"

#include <algorithm>
#include <string>

#include "compiler/description/suggestions.h"
#include "compiler/language/checker.h"
#include "compiler/language/functions.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

class HostChecker {
public:
    HostChecker(const Snippet& snippet, const std::vector<std::string>& names, std::vector<std::string>& used,
                Findings& findings)
        : snippet_(snippet), names_(names), used_(used), findings_(findings) {}

    void check(const Expr& expr) {
        offset_ = expr.offset;
        std::visit([&](const auto& node) { check_node(node); }, expr.node);
    }

private:
    void report(const std::string& problem, std::string remedy) {
        findings_.add(snippet_, offset_, problem, std::move(remedy));
    }

    void check_node(const NumberLiteral&) {}
    void check_node(const NameExpr& node) {
        if (std::find(names_.begin(), names_.end(), node.name) == names_.end()) {
            report("there is no '" + std::string(node.name.substr(0, 40)) + "' in derived parameters",
                   description::suggestion(node.name, names_, "the names are"));
        } else if (std::find(used_.begin(), used_.end(), node.name) == used_.end()) {
            used_.emplace_back(node.name);
        }
    }
    void check_node(const UnaryExpr& node) {
        if (node.op == UnaryOperator::bit_not) {
            report("'~' needs a whole number, derived parameters are double", "use other operators");
        }
        check(*node.operand);
    }
    void check_node(const BinaryExpr& node) {
        const bool whole = (node.op >= BinaryOperator::remainder && node.op <= BinaryOperator::shift_right);
        if (whole) {
            report("'" + std::string(text_of(node.op)) + "' needs whole numbers, derived parameters are double",
                   "use other operators");
        }
        check(*node.left);
        check(*node.right);
    }
    void check_node(const ConditionalExpr& node) {
        check(*node.condition);
        check(*node.if_true);
        check(*node.if_false);
    }
    void check_node(const CastExpr&) {
        report("not supported: casts in derived parameters", "all numbers are double here; use trunc or rint");
    }
    void check_node(const CallExpr& node) {
        const HostFunction* function = find_host_function(node.name);
        const std::string name = "'" + std::string(node.name.substr(0, 40)) + "'";
        if (function == nullptr) {
            report("not supported: function " + name + " in derived parameters", existing_host_functions());
        } else if (function->num_arguments != node.arguments.size()) {
            report(name + " takes " + std::to_string(function->num_arguments) +
                       (function->num_arguments == 1 ? " argument" : " arguments") + ", found " +
                       std::to_string(node.arguments.size()),
                   "correct the call");
        }
        for (const ExprPtr& argument : node.arguments) {
            check(*argument);
        }
    }
    void check_node(const AssignExpr&) { report("a derived parameter assigns nothing", "give one expression"); }

    const Snippet& snippet_;
    const std::vector<std::string>& names_;
    std::vector<std::string>& used_;
    Findings& findings_;
    std::uint32_t offset_ = 0;
};

class HostEvaluator {
public:
    explicit HostEvaluator(const HostValues& values) : values_(values) {}

    [[nodiscard]] double run(const Expr& expr) const {
        return std::visit([&](const auto& node) { return value(node); }, expr.node);
    }

private:
    [[nodiscard]] static double value(const NumberLiteral& node) { return node.value; }
    [[nodiscard]] double value(const NameExpr& node) const { return values_.find(node.name)->second; }
    [[nodiscard]] double value(const UnaryExpr& node) const {
        const double operand = run(*node.operand);
        if (node.op == UnaryOperator::logical_not) {
            return operand == 0.0 ? 1.0 : 0.0;
        }
        return node.op == UnaryOperator::minus ? -operand : operand;
    }
    [[nodiscard]] double value(const ConditionalExpr& node) const {
        return run(*node.condition) != 0.0 ? run(*node.if_true) : run(*node.if_false);
    }
    [[nodiscard]] double value(const CallExpr& node) const {
        std::vector<double> arguments;
        for (const ExprPtr& argument : node.arguments) {
            arguments.push_back(run(*argument));
        }
        return find_host_function(node.name)->apply(arguments);
    }
    [[nodiscard]] static double value(const CastExpr&) { throw InternalError("a cast in a derived parameter"); }
    [[nodiscard]] static double value(const AssignExpr&) {
        throw InternalError("an assignment in a derived parameter");
    }
    [[nodiscard]] double value(const BinaryExpr& node) const {
        const double a = run(*node.left);
        const double b = run(*node.right);
        switch (node.op) {
            case BinaryOperator::add:
                return a + b;
            case BinaryOperator::subtract:
                return a - b;
            case BinaryOperator::multiply:
                return a * b;
            case BinaryOperator::divide:
                return a / b;
            case BinaryOperator::less:
                return a < b ? 1.0 : 0.0;
            case BinaryOperator::less_equal:
                return a <= b ? 1.0 : 0.0;
            case BinaryOperator::greater:
                return a > b ? 1.0 : 0.0;
            case BinaryOperator::greater_equal:
                return a >= b ? 1.0 : 0.0;
            case BinaryOperator::equal:
                return a == b ? 1.0 : 0.0;
            case BinaryOperator::not_equal:
                return a != b ? 1.0 : 0.0;
            case BinaryOperator::logical_and:
                return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
            case BinaryOperator::logical_or:
                return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
            default:
                throw InternalError("an integer operator in a derived parameter");
        }
    }

    const HostValues& values_;
};

}  // namespace

void check_host(const Snippet& snippet, const Expr& expr, const std::vector<std::string>& names,
                std::vector<std::string>& used, Findings& findings) {
    HostChecker(snippet, names, used, findings).check(expr);
}

double evaluate(const Expr& expr, const HostValues& values) {
    return HostEvaluator(values).run(expr);
}

}  // namespace mlgenn::language
