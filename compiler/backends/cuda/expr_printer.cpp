// SPDX-License-Identifier: Apache-2.0
// Prints IR expressions as CUDA C++.
#include "compiler/backends/cuda/expr_printer.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

/// How tightly C++ binds; larger is tighter.
enum Precedence : int {
    conditional = 1,
    logical_or,
    logical_and,
    bit_or,
    bit_xor,
    bit_and,
    equality,
    relational,
    shift,
    additive,
    multiplicative,
    prefix,
    primary,
};

struct Operator {
    const char* text;
    int precedence;
};

/// The operator of a binary node that C++ has one for.
Operator operator_of(ir::BinaryOp op, ir::Type type) {
    const bool logical = type == ir::Type::boolean;
    switch (op) {
        case ir::BinaryOp::add:
            return {"+", additive};
        case ir::BinaryOp::subtract:
            return {"-", additive};
        case ir::BinaryOp::multiply:
            return {"*", multiplicative};
        case ir::BinaryOp::divide:
            return {"/", multiplicative};
        case ir::BinaryOp::remainder:
            return {"%", multiplicative};
        case ir::BinaryOp::bit_and:
            return logical ? Operator{"&&", logical_and} : Operator{"&", bit_and};
        case ir::BinaryOp::bit_or:
            return logical ? Operator{"||", logical_or} : Operator{"|", bit_or};
        case ir::BinaryOp::bit_xor:
            return logical ? Operator{"!=", equality} : Operator{"^", bit_xor};
        case ir::BinaryOp::shift_left:
            return {"<<", shift};
        case ir::BinaryOp::shift_right:
            return {">>", shift};
        case ir::BinaryOp::less:
            return {"<", relational};
        case ir::BinaryOp::less_equal:
            return {"<=", relational};
        case ir::BinaryOp::greater:
            return {">", relational};
        case ir::BinaryOp::greater_equal:
            return {">=", relational};
        case ir::BinaryOp::equal:
            return {"==", equality};
        case ir::BinaryOp::not_equal:
            return {"!=", equality};
        case ir::BinaryOp::minimum:
        case ir::BinaryOp::maximum:
        case ir::BinaryOp::multiply_high:
            break;
    }
    throw InternalError("the CUDA printer has no operator for this binary node");
}

std::string enclosed(std::string text, int precedence, int context) {
    return precedence < context ? "(" + text + ")" : text;
}

/// Function that reads the bits of `from` as `to`.
std::string bitcast(ir::Type to, ir::Type from) {
    if (to == ir::Type::f32) {
        return from == ir::Type::u32 ? "__uint_as_float" : "__int_as_float";
    }
    if (from == ir::Type::f32) {
        return to == ir::Type::u32 ? "__float_as_uint" : "__float_as_int";
    }
    return type_name(to);
}

std::string f32_literal(std::uint32_t bits) {
    const float value = std::bit_cast<float>(bits);
    if (!std::isfinite(value)) {
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, bits, 16).ptr;
        return "__uint_as_float(0x" + std::string(text, end) + "u)";
    }
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    std::string result(text, end);
    if (result.find_first_of(".e") == std::string::npos) {
        result += ".0";
    }
    return result + "f";
}

}  // namespace

std::string type_name(ir::Type type) {
    switch (type) {
        case ir::Type::boolean:
            return "bool";
        case ir::Type::u32:
            return "u32";
        case ir::Type::i32:
            return "i32";
        case ir::Type::f32:
            return "float";
    }
    throw InternalError("unknown IR type");
}

std::string storage_name(Storage storage) {
    switch (storage) {
        case Storage::i8:
            return "i8";
        case Storage::u8:
            return "u8";
        case Storage::i16:
            return "i16";
        case Storage::u16:
            return "u16";
        case Storage::i32:
            return "i32";
        case Storage::u32:
            return "u32";
        case Storage::f32:
            return "float";
    }
    throw InternalError("unknown storage");
}

std::string literal(std::uint32_t bits, ir::Type type) {
    switch (type) {
        case ir::Type::boolean:
            return bits != 0 ? "true" : "false";
        case ir::Type::u32:
            return std::to_string(bits) + "u";
        case ir::Type::i32: {
            const auto value = std::bit_cast<std::int32_t>(bits);
            // The smallest i32 has no literal of its own.
            return value == std::numeric_limits<std::int32_t>::min() ? "i32(0x80000000u)" : std::to_string(value);
        }
        case ir::Type::f32:
            return f32_literal(bits);
    }
    throw InternalError("unknown IR type");
}

std::string ExprPrinter::print_bound(const ir::ExprPtr& expr) const {
    return print(*expr, additive);
}

