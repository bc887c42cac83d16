// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/math/scratch.h"

#include <limits>

namespace mlgenn::models {

using ir::E;
using ir::Type;

namespace {

bool is_literal(const E& value) {
    return std::holds_alternative<ir::Literal>(value.ptr()->node);
}

}  // namespace

E Scratch::bind(const E& value) {
    const bool is_simple = is_literal(value) || std::holds_alternative<ir::LocalRef>(value.ptr()->node);
    return is_simple ? value : code_.let(fresh_name(), value);
}

E Scratch::variable(const E& first) {
    const std::string name = fresh_name();
    // Whole numbers that are the same for all neurons could not take different values later, so they start at 0.
    const bool starts_later = first.type() == Type::u32 && !is_literal(first);
    const E local = code_.let(name, starts_later ? E(0U) : first);
    if (starts_later) {
        code_.assign(name, first);
    }
    return local;
}

void Scratch::assign(const E& variable, const E& value) {
    code_.assign(std::get<ir::LocalRef>(variable.ptr()->node).name, value);
}

E polynomial(const E& x, std::span<const float> coefficients) {
    E sum = E(coefficients.front());
    for (const float coefficient : coefficients.subspan(1)) {
        sum = ir::fma(sum, x, E(coefficient));
    }
    return sum;
}

E power_of_two(const E& n) {
    return ir::bitcast(ir::binary(ir::BinaryOp::shift_left, n + E(127), E(23)), Type::f32);
}

E absolute(const E& x) {
    return ir::unary(ir::UnaryOp::abs, x);
}

E is_nan(const E& x) {
    return x != x;
}

E infinity() {
    return E(std::numeric_limits<float>::infinity());
}

E not_a_number() {
    return E(std::numeric_limits<float>::quiet_NaN());
}

}  // namespace mlgenn::models
