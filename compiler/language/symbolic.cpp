// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/symbolic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "compiler/ir/stmt.h"
#include "compiler/language/checker.h"
#include "compiler/language/functions.h"

namespace mlgenn::language {
namespace {

ExprPtr make(const Expr& origin, Expr::Node node, ValueType type = ValueType::f32) {
    auto expr = std::make_unique<Expr>(Expr{std::move(node)});
    expr->offset = origin.offset;
    expr->type = type;
    return expr;
}

ExprPtr number(const Expr& origin, double value) {
    return make(origin, NumberLiteral{ValueType::f32, std::bit_cast<std::uint32_t>(static_cast<float>(value)), value});
}

ExprPtr binary(const Expr& origin, BinaryOperator op, ExprPtr left, ExprPtr right) {
    const ValueType type = common_type(left->type, right->type);
    return make(origin, BinaryExpr{op, std::move(left), std::move(right)}, type);
}

ExprPtr call(const Expr& origin, std::string_view name, ExprPtr first, ExprPtr second = nullptr) {
    CallExpr node{name, {}, {}};
    node.arguments.push_back(std::move(first));
    if (second) {
        node.arguments.push_back(std::move(second));
    }
    return make(origin, std::move(node));
}

/// Calls visit for every child.
template <class Visit>
void for_each_child(const Expr& expr, const Visit& visit) {
    std::visit(ir::Overload{
                   [](const NumberLiteral&) {},
                   [](const NameExpr&) {},
                   [&](const UnaryExpr& n) { visit(*n.operand); },
                   [&](const CastExpr& n) { visit(*n.operand); },
                   [&](const BinaryExpr& n) {
                       visit(*n.left);
                       visit(*n.right);
                   },
                   [&](const AssignExpr& n) {
                       visit(*n.target);
                       visit(*n.value);
                   },
                   [&](const ConditionalExpr& n) {
                       visit(*n.condition);
                       visit(*n.if_true);
                       visit(*n.if_false);
                   },
                   [&](const CallExpr& n) {
                       for (const ExprPtr& argument : n.arguments) {
                           visit(*argument);
                       }
                   },
               },
               expr.node);
}

/// Rebuilds an expression with every child passed through `change`.
template <class Change>
ExprPtr rebuilt(const Expr& expr, const Change& change) {
    Expr::Node node =
        std::visit(ir::Overload{
                       [](const NumberLiteral& n) -> Expr::Node { return n; },
                       [](const NameExpr& n) -> Expr::Node { return n; },
                       [&](const UnaryExpr& n) -> Expr::Node {
                           return UnaryExpr{n.op, change(*n.operand)};
                       },
                       [&](const CastExpr& n) -> Expr::Node {
                           return CastExpr{n.type, change(*n.operand)};
                       },
                       [&](const BinaryExpr& n) -> Expr::Node {
                           return BinaryExpr{n.op, change(*n.left), change(*n.right)};
                       },
                       [&](const AssignExpr& n) -> Expr::Node {
                           return AssignExpr{n.op, n.postfix, change(*n.target), change(*n.value)};
                       },
                       [&](const ConditionalExpr& n) -> Expr::Node {
                           return ConditionalExpr{change(*n.condition), change(*n.if_true), change(*n.if_false)};
                       },
                       [&](const CallExpr& n) -> Expr::Node {
                           CallExpr copy{n.name, {}, n.function};
                           for (const ExprPtr& argument : n.arguments) {
                               copy.arguments.push_back(change(*argument));
                           }
                           return copy;
                       },
                   },
                   expr.node);
    ExprPtr result = make(expr, std::move(node), expr.type);
    result->depth = expr.depth;
    return result;
}

/// f(x) written as outer(1 / x), or as 1 / outer(x).
struct Reciprocal {
    std::string_view name;
    std::string_view function;
    bool of_argument;
};
constexpr std::array reciprocals = {
    Reciprocal{"sec", "cos", false},    Reciprocal{"csc", "sin", false},    Reciprocal{"cot", "tan", false},
    Reciprocal{"sech", "cosh", false},  Reciprocal{"csch", "sinh", false},  Reciprocal{"coth", "tanh", false},
    Reciprocal{"asec", "acos", true},   Reciprocal{"acsc", "asin", true},   Reciprocal{"acot", "atan", true},
    Reciprocal{"asech", "acosh", true}, Reciprocal{"acsch", "asinh", true}, Reciprocal{"acoth", "atanh", true},
};

ExprPtr reciprocal(const Expr& origin, ExprPtr of) {
    return binary(origin, BinaryOperator::divide, number(origin, 1.0), std::move(of));
}

/// A call of a symbolic function with converted arguments; other calls as they are.
ExprPtr known_call(const Expr& origin, CallExpr node) {
    const std::size_t count = node.arguments.size();
    const auto row =
        std::find_if(reciprocals.begin(), reciprocals.end(), [&](const Reciprocal& r) { return r.name == node.name; });
    if (row != reciprocals.end() && count == 1) {
        return row->of_argument ? call(origin, row->function, reciprocal(origin, std::move(node.arguments[0])))
                                : reciprocal(origin, call(origin, row->function, std::move(node.arguments[0])));
    }
    if (node.name == "ln" && count == 1) {
        return call(origin, "log", std::move(node.arguments[0]));
    }
    if (node.name == "root" && count == 2) {
        ExprPtr power = reciprocal(origin, std::move(node.arguments[1]));
        return call(origin, "pow", std::move(node.arguments[0]), std::move(power));
    }
    return make(origin, std::move(node));
}

/// Names and operators whose value is no float.
bool is_whole(const Expr& expr) {
    if (const auto* name = std::get_if<NameExpr>(&expr.node)) {
        return name->name == "id" || name->name == "num_neurons";
    }
    const auto* operation = std::get_if<BinaryExpr>(&expr.node);
    const auto* unary = std::get_if<UnaryExpr>(&expr.node);
    return (operation != nullptr && operation->op >= BinaryOperator::less) ||
           (unary != nullptr && unary->op == UnaryOperator::logical_not);
}

bool is_zero(const ExprPtr& expr) {
    return expr == nullptr;
}

ExprPtr sum(const Expr& origin, BinaryOperator op, ExprPtr left, ExprPtr right) {
    if (is_zero(right)) {
        return left;
    }
    if (is_zero(left)) {
        return op == BinaryOperator::add ? std::move(right)
                                         : make(origin, UnaryExpr{UnaryOperator::minus, std::move(right)});
    }
    return binary(origin, op, std::move(left), std::move(right));
}

ExprPtr product(const Expr& origin, ExprPtr left, ExprPtr right) {
    if (is_zero(left) || is_zero(right)) {
        return nullptr;
    }
    if (is_one(left)) {
        return right;
    }
    return is_one(right) ? std::move(left)
                         : binary(origin, BinaryOperator::multiply, std::move(left), std::move(right));
}

ExprPtr chosen(const Expr& origin, const Expr& condition, ExprPtr if_true, ExprPtr if_false) {
    if (is_zero(if_true) && is_zero(if_false)) {
        return nullptr;
    }
    if_true = if_true ? std::move(if_true) : number(origin, 0.0);
    if_false = if_false ? std::move(if_false) : number(origin, 0.0);
    return make(origin, ConditionalExpr{copy_of(condition), std::move(if_true), std::move(if_false)});
}

class Linear {
public:
    explicit Linear(std::string_view x) : x_(x) {}