std::string ExprPrinter::element(ir::BufferId buffer, const ir::ExprPtr& index) const {
    const std::string& own = names_.own_element(buffer);
    return own.empty() ? names_.buffer(buffer) + "[" + print(index) + "]" : own;
}

std::string ExprPrinter::load(const ir::Load& node) const {
    const Storage storage = program_.buffer(node.buffer).storage;
    const std::string text = element(node.buffer, node.index);
    // C++ would widen these to int; the IR widens them to u32.
    const bool narrow_unsigned = storage == Storage::u8 || storage == Storage::u16;
    return narrow_unsigned ? "u32(" + text + ")" : text;
}

std::string ExprPrinter::call(const std::string& function, const ir::ExprPtr& a, const ir::ExprPtr& b) const {
    return function + "(" + print(a) + ", " + print(b) + ")";
}

std::string ExprPrinter::unary(const ir::Unary& node, ir::Type type, int context) const {
    const std::string operand = print(node.operand);
    const bool f32 = type == ir::Type::f32;
    switch (node.op) {
        case ir::UnaryOp::negate:
            if (type == ir::Type::i32) {
                return "wrap_sub(0, " + operand + ")";
            }
            // The space keeps two signs apart.
            return enclosed("- " + print(*node.operand, prefix), prefix, context);
        case ir::UnaryOp::logical_not:
            return enclosed("!" + print(*node.operand, prefix), prefix, context);
        case ir::UnaryOp::abs:
            return (f32 ? "fabsf(" : type == ir::Type::i32 ? "absolute(" : "(") + operand + ")";
        case ir::UnaryOp::sqrt:
            return "sqrtf(" + operand + ")";
        case ir::UnaryOp::floor:
            return "floorf(" + operand + ")";
        case ir::UnaryOp::ceil:
            return "ceilf(" + operand + ")";
        case ir::UnaryOp::rint:
            return "rintf(" + operand + ")";
    }
    throw InternalError("unknown unary operation");
}

std::string ExprPrinter::binary(const ir::Binary& node, ir::Type type, int context) const {
    if (node.op == ir::BinaryOp::minimum || node.op == ir::BinaryOp::maximum) {
        return call(node.op == ir::BinaryOp::minimum ? "minimum" : "maximum", node.left, node.right);
    }
    if (node.op == ir::BinaryOp::multiply_high) {
        return call("__umulhi", node.left, node.right);
    }
    if (type == ir::Type::i32) {
        switch (node.op) {
            case ir::BinaryOp::add:
                return call("wrap_add", node.left, node.right);
            case ir::BinaryOp::subtract:
                return call("wrap_sub", node.left, node.right);
            case ir::BinaryOp::multiply:
                return call("wrap_mul", node.left, node.right);
            default:
                break;
        }
    }
    const Operator op = operator_of(node.op, type);
    // Only chains of the arithmetic operators go without parentheses; && in || and the like are clearer with them.
    const bool arithmetic = op.precedence == additive || op.precedence == multiplicative;
    const int left = arithmetic ? op.precedence : additive;
    const int right = arithmetic ? op.precedence + 1 : additive;
    return enclosed(print(*node.left, left) + " " + op.text + " " + print(*node.right, right), op.precedence, context);
}

std::string ExprPrinter::print(const ir::Expr& expr, int context) const {
    return std::visit(
        ir::Overload{
            [&](const ir::Literal& n) {
                std::string text = literal(n.bits, expr.type);
                const int precedence = text.front() == '-' ? prefix : primary;
                return enclosed(std::move(text), precedence, context == prefix ? primary : context);
            },
            [&](const ir::LocalRef& n) { return names_.local(n.name); },
            [&](const ir::IndexRef& n) {
                const bool counter = n.name == "t" || n.name == "io_row" || n.name == "step";
                return counter ? n.name : names_.local(n.name);
            },
            [&](const ir::Load& n) { return load(n); },
            [&](const ir::Unary& n) { return unary(n, expr.type, context); },
            [&](const ir::Binary& n) { return binary(n, expr.type, context); },
            [&](const ir::Fma& n) {
                return "__fmaf_rn(" + print(n.left) + ", " + print(n.right) + ", " + print(n.addend) + ")";
            },
            [&](const ir::Select& n) {
                return enclosed(print(*n.condition, logical_or) + " ? " + print(*n.if_true, logical_or) + " : " +
                                    print(*n.if_false, conditional),
                                conditional, context);
            },
            [&](const ir::Convert& n) { return type_name(expr.type) + "(" + print(n.operand) + ")"; },
            [&](const ir::Bitcast& n) { return bitcast(expr.type, n.operand->type) + "(" + print(n.operand) + ")"; },
        },
        expr.node);
}

}  // namespace mlgenn::cuda
