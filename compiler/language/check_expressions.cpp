// SPDX-License-Identifier: Apache-2.0
// Types of expressions: the conversions of C on bool, int, unsigned int and float.
#include <array>
#include <string>
#include <utility>

#include "compiler/description/suggestions.h"
#include "compiler/language/checker.h"
#include "compiler/language/functions.h"

namespace mlgenn::language {
namespace {

bool needs_integers(BinaryOperator op) {
    switch (op) {
        case BinaryOperator::remainder:
        case BinaryOperator::bit_and:
        case BinaryOperator::bit_or:
        case BinaryOperator::bit_xor:
        case BinaryOperator::shift_left:
        case BinaryOperator::shift_right:
            return true;
        default:
            return false;
    }
}

std::string quoted(std::string_view name) {
    return "'" + std::string(name.substr(0, 40)) + "'";
}

}  // namespace

ValueType promoted(ValueType type) {
    return type == ValueType::boolean ? ValueType::i32 : type;
}

ValueType common_type(ValueType a, ValueType b) {
    if (a == ValueType::unknown || b == ValueType::unknown) {
        return ValueType::unknown;
    }
    if (a == ValueType::f32 || b == ValueType::f32) {
        return ValueType::f32;
    }
    return a == ValueType::u32 || b == ValueType::u32 ? ValueType::u32 : ValueType::i32;
}

std::string_view text_of(BinaryOperator op) {
    constexpr std::array<std::string_view, 18> texts = {"+",  "-", "*",  "/", "%",  "&",  "|",  "^",  "<<",
                                                        ">>", "<", "<=", ">", ">=", "==", "!=", "&&", "||"};
    return texts[static_cast<std::size_t>(op)];
}

ValueType Checker::value(Expr& expr) {
    expr.type = std::visit([&](auto& node) { return value_node(expr, node); }, expr.node);
    return expr.type;
}

ValueType Checker::value_node(Expr&, NumberLiteral& node) {
    return node.type;
}

ValueType Checker::value_node(Expr& expr, NameExpr& node) {
    node.symbol = find(node.name);
    if (node.symbol != nullptr) {
        if (node.symbol->kind != SymbolKind::local && node.symbol->kind != SymbolKind::loop_index) {
            used_.emplace(node.name);
        }
        return node.symbol->type;
    }
    if (find_function(node.name) != nullptr) {
        report(expr.offset, quoted(node.name) + " is a function", "call it, as in " + std::string(node.name) + "(...)");
    } else {
        report(expr.offset, "there is no " + quoted(node.name),
               description::suggestion(node.name, known_names(), "the names are"));
    }
    return ValueType::unknown;
}

ValueType Checker::value_node(Expr& expr, UnaryExpr& node) {
    const ValueType type = promoted(value(*node.operand));
    if (node.op == UnaryOperator::logical_not) {
        return type == ValueType::unknown ? type : ValueType::boolean;
    }
    if (node.op == UnaryOperator::bit_not && type == ValueType::f32) {
        report(expr.offset, "'~' needs a whole number, found float", "convert it with (int)");
        return ValueType::unknown;
    }
    return type;
}

ValueType Checker::value_node(Expr& expr, BinaryExpr& node) {
    const ValueType left = value(*node.left);
    const ValueType right = value(*node.right);
    check_right_operand(node.op, *node.right, common_type(left, right));
    return binary_type(expr.offset, node.op, left, right);
}

ValueType Checker::binary_type(std::uint32_t offset, BinaryOperator op, ValueType left, ValueType right) {
    const ValueType common = common_type(left, right);
    if (common == ValueType::unknown) {
        return common;
    }
    if (needs_integers(op) && common == ValueType::f32) {
        report(
            offset,
            "'" + std::string(text_of(op)) + "' needs whole numbers, found " + name_of(left) + " and " + name_of(right),
            "convert with (int)");
        return ValueType::unknown;
    }
    if (op >= BinaryOperator::less) {
        return ValueType::boolean;
    }
    const bool shifts = op == BinaryOperator::shift_left || op == BinaryOperator::shift_right;
    return shifts ? promoted(left) : common;
}

void Checker::check_right_operand(BinaryOperator op, const Expr& right, ValueType type) {
    const auto* literal = std::get_if<NumberLiteral>(&right.node);
    if (literal == nullptr || literal->type == ValueType::f32) {
        return;
    }
    if ((op == BinaryOperator::shift_left || op == BinaryOperator::shift_right) && literal->bits > 31) {
        report(right.offset, "a shift by " + std::to_string(literal->bits) + " bits, of 32", "shift by 0 to 31 bits");
    }
    const bool divides = op == BinaryOperator::remainder || op == BinaryOperator::divide;
    if (divides && literal->bits == 0 && type != ValueType::f32 && type != ValueType::unknown) {
        report(right.offset, "a division of whole numbers by 0", "divide by another number");
    }
}

ValueType Checker::value_node(Expr&, ConditionalExpr& node) {
    value(*node.condition);
    const ValueType a = value(*node.if_true);
    const ValueType b = value(*node.if_false);
    return a == ValueType::boolean && b == ValueType::boolean ? a : common_type(a, b);
}

ValueType Checker::value_node(Expr&, CastExpr& node) {
    return value(*node.operand) == ValueType::unknown ? ValueType::unknown : node.type;
}

ValueType Checker::element(Expr& expr, CallExpr& node) {
    used_.emplace(node.name);
    node.function = Function::read_element;
    if (node.arguments.size() != 1) {
        report(expr.offset,
               quoted(node.name) + " takes the number of a neuron, found " + std::to_string(node.arguments.size()) +
                   " arguments",
               "write " + std::string(node.name) + "(j)");
        return ValueType::unknown;
    }
    const ValueType index = value(*node.arguments.front());
    if (index == ValueType::f32 || index == ValueType::boolean) {
        report(node.arguments.front()->offset,
               quoted(node.name) + " takes the number of a neuron, found " + name_of(index), "convert it with (int)");
    }
    return index == ValueType::unknown ? index : ValueType::f32;
}

ValueType Checker::value_node(Expr& expr, CallExpr& node) {
    if (arrays_.find(node.name) != arrays_.end()) {
        return element(expr, node);
    }
    ValueType common = ValueType::boolean;
    for (const ExprPtr& argument : node.arguments) {
        const ValueType type = value(*argument);
        common = common == ValueType::boolean ? promoted(type) : common_type(common, type);
    }
    if (node.name == "injectCurrent") {
        report(expr.offset,
               injection_allowed_ ? "injectCurrent has no value" : "injectCurrent exists in synapse code only",
               injection_allowed_ ? "write it as a statement of its own" : "change a variable of the model");
        return ValueType::unknown;
    }
    const FunctionRow* row = find_function(node.name);
    if (row == nullptr) {
        const std::string_view advice = advice_on_missing(node.name);
        report(expr.offset, "not supported: function " + quoted(node.name),
               advice.empty() ? existing_functions() : std::string(advice));
        return ValueType::unknown;
    }
    if (node.arguments.size() != row->num_arguments) {
        report(expr.offset,
               quoted(node.name) + " takes " + std::to_string(row->num_arguments) +
                   (row->num_arguments == 1 ? " argument" : " arguments") + ", found " +
                   std::to_string(node.arguments.size()),
               "correct the call");
        return ValueType::unknown;
    }
    node.function = row->function;
    draws_ = draws_ || is_random(row->function);
    return common == ValueType::unknown || is_generic(row->function) ? common : row->result;
}

ValueType Checker::value_node(Expr& expr, AssignExpr& node) {
    value(*node.target);
    value(*node.value);
    const bool steps = std::holds_alternative<NumberLiteral>(node.value->node) && node.value->offset == expr.offset;
    report(expr.offset,
           steps ? "not supported: '++' and '--' inside an expression"
                 : "not supported: an assignment inside an "
                   "expression",
           steps ? "write it as a statement of its own" : "write it as a statement of its own; '==' compares");
    return ValueType::unknown;
}

}  // namespace mlgenn::language