    [[nodiscard]] LinearForm of(const Expr& expr) const {
        if (!mentions(expr, x_)) {
            return {nullptr, copy_of(expr)};
        }
        return std::visit([&](const auto& node) { return of_node(expr, node); }, expr.node);
    }

private:
    [[nodiscard]] LinearForm of_node(const Expr& expr, const NameExpr&) const { return {number(expr, 1.0), nullptr}; }

    [[nodiscard]] LinearForm of_node(const Expr& expr, const UnaryExpr& node) const {
        if (node.op == UnaryOperator::plus) {
            return of(*node.operand);
        }
        if (node.op != UnaryOperator::minus) {
            return whole(expr);
        }
        LinearForm inner = of(*node.operand);
        return {sum(expr, BinaryOperator::subtract, nullptr, std::move(inner.slope)),
                sum(expr, BinaryOperator::subtract, nullptr, std::move(inner.rest))};
    }

    [[nodiscard]] LinearForm of_node(const Expr& expr, const BinaryExpr& node) const {
        const bool in_left = mentions(*node.left, x_);
        const bool in_right = mentions(*node.right, x_);
        if (node.op == BinaryOperator::add || node.op == BinaryOperator::subtract) {
            LinearForm left = of(*node.left);
            LinearForm right = of(*node.right);
            return {sum(expr, node.op, std::move(left.slope), std::move(right.slope)),
                    sum(expr, node.op, std::move(left.rest), std::move(right.rest))};
        }
        if (node.op == BinaryOperator::multiply && !(in_left && in_right)) {
            LinearForm inner = of(in_left ? *node.left : *node.right);
            const Expr& factor = in_left ? *node.right : *node.left;
            return {product(expr, std::move(inner.slope), copy_of(factor)),
                    product(expr, std::move(inner.rest), copy_of(factor))};
        }
        if (node.op == BinaryOperator::divide && !in_right) {
            LinearForm inner = of(*node.left);
            return {quotient(expr, std::move(inner.slope), *node.right),
                    quotient(expr, std::move(inner.rest), *node.right)};
        }
        return whole(expr);
    }

