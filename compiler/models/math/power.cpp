// SPDX-License-Identifier: Apache-2.0
// x^y = e^(y log x) with the logarithm in two parts, and roots.
#include <array>

#include "compiler/models/math/functions.h"

namespace mlgenn::models {
namespace {

using ir::BinaryOp;
using ir::E;
using ir::Type;

/// A sum of two parts, the second small against the first.
struct Pair {
    E high;
    E low;
};

/// log a for a positive, finite a: i ln 2 + 2 atanh(c / 2) with c = 2 (m - 1) / (m + 1) = c + c^3 / 12 + c^5 / 80 ...
Pair log_pair(Scratch& s, const E& a) {
    constexpr float ln2_high = 0.693145751953125F;
    constexpr float ln2_low = 1.42860682030941723e-6F;
    constexpr int bits_of_root_half = 0x3f3504f3;
    const E bits =
        s.bind(ir::binary(BinaryOp::bit_and, ir::bitcast(a, Type::i32) - E(bits_of_root_half), E(-0x800000)));
    const E i = s.bind(ir::convert(bits, Type::f32) * E(0x1p-23F));
    const E minus_one = s.bind(ir::bitcast(ir::bitcast(a, Type::i32) - bits, Type::f32) - E(1.0F));
    const E plus_one = s.bind(minus_one + E(2.0F));
    const E c = s.bind((minus_one + minus_one) / plus_one);
    // What the rounded c, and the rounded sum m + 1, leave over: (2 (m - 1) - c (m + 1)) / (m + 1).
    const E lost = s.bind(minus_one - (plus_one - E(2.0F)));
    const E left = s.bind(ir::fma(-c, plus_one, minus_one + minus_one));
    const E c_low = s.bind(ir::fma(-c, lost, left) / plus_one);
    const E square = s.bind(c * c);
    constexpr std::array<float, 4> coefficients = {0.000443F, 0.00223214F, 0.0125F, 0.0833333333F};
    const E cubic = s.bind((polynomial(square, coefficients) * square) * c);
    const E high = s.bind(ir::fma(i, E(ln2_high), c));
    const E rounded = s.bind(c - (high - i * E(ln2_high)));
    const E low = s.bind(rounded + (ir::fma(i, E(ln2_low), c_low) + cubic));
    const E sum = s.bind(high + low);
    return {sum, s.bind(low - (sum - high))};
}

/// a^y for a >= 0.
E power_of_positive(Scratch& s, const E& a, const E& y) {
    const E finite = s.bind(a > E(0.0F) && a < infinity());
    const Pair logarithm = log_pair(s, s.bind(ir::select(finite, a, E(1.0F))));
    const E high = s.bind(logarithm.high * y);
    const E low = s.bind(ir::fma(logarithm.low, y, ir::fma(logarithm.high, y, -high)));
    const E power = exp(s, high);
    const E is_limit = power == E(0.0F) || power == infinity() || is_nan(low);
    const E inside = s.bind(ir::select(is_limit, power, ir::fma(power, low, power)));
    const E at_zero = ir::select(y < E(0.0F), infinity(), E(0.0F));
    const E at_infinity = ir::select(y < E(0.0F), E(0.0F), infinity());
    return s.bind(ir::select(finite, inside, ir::select(a == E(0.0F), at_zero, at_infinity)));
}

}  // namespace

E pow(Scratch& s, const E& given_x, const E& given_y) {
    const E x = s.bind(given_x);
    const E y = s.bind(given_y);
    const E a = s.bind(absolute(x));
    const E y_is_infinite = s.bind(absolute(y) == infinity());
    const E grows = (a > E(1.0F) && y > E(0.0F)) || (a < E(1.0F) && y < E(0.0F));
    const E with_infinite = ir::select(a == E(1.0F), E(1.0F), ir::select(grows, infinity(), E(0.0F)));
    const E size = s.bind(ir::select(y_is_infinite, with_infinite, power_of_positive(s, a, y)));
    const E whole = s.bind(ir::unary(ir::UnaryOp::rint, y) == y);
    const E half = s.bind(y * E(0.5F));
    const E odd = s.bind(whole && ir::unary(ir::UnaryOp::rint, half) != half && !y_is_infinite);
    const E negative = s.bind(ir::binary(BinaryOp::shift_right, ir::bitcast(x, Type::u32), E(31U)) == E(1U));
    const E with_sign = ir::select(negative && odd, -size, size);
    const E no_root = x < E(0.0F) && x > -infinity() && !whole;
    const E no_number = s.bind(no_root || is_nan(x) || is_nan(y));
    const E always_one = x == E(1.0F) || y == E(0.0F);
    return s.bind(ir::select(always_one, E(1.0F), ir::select(no_number, not_a_number(), with_sign)));
}

E cbrt(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    // A third of the exponent is a first guess, within 5 %; every step squares the error.
    const E third = ir::multiply_high(ir::bitcast(a, Type::u32), E(0x55555556U));
    E root = s.bind(ir::bitcast(third + E(709958130U), Type::f32));
    for (int step = 0; step < 3; ++step) {
        root = s.bind(ir::fma(root - a / (root * root), E(-1.0F / 3.0F), root));
    }
    const E kept = s.bind(a == E(0.0F) || !(a < infinity()));
    return s.bind(ir::select(kept, x + x, copysign(s, root, x)));
}

E hypot(Scratch& s, const E& given_x, const E& given_y) {
    const E x = s.bind(absolute(given_x));
    const E y = s.bind(absolute(given_y));
    const E larger = s.bind(ir::select(x > y, x, y));
    const E smaller = s.bind(ir::select(x > y, y, x));
    const E ratio = s.bind(smaller / larger);
    const E result = s.bind(larger * ir::unary(ir::UnaryOp::sqrt, ir::fma(ratio, ratio, E(1.0F))));
    const E inside = s.bind(ir::select(larger == E(0.0F), E(0.0F), result));
    const E infinite = x == infinity() || y == infinity();
    return s.bind(ir::select(infinite, infinity(), ir::select(is_nan(x) || is_nan(y), not_a_number(), inside)));
}

}  // namespace mlgenn::models
