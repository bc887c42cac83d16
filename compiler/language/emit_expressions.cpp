// SPDX-License-Identifier: Apache-2.0
// Operators and functions as IR.
#include <bit>
#include <utility>

#include "compiler/language/checker.h"
#include "compiler/language/emitter.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {

using ir::E;
using ir::Type;

namespace {

const ir::Literal* literal(const E& value) {
    return std::get_if<ir::Literal>(&value.ptr()->node);
}

ir::BinaryOp ir_operator(BinaryOperator op) {
    switch (op) {
        case BinaryOperator::add:
            return ir::BinaryOp::add;
        case BinaryOperator::subtract:
            return ir::BinaryOp::subtract;
        case BinaryOperator::multiply:
            return ir::BinaryOp::multiply;
        case BinaryOperator::divide:
            return ir::BinaryOp::divide;
        case BinaryOperator::remainder:
            return ir::BinaryOp::remainder;
        case BinaryOperator::bit_and:
        case BinaryOperator::logical_and:
            return ir::BinaryOp::bit_and;
        case BinaryOperator::bit_or:
        case BinaryOperator::logical_or:
            return ir::BinaryOp::bit_or;
        case BinaryOperator::bit_xor:
            return ir::BinaryOp::bit_xor;
        case BinaryOperator::shift_left:
            return ir::BinaryOp::shift_left;
        case BinaryOperator::shift_right:
            return ir::BinaryOp::shift_right;
        case BinaryOperator::less:
            return ir::BinaryOp::less;
        case BinaryOperator::less_equal:
            return ir::BinaryOp::less_equal;
        case BinaryOperator::greater:
            return ir::BinaryOp::greater;
        case BinaryOperator::greater_equal:
            return ir::BinaryOp::greater_equal;
        case BinaryOperator::equal:
            return ir::BinaryOp::equal;
        case BinaryOperator::not_equal:
            return ir::BinaryOp::not_equal;
    }
    throw InternalError("unknown operator");
}

}  // namespace

void Emitter::assign(const AssignExpr& node) {
    const auto* chained = std::get_if<AssignExpr>(&node.value->node);
    if (chained != nullptr) {
        assign(*chained);
    }
    const Expr& source = chained != nullptr ? *chained->target : *node.value;
    const Symbol& target = *std::get<NameExpr>(node.target->node).symbol;
    const E place = named(target);
    E result = value(source);
    if (node.op) {
        const bool shifts = *node.op == BinaryOperator::shift_left || *node.op == BinaryOperator::shift_right;
        if (shifts) {
            const E left = place.type() == Type::boolean ? converted(place, Type::i32) : place;
            result = shift(ir_operator(*node.op), left, result);
        } else {
            const ValueType common = common_type(target.type, source.type);
            const Type type = common == ValueType::f32 ? Type::f32 : common == ValueType::u32 ? Type::u32 : Type::i32;
            const E left = converted(place, type);
            result = binary(*node.op, left, converted(result, type));
        }
    }
    code_.assign(std::get<ir::LocalRef>(place.ptr()->node).name, converted(result, place.type()));
}

E Emitter::named(const Symbol& symbol) {
    const auto found = locals_.find(&symbol);
    return found != locals_.end() ? found->second : resolve_(symbol);
}

E Emitter::value(const Expr& expr) {
    return std::visit([&](const auto& node) { return value_node(expr, node); }, expr.node);
}

E Emitter::value_node(const Expr&, const NumberLiteral& node) {
    switch (node.type) {
        case ValueType::boolean:
            return E(node.bits != 0);
        case ValueType::u32:
            return E(node.bits);
        case ValueType::i32:
            return E(static_cast<std::int32_t>(node.bits));
        default:
            return E(std::bit_cast<float>(node.bits));
    }
}

E Emitter::value_node(const Expr&, const NameExpr& node) {
    return named(*node.symbol);
}