    [[nodiscard]] LinearForm of_node(const Expr& expr, const ConditionalExpr& node) const {
        if (mentions(*node.condition, x_)) {
            return whole(expr);
        }
        LinearForm if_true = of(*node.if_true);
        LinearForm if_false = of(*node.if_false);
        return {chosen(expr, *node.condition, std::move(if_true.slope), std::move(if_false.slope)),
                chosen(expr, *node.condition, std::move(if_true.rest), std::move(if_false.rest))};
    }

    template <class Node>
    [[nodiscard]] LinearForm of_node(const Expr& expr, const Node&) const {
        return whole(expr);
    }

    [[nodiscard]] static LinearForm whole(const Expr& expr) { return {nullptr, copy_of(expr)}; }

    [[nodiscard]] static ExprPtr quotient(const Expr& origin, ExprPtr dividend, const Expr& divisor) {
        return dividend ? binary(origin, BinaryOperator::divide, std::move(dividend), copy_of(divisor)) : nullptr;
    }

    std::string_view x_;
};

}  // namespace

ExprPtr copy_of(const Expr& expr) {
    return rebuilt(expr, [](const Expr& child) { return copy_of(child); });
}

bool mentions(const Expr& expr, std::string_view name) {
    const auto* here = std::get_if<NameExpr>(&expr.node);
    bool found = here != nullptr && here->name == name;
    for_each_child(expr, [&](const Expr& child) { found = found || mentions(child, name); });
    return found;
}

ExprPtr as_real(const Expr& expr, const std::vector<std::string>& names) {
    if (const auto* literal = std::get_if<NumberLiteral>(&expr.node); literal != nullptr) {
        return number(expr, literal->value);
    }
    const auto* name = std::get_if<NameExpr>(&expr.node);
    if (name != nullptr && name->name == "pi" && std::find(names.begin(), names.end(), "pi") == names.end()) {
        return number(expr, 3.14159265358979323846);
    }
    ExprPtr result = rebuilt(expr, [&](const Expr& child) { return as_real(child, names); });
    if (auto* node = std::get_if<CallExpr>(&result->node)) {
        return known_call(expr, std::move(*node));
    }
    return is_whole(expr) ? make(expr, CastExpr{ValueType::f32, std::move(result)}) : std::move(result);
}

LinearForm linear_form(const Expr& expr, std::string_view x) {
    return Linear(x).of(expr);
}

bool is_one(const ExprPtr& expr) {
    const auto* literal = expr ? std::get_if<NumberLiteral>(&expr->node) : nullptr;
    return literal != nullptr && literal->value == 1.0;
}

bool is_constant(const Expr& expr) {
    if (const auto* name = std::get_if<NameExpr>(&expr.node)) {
        const SymbolKind kind = name->symbol->kind;
        return kind == SymbolKind::parameter || kind == SymbolKind::derived || name->name == "dt";
    }
    if (const auto* called = std::get_if<CallExpr>(&expr.node)) {
        if (find_host_function(called->name) == nullptr) {
            return false;
        }
    }
    const auto* unary = std::get_if<UnaryExpr>(&expr.node);
    const auto* operation = std::get_if<BinaryExpr>(&expr.node);
    const bool whole = (unary != nullptr && unary->op == UnaryOperator::bit_not) ||
                       (operation != nullptr && operation->op >= BinaryOperator::remainder &&
                        operation->op <= BinaryOperator::shift_right);
    bool constant = !whole && !std::holds_alternative<CastExpr>(expr.node);
    for_each_child(expr, [&](const Expr& child) { constant = constant && is_constant(child); });
    return constant;
}

void collect_constants(const Expr& expr, std::vector<std::string>& names) {
    const auto* name = std::get_if<NameExpr>(&expr.node);
    if (name != nullptr && name->name != "dt" && std::find(names.begin(), names.end(), name->name) == names.end()) {
        names.emplace_back(name->name);
    }
    for_each_child(expr, [&](const Expr& child) { collect_constants(child, names); });
}

}  // namespace mlgenn::language
