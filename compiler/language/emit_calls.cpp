// SPDX-License-Identifier: Apache-2.0
// Calls of functions as IR.
#include <array>

#include "compiler/language/emitter.h"
#include "compiler/language/functions.h"
#include "compiler/models/math/functions.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {

using ir::E;
using ir::Type;
using models::Scratch;

namespace {

struct UnaryRow {
    Function function;
    E (*emit)(Scratch&, const E&);
};
struct BinaryRow {
    Function function;
    E (*emit)(Scratch&, const E&, const E&);
};

constexpr std::array unary_table = {
    UnaryRow{Function::acos, models::acos},
    UnaryRow{Function::acosh, models::acosh},
    UnaryRow{Function::asin, models::asin},
    UnaryRow{Function::asinh, models::asinh},
    UnaryRow{Function::atan, models::atan},
    UnaryRow{Function::atanh, models::atanh},
    UnaryRow{Function::cbrt, models::cbrt},
    UnaryRow{Function::cos, models::cos},
    UnaryRow{Function::cosh, models::cosh},
    UnaryRow{Function::erf, models::erf},
    UnaryRow{Function::exp, [](Scratch& s, const E& x) { return models::exp(s, x); }},
    UnaryRow{Function::exp2, models::exp2},
    UnaryRow{Function::expm1, models::expm1},
    UnaryRow{Function::ilogb, models::ilogb},
    UnaryRow{Function::log, models::log},
    UnaryRow{Function::log10, models::log10},
    UnaryRow{Function::log1p, models::log1p},
    UnaryRow{Function::log2, models::log2},
    UnaryRow{Function::round, models::round},
    UnaryRow{Function::sin, models::sin},
    UnaryRow{Function::sinc, models::sinc},
    UnaryRow{Function::sinh, models::sinh},
    UnaryRow{Function::tan, models::tan},
    UnaryRow{Function::tanh, models::tanh},
    UnaryRow{Function::trunc, models::trunc},
};

constexpr std::array binary_table = {
    BinaryRow{Function::atan2, models::atan2}, BinaryRow{Function::copysign, models::copysign},
    BinaryRow{Function::fdim, models::fdim},   BinaryRow{Function::fmod, models::fmod},
    BinaryRow{Function::hypot, models::hypot}, BinaryRow{Function::ldexp, models::ldexp},
    BinaryRow{Function::pow, models::pow},     BinaryRow{Function::remainder, models::remainder},
};

/// Functions that are one operation; nothing for others.
std::optional<ir::UnaryOp> operation_of(Function function) {
    switch (function) {
        case Function::abs:
        case Function::fabs:
            return ir::UnaryOp::abs;
        case Function::ceil:
            return ir::UnaryOp::ceil;
        case Function::floor:
            return ir::UnaryOp::floor;
        case Function::rint:
            return ir::UnaryOp::rint;
        case Function::sqrt:
            return ir::UnaryOp::sqrt;
        default:
            return std::nullopt;
    }
}

}  // namespace

E Emitter::value_node(const Expr& expr, const CallExpr& node) {
    if (node.function == Function::read_element) {
        return element_(node.name, bind(value_as(*node.arguments.front(), ValueType::u32)));
    }
    const FunctionRow& row = *find_function(node.name);
    std::vector<E> arguments;
    for (std::size_t k = 0; k < node.arguments.size(); ++k) {
        const ValueType type = is_generic(row.function) ? expr.type : row.arguments[k];
        arguments.push_back(value_as(*node.arguments[k], type));
    }
    return is_random(row.function) ? random_call(row.function, arguments) : call(row.function, arguments);
}

E Emitter::call(Function function, const std::vector<E>& arguments) {
    if (const auto operation = operation_of(function)) {
        const E& operand = arguments.front();
        return operand.type() == Type::u32 ? operand : ir::unary(*operation, operand);
    }
    for (const UnaryRow& row : unary_table) {
        if (row.function == function) {
            return row.emit(functions_, arguments.front());
        }
    }
    for (const BinaryRow& row : binary_table) {
        if (row.function == function) {
            return row.emit(functions_, arguments[0], arguments[1]);
        }
    }
    switch (function) {
        case Function::fma:
            return ir::fma(arguments[0], arguments[1], arguments[2]);
        case Function::min:
        case Function::fmin:
            return smaller(true, arguments[0], arguments[1]);
        case Function::max:
        case Function::fmax:
            return smaller(false, arguments[0], arguments[1]);
        default:
            throw InternalError("unknown function");
    }
}

E Emitter::random_call(Function function, const std::vector<E>& arguments) {
    if (!random_) {
        throw InternalError("code draws random numbers where there are none");
    }
    switch (function) {
        case Function::gennrand:
            return functions_.bind(random_->word());
        case Function::gennrand_uniform:
            return random_->uniform();
        case Function::gennrand_normal:
            return random_->normal();
        case Function::gennrand_exponential:
            return random_->exponential();
        case Function::gennrand_log_normal:
            return random_->log_normal(arguments[0], arguments[1]);
        case Function::gennrand_gamma:
            return random_->gamma(arguments[0]);
        case Function::gennrand_binomial:
            return random_->binomial(arguments[0], arguments[1]);
        default:
            throw InternalError("unknown random function");
    }
}

}  // namespace mlgenn::language
