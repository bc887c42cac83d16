// SPDX-License-Identifier: Apache-2.0
// Angles: x = n pi / 2 + r with |r| <= pi / 4, then a polynomial of r.
#include <array>

#include "compiler/models/math/functions.h"

namespace mlgenn::models {
namespace {

using ir::BinaryOp;
using ir::E;
using ir::Type;

constexpr float half_pi = 1.57079637F;
constexpr float half_pi_rest = -4.37113883e-8F;
constexpr float pi = 3.14159274F;
constexpr float pi_rest = -8.74227766e-8F;

struct Reduced {
    E quarter;  ///< n, i32
    E rest;     ///< r
};

struct Words {
    E high;
    E low;
};

E shifted_left(const E& a, const E& count) {
    return ir::binary(BinaryOp::shift_left, a, count);
}
E shifted_right(const E& a, const E& count) {
    return ir::binary(BinaryOp::shift_right, a, count);
}

/// The 64 bits of a (2 / pi) 2^62 that matter, modulo 4 quarter turns, for a >= 2 (Payne and Hanek).
Words turns_of(Scratch& s, const E& a) {
    constexpr std::array<std::uint32_t, 6> two_over_pi = {0x3c439041U, 0xdb629599U, 0xf534ddc0U,
                                                          0xfc2757d1U, 0x4e441529U, 0xa2f9836eU};
    const E bits = s.bind(ir::bitcast(a, Type::u32));
    const E mantissa = s.bind(shifted_left(
        ir::binary(BinaryOp::bit_or, ir::binary(BinaryOp::bit_and, bits, E(0x7fffffU)), E(0x800000U)), E(8U)));
    const E exponent = s.bind(shifted_right(bits, E(23U)) - E(128U));
    std::vector<E> product;
    E carried = E(0U);
    for (const std::uint32_t word : two_over_pi) {
        const E low = s.bind(mantissa * E(word));
        product.push_back(s.bind(low + carried));
        const E carry = ir::select(product.back() < low, E(1U), E(0U));
        carried = s.bind(ir::multiply_high(mantissa, E(word)) + carry);
    }
    product.push_back(carried);
    const E skipped = s.bind(ir::min(shifted_right(exponent, E(5U)), E(4U)));
    const auto word = [&](std::size_t from_top) {
        E chosen = product[6 - from_top];
        for (std::uint32_t k = 1; k <= 4; ++k) {
            chosen = ir::select(skipped == E(k), product[6 - from_top - k], chosen);
        }
        return s.bind(chosen);
    };
    const E first = word(0);
    const E second = word(1);
    const E third = word(2);
    const E left = s.bind(ir::binary(BinaryOp::bit_and, exponent, E(31U)));
    // Two shifts, as one by 32 bits is none.
    const auto joined = [&](const E& high, const E& low) {
        const E from_low = shifted_right(shifted_right(low, E(1U)), E(31U) - left);
        return s.bind(ir::binary(BinaryOp::bit_or, shifted_left(high, left), from_low));
    };
    return {joined(first, second), joined(second, third)};
}

/// For any finite a >= 2.
Reduced reduced_by_integers(Scratch& s, const E& a) {
    const Words turns = turns_of(s, a);
    const E fraction_high =
        s.bind(ir::binary(BinaryOp::bit_or, shifted_left(turns.high, E(2U)), shifted_right(turns.low, E(30U))));
    const E fraction_low = s.bind(shifted_left(turns.low, E(2U)));
    const E past_half = s.bind(fraction_high >= E(0x80000000U));
    const E quarter = shifted_right(turns.high, E(30U)) + ir::select(past_half, E(1U), E(0U));
    const E ones = E(0xffffffffU);
    const E negated_low = s.bind(E(0U) - fraction_low);
    const E negated_high =
        ir::binary(BinaryOp::bit_xor, fraction_high, ones) + ir::select(fraction_low == E(0U), E(1U), E(0U));
    const E high = s.bind(ir::select(past_half, negated_high, fraction_high));
    const E low = s.bind(ir::select(past_half, negated_low, fraction_low));
    const E size =
        s.bind(ir::fma(ir::convert(low, Type::f32), E(0x1p-64F), ir::convert(high, Type::f32) * E(0x1p-32F)));
    const E angle = s.bind(size * E(half_pi));
    return {s.bind(ir::bitcast(quarter, Type::i32)), s.bind(ir::select(past_half, -angle, angle))};
}

/// For finite x.
Reduced reduced(Scratch& s, const E& x) {
    constexpr float largest_for_products = 100000.0F;
    const E a = s.bind(absolute(x));
    const E is_large = s.bind(a > E(largest_for_products) && a < infinity());
    const E near = s.bind(ir::select(a > E(largest_for_products), E(0.0F), x));
    const E whole = s.bind(ir::unary(ir::UnaryOp::rint, near * E(0.636619747F)));
    E rest = ir::fma(whole, E(-1.57079601F), near);
    rest = ir::fma(whole, E(-3.13916473e-7F), rest);
    rest = ir::fma(whole, E(-5.39030253e-15F), rest);
    const E r = s.variable(rest);
    const E quarter = s.variable(ir::convert(whole, Type::i32));
    s.code().when(is_large, [&] {
        const Reduced large = reduced_by_integers(s, a);
        s.assign(r, ir::select(x < E(0.0F), -large.rest, large.rest));
        s.assign(quarter, ir::select(x < E(0.0F), -large.quarter, large.quarter));
    });
    return {quarter, r};
}

E sine_of(Scratch& s, const E& r) {
    constexpr std::array<float, 4> coefficients = {2.86567956e-6F, -1.98559923e-4F, 8.33338592e-3F, -1.66666672e-1F};
    const E square = s.bind(r * r);
    return s.bind(ir::fma(polynomial(square, coefficients), r * square, r));
}

E cosine_of(Scratch& s, const E& r) {
    constexpr std::array<float, 5> coefficients = {2.44677067e-5F, -1.38877297e-3F, 4.16666567e-2F, -0.5F, 1.0F};
    return s.bind(polynomial(s.bind(r * r), coefficients));
}

E bit_of(const E& quarter, int bit) {
    return ir::binary(BinaryOp::bit_and, quarter, E(bit)) != E(0);
}

E finite_or_nan(Scratch& s, const E& x, const E& result) {
    return s.bind(ir::select(absolute(x) < infinity(), result, not_a_number()));
}

E at_quarter(Scratch& s, const Reduced& angle, const E& quarter) {
    const E value = s.bind(ir::select(bit_of(quarter, 1), cosine_of(s, angle.rest), sine_of(s, angle.rest)));
    return s.bind(ir::select(bit_of(quarter, 2), -value, value));
}

/// asin z for 0 <= z <= 1/2, as in the Cephes library.
E arcsine_of(Scratch& s, const E& z, const E& square) {
    constexpr std::array<float, 5> coefficients = {4.2163199048e-2F, 2.4181311049e-2F, 4.5470025998e-2F,
                                                   7.4953002686e-2F, 1.6666752422e-1F};
    return s.bind(ir::fma(polynomial(square, coefficients) * square, z, z));
}

struct Arc {
    E is_large;  ///< |x| > 1/2
    E angle;     ///< asin |x|, or of sqrt((1 - |x|) / 2), which is half of acos |x|
};

Arc arc_of(Scratch& s, const E& a) {
    const E is_large = s.bind(a > E(0.5F));
    const E square = s.bind(ir::select(is_large, (E(1.0F) - a) * E(0.5F), a * a));
    const E z = s.bind(ir::select(is_large, ir::unary(ir::UnaryOp::sqrt, square), a));
    return {is_large, arcsine_of(s, z, square)};
}

/// atan t for 0 <= t <= 1.
E arctangent_of(Scratch& s, const E& t) {
    constexpr std::array<float, 8> coefficients = {
        0.00282363896258175373F, -0.0159569028764963150F, 0.0425049886107444763F, -0.0748900920152664184F,
        0.106347933411598205F,   -0.142027363181114197F,  0.199926957488059997F,  -0.333331018686294555F};
    const E square = s.bind(t * t);
    return s.bind(ir::fma(polynomial(square, coefficients) * square, t, t));
}

E from_half_pi(const E& angle) {
    return (E(half_pi) - angle) + E(half_pi_rest);
}

}  // namespace

E sin(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Reduced angle = reduced(s, x);
    const E result = at_quarter(s, angle, angle.quarter);
    return finite_or_nan(s, x, ir::select(x == E(0.0F), x + x, result));
}

E sinc(Scratch& s, const E& given) {
    const E x = s.bind(given);
    return s.bind(ir::select(x == E(0.0F), E(1.0F), sin(s, x) / x));
}

E cos(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Reduced angle = reduced(s, x);
    return finite_or_nan(s, x, at_quarter(s, angle, s.bind(angle.quarter + E(1))));
}

E cos_of_turns(Scratch& s, const E& x) {
    const E quarters = s.bind(x * E(4.0F));
    const E whole = s.bind(ir::unary(ir::UnaryOp::rint, quarters));
    const E rest = s.bind((quarters - whole) * E(half_pi));
    return at_quarter(s, {ir::convert(whole, Type::i32), rest}, s.bind(ir::convert(whole, Type::i32) + E(1)));
}

E tan(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const Reduced angle = reduced(s, x);
    const E sine = sine_of(s, angle.rest);
    const E cosine = cosine_of(s, angle.rest);
    const E result = ir::select(bit_of(angle.quarter, 1), -cosine / sine, sine / cosine);
    return finite_or_nan(s, x, ir::select(x == E(0.0F), x + x, result));
}

E asin(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const Arc arc = arc_of(s, a);
    const E large = ir::fma(arc.angle, E(-2.0F), E(half_pi)) + E(half_pi_rest);
    const E result = copysign(s, ir::select(arc.is_large, large, arc.angle), x);
    return s.bind(ir::select(a <= E(1.0F), result, not_a_number()));
}

E acos(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const Arc arc = arc_of(s, a);
    const E near_zero = (E(half_pi_rest) - copysign(s, arc.angle, x)) + E(half_pi);
    const E twice = s.bind(arc.angle + arc.angle);
    const E near_one = ir::select(x < E(0.0F), (E(pi) - twice) + E(pi_rest), twice);
    const E result = ir::select(arc.is_large, near_one, near_zero);
    return s.bind(ir::select(a <= E(1.0F), result, not_a_number()));
}

E atan(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E is_large = s.bind(a > E(1.0F));
    const E angle = arctangent_of(s, s.bind(ir::select(is_large, E(1.0F) / a, a)));
    const E result = copysign(s, ir::select(is_large, from_half_pi(angle), angle), x);
    return s.bind(ir::select(is_nan(x), not_a_number(), result));
}

E atan2(Scratch& s, const E& given_y, const E& given_x) {
    const E y = s.bind(given_y);
    const E x = s.bind(given_x);
    const E height = s.bind(absolute(y));
    const E width = s.bind(absolute(x));
    const E is_steep = s.bind(height > width);
    const E larger = s.bind(ir::select(is_steep, height, width));
    const E ratio = ir::select(is_steep, width, height) / larger;
    const E both_infinite = height == infinity() && width == infinity();
    const E tangent = ir::select(both_infinite, E(1.0F), ir::select(larger == E(0.0F), E(0.0F), ratio));
    const E angle = arctangent_of(s, s.bind(tangent));
    const E right = s.bind(ir::select(is_steep, from_half_pi(angle), angle));
    const E is_left = ir::binary(BinaryOp::shift_right, ir::bitcast(x, Type::u32), E(31U)) == E(1U);
    const E result = copysign(s, ir::select(is_left, (E(pi) - right) + E(pi_rest), right), y);
    return s.bind(ir::select(is_nan(x) || is_nan(y), not_a_number(), result));
}

}  // namespace mlgenn::models
