// SPDX-License-Identifier: Apache-2.0
#include "compiler/ir/expr.h"

#include <bit>

#include "mlgenn/errors.h"

namespace mlgenn::ir {
namespace {

E node(Type type, Expr::Node value) {
    return E(std::make_shared<const Expr>(Expr{type, std::move(value)}));
}

void require_same_type(const E& a, const E& b) {
    if (a.type() != b.type()) {
        throw InternalError("IR operator applied to operands of different types");
    }
}

bool is_comparison(BinaryOp op) {
    return op >= BinaryOp::less;
}

}  // namespace

E::E(float value) : E(node(Type::f32, Literal{std::bit_cast<std::uint32_t>(value)})) {}
E::E(double value) : E(static_cast<float>(value)) {}
E::E(std::uint32_t value) : E(node(Type::u32, Literal{value})) {}
E::E(int value) : E(node(Type::i32, Literal{static_cast<std::uint32_t>(value)})) {}
E::E(bool value) : E(node(Type::boolean, Literal{value ? 1U : 0U})) {}

E literal_u32(std::uint32_t value) {
    return E(value);
}
E local(std::string name, Type type) {
    return node(type, LocalRef{std::move(name)});
}
E index(std::string name) {
    return node(Type::u32, IndexRef{std::move(name)});
}
E load(BufferId buffer, Type type, E at) {
    return node(type, Load{buffer, at.ptr()});
}

E select(E condition, E if_true, E if_false) {
    require_same_type(if_true, if_false);
    return node(if_true.type(), Select{condition.ptr(), if_true.ptr(), if_false.ptr()});
}

E fma(E left, E right, E addend) {
    return node(Type::f32, Fma{left.ptr(), right.ptr(), addend.ptr()});
}

E convert(E operand, Type to) {
    return operand.type() == to ? operand : node(to, Convert{operand.ptr()});
}

E bitcast(E operand, Type to) {
    if (operand.type() == Type::boolean || to == Type::boolean) {
        throw InternalError("bitcast from or to bool");
    }
    return operand.type() == to ? operand : node(to, Bitcast{operand.ptr()});
}

E multiply_high(E left, E right) {
    if (left.type() != Type::u32) {
        throw InternalError("multiply_high of operands that are not u32");
    }
    return binary(BinaryOp::multiply_high, std::move(left), std::move(right));
}

E unary(UnaryOp op, E operand) {
    return node(operand.type(), Unary{op, operand.ptr()});
}

E binary(BinaryOp op, E left, E right) {
    require_same_type(left, right);
    const auto literal_of = [](const E& e) { return std::get_if<Literal>(&e.ptr()->node); };
    // Integer identities keep printed index expressions short; f32 is never touched (signed zeros, NaN).
    if (left.type() == Type::u32) {
        const Literal* a = literal_of(left);
        const Literal* b = literal_of(right);
        if (op == BinaryOp::add && a != nullptr && a->bits == 0) {
            return right;
        }
        if ((op == BinaryOp::add || op == BinaryOp::subtract) && b != nullptr && b->bits == 0) {
            return left;
        }
        if ((op == BinaryOp::multiply || op == BinaryOp::divide) && b != nullptr && b->bits == 1) {
            return left;
        }
        if (op == BinaryOp::remainder && b != nullptr && b->bits == 1) {
            return E(0U);
        }
        if (op == BinaryOp::multiply && ((a != nullptr && a->bits == 0) || (b != nullptr && b->bits == 0))) {
            return E(0U);
        }
    }
    return node(is_comparison(op) ? Type::boolean : left.type(), Binary{op, left.ptr(), right.ptr()});
}

E min(E a, E b) {
    return binary(BinaryOp::minimum, std::move(a), std::move(b));
}
E max(E a, E b) {
    return binary(BinaryOp::maximum, std::move(a), std::move(b));
}

E operator+(E a, E b) {
    return binary(BinaryOp::add, std::move(a), std::move(b));
}
E operator-(E a, E b) {
    return binary(BinaryOp::subtract, std::move(a), std::move(b));
}
E operator*(E a, E b) {
    return binary(BinaryOp::multiply, std::move(a), std::move(b));
}
E operator/(E a, E b) {
    return binary(BinaryOp::divide, std::move(a), std::move(b));
}
E operator%(E a, E b) {
    return binary(BinaryOp::remainder, std::move(a), std::move(b));
}
E operator<(E a, E b) {
    return binary(BinaryOp::less, std::move(a), std::move(b));
}
E operator<=(E a, E b) {
    return binary(BinaryOp::less_equal, std::move(a), std::move(b));
}
E operator>(E a, E b) {
    return binary(BinaryOp::greater, std::move(a), std::move(b));
}
E operator>=(E a, E b) {
    return binary(BinaryOp::greater_equal, std::move(a), std::move(b));
}
E operator==(E a, E b) {
    return binary(BinaryOp::equal, std::move(a), std::move(b));
}
E operator!=(E a, E b) {
    return binary(BinaryOp::not_equal, std::move(a), std::move(b));
}
E operator&&(E a, E b) {
    return binary(BinaryOp::bit_and, std::move(a), std::move(b));
}
E operator||(E a, E b) {
    return binary(BinaryOp::bit_or, std::move(a), std::move(b));
}
E operator!(E a) {
    return unary(UnaryOp::logical_not, std::move(a));
}
E operator-(E a) {
    return unary(UnaryOp::negate, std::move(a));
}

bool is_literal(const ExprPtr& expr, std::uint32_t bits) {
    const auto* literal = std::get_if<Literal>(&expr->node);
    return literal != nullptr && literal->bits == bits;
}

bool structurally_equal(const ExprPtr& a, const ExprPtr& b) {
    if (a == b) {
        return true;
    }
    if (a->type != b->type || a->node.index() != b->node.index()) {
        return false;
    }
    return std::visit(
        Overload{
            [&](const Literal& n) { return n.bits == std::get<Literal>(b->node).bits; },
            [&](const LocalRef& n) { return n.name == std::get<LocalRef>(b->node).name; },
            [&](const IndexRef& n) { return n.name == std::get<IndexRef>(b->node).name; },
            [&](const Load& n) {
                const auto& m = std::get<Load>(b->node);
                return n.buffer == m.buffer && structurally_equal(n.index, m.index);
            },
            [&](const Unary& n) {
                const auto& m = std::get<Unary>(b->node);
                return n.op == m.op && structurally_equal(n.operand, m.operand);
            },
            [&](const Binary& n) {
                const auto& m = std::get<Binary>(b->node);
                return n.op == m.op && structurally_equal(n.left, m.left) && structurally_equal(n.right, m.right);
            },
            [&](const Fma& n) {
                const auto& m = std::get<Fma>(b->node);
                return structurally_equal(n.left, m.left) && structurally_equal(n.right, m.right) &&
                       structurally_equal(n.addend, m.addend);
            },
            [&](const Select& n) {
                const auto& m = std::get<Select>(b->node);
                return structurally_equal(n.condition, m.condition) && structurally_equal(n.if_true, m.if_true) &&
                       structurally_equal(n.if_false, m.if_false);
            },
            [&](const Convert& n) { return structurally_equal(n.operand, std::get<Convert>(b->node).operand); },
            [&](const Bitcast& n) { return structurally_equal(n.operand, std::get<Bitcast>(b->node).operand); },
        },
        a->node);
}

}  // namespace mlgenn::ir
