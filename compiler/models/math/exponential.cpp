// SPDX-License-Identifier: Apache-2.0
// e^x and what follows from it. x = n ln 2 + r with |r| <= ln(2) / 2, as in the Cephes library.
#include <array>

#include "compiler/models/math.h"
#include "compiler/models/math/functions.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

constexpr float ln2_high = 0.693359375F;
constexpr float ln2_low = -2.12194440e-4F;
constexpr float log2_e = 1.44269504088896341F;
constexpr float ln2 = 0.69314718055994531F;

/// e^r - 1 for |r| <= 0.35.
E expm1_reduced(Scratch& s, const E& r) {
    constexpr std::array<float, 6> coefficients = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F,
                                                   4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};
    return s.bind(ir::fma(polynomial(r, coefficients), r * r, r));
}

E clamped(const E& x, float low, float high) {
    return ir::min(ir::max(x, E(low)), E(high));
}

/// Where e^|x| alone would be infinite, half of it is still a number.
constexpr float largest_for_exp = 80.0F;

/// e^a / 2 for a >= 0, up to where it is infinite itself.
E half_exp(Scratch& s, const E& a) {
    const E root = exp(s, a * E(0.5F));
    return s.bind((root * E(0.5F)) * root);
}

}  // namespace

E exp(Scratch& s, const E& x) {
    return exp(s.code(), s.fresh_name(), x);
}

E exp2(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E bounded = s.bind(clamped(x, -152.0F, 130.0F));
    const E whole = s.bind(ir::unary(ir::UnaryOp::rint, bounded));
    const E r = s.bind((bounded - whole) * E(ln2));
    const E power = s.bind(expm1_reduced(s, r) + E(1.0F));
    const E n = s.bind(ir::convert(whole, Type::i32));
    const E half = s.bind(ir::binary(ir::BinaryOp::shift_right, n, E(1)));
    return s.bind(ir::select(is_nan(x), not_a_number(), power * power_of_two(half) * power_of_two(n - half)));
}

E expm1(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E bounded = s.bind(clamped(x, -40.0F, 89.0F));
    const E whole = s.bind(ir::unary(ir::UnaryOp::rint, bounded * E(log2_e)));
    const E r = s.bind(ir::fma(whole, E(-ln2_low), ir::fma(whole, E(-ln2_high), bounded)));
    const E part = expm1_reduced(s, r);
    // 2^n (part + 1) - 1, halved so that 2^n fits.
    const E scale = s.bind(power_of_two(ir::convert(whole, Type::i32) - E(1)));
    const E half = s.bind(ir::fma(part, scale, scale - E(0.5F)));
    const E result = s.bind(ir::select(whole == E(0.0F), part, half + half));
    return s.bind(ir::select(is_nan(x), not_a_number(), ir::select(x == E(0.0F), x + x, result)));
}

E sinh(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E t = expm1(s, a);
    const E small = s.bind(E(0.5F) * (t + t / (t + E(1.0F))));
    return copysign(s, ir::select(a > E(largest_for_exp), half_exp(s, a), small), x);
}

E cosh(Scratch& s, const E& given) {
    const E a = s.bind(absolute(given));
    const E power = exp(s, a);
    const E small = s.bind(ir::fma(E(0.5F), power, E(0.5F) / power));
    return s.bind(ir::select(a > E(largest_for_exp), half_exp(s, a), small));
}

E tanh(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E t = expm1(s, absolute(x) * E(-2.0F));
    return copysign(s, -t / (t + E(2.0F)), x);
}

E erf(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E square = s.bind(a * a);
    // Near 0: x times a polynomial of x^2; else 1 - e^p with a polynomial p of |x|.
    constexpr std::array<float, 6> near = {-5.96761703e-4F, 4.99119423e-3F,  -2.67681349e-2F,
                                           1.12819925e-1F,  -3.76125336e-1F, 1.28379166e-1F};
    const E small = s.bind(ir::fma(polynomial(square, near), x, x));
    constexpr std::array<float, 7> far = {-1.72853470e-5F, 3.83197126e-4F,  -3.88396438e-3F, 2.42546219e-2F,
                                          -1.06777877e-1F, -6.34846687e-1F, -1.28717512e-1F};
    const E bounded = s.bind(ir::min(a, E(4.0F)));
    const E exponent = s.bind(ir::fma(polynomial(bounded, far), bounded, -bounded));
    const E large = copysign(s, E(1.0F) - exp(s, exponent), x);
    return s.bind(ir::select(is_nan(x), not_a_number(),
                             ir::select(x == E(0.0F), x + x, ir::select(a > E(0.927734375F), large, small))));
}

}  // namespace mlgenn::models
