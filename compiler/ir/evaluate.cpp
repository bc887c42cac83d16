// SPDX-License-Identifier: Apache-2.0
#include "compiler/ir/evaluate.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "mlgenn/errors.h"

namespace mlgenn::ir {
namespace {

using Mask = std::array<bool, num_host_lanes>;

float flushed(float value) {
    return std::fabs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0F, value) : value;
}
float operand(std::uint32_t bits) {
    return flushed(std::bit_cast<float>(bits));
}
std::uint32_t result(float value) {
    return std::bit_cast<std::uint32_t>(flushed(value));
}

std::uint32_t float_binary(BinaryOp op, std::uint32_t left, std::uint32_t right) {
    const float a = operand(left);
    const float b = operand(right);
    switch (op) {
        case BinaryOp::add:
            return result(a + b);
        case BinaryOp::subtract:
            return result(a - b);
        case BinaryOp::multiply:
            return result(a * b);
        case BinaryOp::divide:
            return result(a / b);
        case BinaryOp::minimum:
            return a < b ? left : right;
        case BinaryOp::maximum:
            return a > b ? left : right;
        case BinaryOp::less:
            return a < b ? 1 : 0;
        case BinaryOp::less_equal:
            return a <= b ? 1 : 0;
        case BinaryOp::greater:
            return a > b ? 1 : 0;
        case BinaryOp::greater_equal:
            return a >= b ? 1 : 0;
        case BinaryOp::equal:
            return a == b ? 1 : 0;
        case BinaryOp::not_equal:
            return a != b ? 1 : 0;
        default:
            throw InternalError("an operation that does not exist for f32 reached the host");
    }
}

/// Operations whose result does not depend on the sign, and u32.
std::uint32_t unsigned_binary(BinaryOp op, std::uint32_t a, std::uint32_t b) {
    switch (op) {
        case BinaryOp::add:
            return a + b;
        case BinaryOp::subtract:
            return a - b;
        case BinaryOp::multiply:
            return a * b;
        case BinaryOp::divide:
            return b == 0 ? 0 : a / b;
        case BinaryOp::remainder:
            return b == 0 ? 0 : a % b;
        case BinaryOp::minimum:
            return std::min(a, b);
        case BinaryOp::maximum:
            return std::max(a, b);
        case BinaryOp::bit_and:
            return a & b;
        case BinaryOp::bit_or:
            return a | b;
        case BinaryOp::bit_xor:
            return a ^ b;
        case BinaryOp::shift_left:
            return a << (b & 31U);
        case BinaryOp::shift_right:
            return a >> (b & 31U);
        case BinaryOp::multiply_high:
            return static_cast<std::uint32_t>((std::uint64_t{a} * b) >> 32);
        case BinaryOp::less:
            return a < b ? 1 : 0;
        case BinaryOp::less_equal:
            return a <= b ? 1 : 0;
        case BinaryOp::greater:
            return a > b ? 1 : 0;
        case BinaryOp::greater_equal:
            return a >= b ? 1 : 0;
        case BinaryOp::equal:
            return a == b ? 1 : 0;
        case BinaryOp::not_equal:
            return a != b ? 1 : 0;
    }
    throw InternalError("unknown binary operation");
}

std::uint32_t signed_binary(BinaryOp op, std::uint32_t left, std::uint32_t right) {
    const auto a = static_cast<std::int32_t>(left);
    const auto b = static_cast<std::int32_t>(right);
    const bool overflows = a == std::numeric_limits<std::int32_t>::min() && b == -1;
    switch (op) {
        case BinaryOp::divide:
            return b == 0 ? 0 : overflows ? left : static_cast<std::uint32_t>(a / b);
        case BinaryOp::remainder:
            return b == 0 || overflows ? 0 : static_cast<std::uint32_t>(a % b);
        case BinaryOp::minimum:
            return a < b ? left : right;
        case BinaryOp::maximum:
            return a > b ? left : right;
        case BinaryOp::shift_right:
            return static_cast<std::uint32_t>(a >> (right & 31U));
        case BinaryOp::less:
            return a < b ? 1 : 0;
        case BinaryOp::less_equal:
            return a <= b ? 1 : 0;
        case BinaryOp::greater:
            return a > b ? 1 : 0;
        case BinaryOp::greater_equal:
            return a >= b ? 1 : 0;
        default:
            return unsigned_binary(op, left, right);
    }
}

std::uint32_t float_unary(UnaryOp op, std::uint32_t bits) {
    constexpr std::uint32_t sign = 0x80000000U;
    switch (op) {
        case UnaryOp::negate:
            return bits ^ sign;
        case UnaryOp::abs:
            return bits & ~sign;
        case UnaryOp::sqrt:
            return result(std::sqrt(operand(bits)));
        case UnaryOp::floor:
            return result(std::floor(operand(bits)));
        case UnaryOp::ceil:
            return result(std::ceil(operand(bits)));
        case UnaryOp::rint:
            return result(std::nearbyint(operand(bits)));
        case UnaryOp::logical_not:
            break;
    }
    throw InternalError("an operation that does not exist for f32 reached the host");
}

std::uint32_t integer_unary(UnaryOp op, Type type, std::uint32_t bits) {
    switch (op) {
        case UnaryOp::negate:
            return 0U - bits;
        case UnaryOp::logical_not:
            return type == Type::boolean ? bits ^ 1U : ~bits;
        case UnaryOp::abs:
            return type == Type::i32 && static_cast<std::int32_t>(bits) < 0 ? 0U - bits : bits;
        default:
            throw InternalError("an operation that does not exist for whole numbers reached the host");
    }
}

/// Values outside the range never count: code selects others.
std::uint32_t converted(Type from, Type to, std::uint32_t bits) {
    if (to == Type::f32) {
        return result(from == Type::i32 ? static_cast<float>(static_cast<std::int32_t>(bits))
                                        : static_cast<float>(bits));
    }
    if (from != Type::f32) {
        return bits;
    }
    const float value = operand(bits);
    if (to == Type::i32) {
        const bool fits = value >= -0x1p31F && value < 0x1p31F;
        return fits ? static_cast<std::uint32_t>(static_cast<std::int32_t>(value)) : 0;
    }
    return value > -1.0F && value < 0x1p32F ? static_cast<std::uint32_t>(value) : 0;
}

class HostRun {
public:
    explicit HostRun(HostLocals& locals) : locals_(locals) { mask_.fill(true); }