E Emitter::value_node(const Expr& expr, const UnaryExpr& node) {
    if (node.op == UnaryOperator::logical_not) {
        return !condition(*node.operand);
    }
    const E operand = value_as(*node.operand, expr.type);
    switch (node.op) {
        case UnaryOperator::minus:
            return -operand;
        case UnaryOperator::bit_not: {
            const E ones = operand.type() == Type::u32 ? E(0xFFFFFFFFU) : E(-1);
            return ir::binary(ir::BinaryOp::bit_xor, operand, ones);
        }
        default:
            return operand;
    }
}

E Emitter::value_node(const Expr& expr, const BinaryExpr& node) {
    if (node.op == BinaryOperator::logical_and || node.op == BinaryOperator::logical_or) {
        const E left = condition(*node.left);
        return binary(node.op, left, condition(*node.right));
    }
    if (node.op == BinaryOperator::shift_left || node.op == BinaryOperator::shift_right) {
        const E left = value_as(*node.left, expr.type);
        return shift(ir_operator(node.op), left, value(*node.right));
    }
    const ValueType type = common_type(node.left->type, node.right->type);
    const E left = value_as(*node.left, type);
    return binary(node.op, left, value_as(*node.right, type));
}

E Emitter::value_node(const Expr& expr, const ConditionalExpr& node) {
    const E chosen = condition(*node.condition);
    const E if_true = value_as(*node.if_true, expr.type);
    return ir::select(chosen, if_true, value_as(*node.if_false, expr.type));
}

E Emitter::value_node(const Expr& expr, const CastExpr& node) {
    return value_as(*node.operand, expr.type);
}

E Emitter::value_node(const Expr&, const AssignExpr&) {
    throw InternalError("an assignment inside an expression reached lowering");
}

E Emitter::binary(BinaryOperator op, const E& left, const E& right) {
    const bool divides = op == BinaryOperator::divide || op == BinaryOperator::remainder;
    if (divides && left.type() != Type::f32) {
        return divide_integers(ir_operator(op), left, right);
    }
    return ir::binary(ir_operator(op), left, right);
}

E Emitter::shift(ir::BinaryOp op, const E& left, const E& right) {
    const E count = converted(converted(right, right.type() == Type::boolean ? Type::i32 : right.type()), left.type());
    const E mask = left.type() == Type::u32 ? E(31U) : E(31);
    return ir::binary(op, left, literal(count) != nullptr ? count : ir::binary(ir::BinaryOp::bit_and, count, mask));
}

E Emitter::divide_integers(ir::BinaryOp op, const E& left, const E& right) {
    const bool is_signed = left.type() == Type::i32;
    const E zero = is_signed ? E(0) : E(0U);
    const E one = is_signed ? E(1) : E(1U);
    if (const ir::Literal* by = literal(right); by != nullptr && by->bits != 0 && by->bits != 0xFFFFFFFFU) {
        return ir::binary(op, left, right);
    }
    const E dividend = bind(left);
    const E divisor = bind(right);
    const bool quotient = op == ir::BinaryOp::divide;
    if (!is_signed) {
        const E by_zero = bind(divisor == zero);
        return ir::select(by_zero, zero, ir::binary(op, dividend, ir::select(by_zero, one, divisor)));
    }
    // The smallest int divided by -1 does not fit; it wraps, as subtraction does.
    const E by_zero = bind(divisor == zero);
    const E by_minus_one = bind(divisor == E(-1));
    const E inside = ir::binary(op, dividend, ir::select(by_zero || by_minus_one, one, divisor));
    const E negated = quotient ? zero - dividend : zero;
    return ir::select(by_zero, zero, ir::select(by_minus_one, negated, inside));
}

E Emitter::smaller(bool smallest, const E& a, const E& b) {
    if (a.type() != Type::f32) {
        return smallest ? ir::min(a, b) : ir::max(a, b);
    }
    // A NaN gives way to a number on either side.
    const E first = bind(a);
    const E second = bind(b);
    return ir::select(second == second, smallest ? ir::min(first, second) : ir::max(first, second), first);
}

}  // namespace mlgenn::language
