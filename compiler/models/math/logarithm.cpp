// SPDX-License-Identifier: Apache-2.0
// log x = i ln 2 + log(1 + f) with 1 + f between 2/3 and 4/3, and what follows from it.
#include <array>

#include "compiler/models/math/functions.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

constexpr float ln2 = 0.69314718055994531F;
/// The bits of 2/3.
constexpr int bits_of_two_thirds = 0x3f2aaaab;
constexpr int exponent_mask = -0x800000;

/// The bits of 2^i x - those of x, for 2^-i x between 2/3 and 4/3.
E exponent_bits(Scratch& s, const E& x) {
    const E from_two_thirds = ir::bitcast(x, Type::i32) - E(bits_of_two_thirds);
    return s.bind(ir::binary(ir::BinaryOp::bit_and, from_two_thirds, E(exponent_mask)));
}

E exponent_of(Scratch& s, const E& bits) {
    return s.bind(ir::convert(bits, Type::f32) * E(0x1p-23F));
}

E scaled_down(const E& x, const E& bits) {
    return ir::bitcast(ir::bitcast(x, Type::i32) - bits, Type::f32);
}

/// log(1 + f) for |f| <= 1/3.
E log_reduced(Scratch& s, const E& f) {
    const E square = s.bind(f * f);
    constexpr std::array<float, 4> even = {-0.130310059F, -0.121483512F, -0.166846126F, -0.249996200F};
    constexpr std::array<float, 3> odd = {0.140869141F, 0.139814854F, 0.200120345F};
    const E mixed = ir::fma(polynomial(square, odd), f, polynomial(square, even));
    const E tail = ir::fma(ir::fma(mixed, f, E(0.333331972F)), f, E(-0.5F));
    return s.bind(ir::fma(tail, square, f));
}

struct Parts {
    E exponent;
    E fraction;  ///< log(1 + f)
};

Parts parts_of(Scratch& s, const E& x) {
    const E bits = exponent_bits(s, x);
    const E f = s.bind(scaled_down(x, bits) - E(1.0F));
    return {exponent_of(s, bits), log_reduced(s, f)};
}

/// `result` where x is positive and finite.
E with_limits(Scratch& s, const E& x, const E& result) {
    const E outside = ir::select(x == E(0.0F), -infinity(), ir::select(x > E(0.0F), x, not_a_number()));
    return s.bind(ir::select(x > E(0.0F) && x < infinity(), result, outside));
}

}  // namespace

E log(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Parts parts = parts_of(s, x);
    return with_limits(s, x, ir::fma(parts.exponent, E(ln2), parts.fraction));
}

E log2(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Parts parts = parts_of(s, x);
    return with_limits(s, x, ir::fma(parts.fraction, E(1.44269504088896341F), parts.exponent));
}

E log10(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Parts parts = parts_of(s, x);
    return with_limits(s, x,
                       ir::fma(parts.exponent, E(0.301029995663981195F), parts.fraction * E(0.434294481903251828F)));
}

E log1p(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E sum = s.bind(x + E(1.0F));
    const E bits = exponent_bits(s, sum);
    // 2^-i (1 + x) - 1 without rounding 1 + x first.
    const E unit = s.bind(ir::fma(scaled_down(E(4.0F), bits), E(0.25F), E(-1.0F)));
    const E f = s.bind(scaled_down(x, bits) + unit);
    const E inside = ir::fma(exponent_of(s, bits), E(ln2), log_reduced(s, f));
    return s.bind(ir::select(x == E(0.0F), x + x, with_limits(s, sum, inside)));
}

E asinh(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E is_large = s.bind(a > E(0x1p30F));
    const E square = s.bind(a * a);
    const E root = s.bind(ir::unary(ir::UnaryOp::sqrt, square + E(1.0F)));
    const E above = s.bind(ir::select(is_large, a, a + square / (root + E(1.0F))));
    const E result = log1p(s, above) + ir::select(is_large, E(ln2), E(0.0F));
    return copysign(s, result, x);
}

E acosh(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E is_large = s.bind(x > E(0x1p30F));
    const E beyond = s.bind(x - E(1.0F));
    const E root = s.bind(ir::unary(ir::UnaryOp::sqrt, beyond * (beyond + E(2.0F))));
    const E result = log1p(s, ir::select(is_large, x, beyond + root)) + ir::select(is_large, E(ln2), E(0.0F));
    return s.bind(ir::select(x >= E(1.0F), result, not_a_number()));
}

E atanh(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E twice = s.bind((a + a) / (E(1.0F) - a));
    const E result = copysign(s, log1p(s, twice) * E(0.5F), x);
    return s.bind(ir::select(a <= E(1.0F), result, not_a_number()));
}

}  // namespace mlgenn::models