    void block(const Block& statements) {
        for (const StmtPtr& statement : statements) {
            std::visit([&](const auto& node) { run(node); }, statement->node);
        }
    }

private:
    void run(const Let& s) { locals_[s.name] = value(*s.value); }

    void run(const Assign& s) {
        const HostLanes assigned = value(*s.value);
        HostLanes& lanes = locals_.find(s.name)->second;
        for (std::size_t k = 0; k < num_host_lanes; ++k) {
            lanes[k] = mask_[k] ? assigned[k] : lanes[k];
        }
    }

    void run(const If& s) {
        const HostLanes condition = value(*s.condition);
        const Mask outer = mask_;
        for (const bool wanted : {true, false}) {
            bool any = false;
            for (std::size_t k = 0; k < num_host_lanes; ++k) {
                mask_[k] = outer[k] && (condition[k] != 0) == wanted;
                any = any || mask_[k];
            }
            if (any) {
                block(wanted ? s.then_body : s.else_body);
            }
        }
        mask_ = outer;
    }

    /// Bounds are the same in all lanes.
    void run(const For& s) {
        const std::uint32_t end = value(*s.end)[0];
        for (std::uint32_t index = value(*s.begin)[0]; index < end; ++index) {
            indices_[s.index] = index;
            block(s.body);
        }
    }

    template <class Node>
    void run(const Node&) {
        throw InternalError("a statement about a network reached the host");
    }

    HostLanes value(const Expr& expr) {
        return std::visit([&](const auto& node) { return value_node(expr, node); }, expr.node);
    }

    static HostLanes value_node(const Expr&, const Literal& node) {
        HostLanes lanes;
        lanes.fill(node.bits);
        return lanes;
    }
    HostLanes value_node(const Expr&, const LocalRef& node) { return locals_.find(node.name)->second; }
    HostLanes value_node(const Expr&, const IndexRef& node) {
        const auto found = indices_.find(node.name);
        if (found == indices_.end()) {
            throw InternalError("index '" + node.name + "' reached the host");
        }
        HostLanes lanes;
        lanes.fill(found->second);
        return lanes;
    }
    static HostLanes value_node(const Expr&, const Load&) { throw InternalError("a load reached the host"); }
    HostLanes value_node(const Expr& expr, const Unary& node) {
        HostLanes lanes = value(*node.operand);
        for (std::uint32_t& bits : lanes) {
            bits = expr.type == Type::f32 ? float_unary(node.op, bits) : integer_unary(node.op, expr.type, bits);
        }
        return lanes;
    }
    HostLanes value_node(const Expr&, const Binary& node) {
        HostLanes lanes = value(*node.left);
        const HostLanes right = value(*node.right);
        const Type type = node.left->type;
        for (std::size_t k = 0; k < num_host_lanes; ++k) {
            lanes[k] = type == Type::f32   ? float_binary(node.op, lanes[k], right[k])
                       : type == Type::i32 ? signed_binary(node.op, lanes[k], right[k])
                                           : unsigned_binary(node.op, lanes[k], right[k]);
        }
        return lanes;
    }
    HostLanes value_node(const Expr&, const Fma& node) {
        HostLanes lanes = value(*node.left);
        const HostLanes right = value(*node.right);
        const HostLanes addend = value(*node.addend);
        for (std::size_t k = 0; k < num_host_lanes; ++k) {
            lanes[k] = result(std::fma(operand(lanes[k]), operand(right[k]), operand(addend[k])));
        }
        return lanes;
    }
    HostLanes value_node(const Expr&, const Select& node) {
        const HostLanes condition = value(*node.condition);
        HostLanes lanes = value(*node.if_true);
        const HostLanes otherwise = value(*node.if_false);
        for (std::size_t k = 0; k < num_host_lanes; ++k) {
            lanes[k] = condition[k] != 0 ? lanes[k] : otherwise[k];
        }
        return lanes;
    }
    HostLanes value_node(const Expr& expr, const Convert& node) {
        HostLanes lanes = value(*node.operand);
        for (std::uint32_t& bits : lanes) {
            bits = converted(node.operand->type, expr.type, bits);
        }
        return lanes;
    }
    HostLanes value_node(const Expr&, const Bitcast& node) { return value(*node.operand); }

    HostLocals& locals_;
    std::map<std::string, std::uint32_t, std::less<>> indices_;
    Mask mask_;
};

}  // namespace

void evaluate(const Block& block, HostLocals& locals) {
    HostRun(locals).block(block);
}

}  // namespace mlgenn::ir
