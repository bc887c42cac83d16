// SPDX-License-Identifier: Apache-2.0
// Functions whose result needs no rounding.
#include <limits>

#include "compiler/models/math/functions.h"

namespace mlgenn::models {
namespace {

using ir::BinaryOp;
using ir::E;
using ir::Type;

E floor_of(const E& x) {
    return ir::unary(ir::UnaryOp::floor, x);
}

/// a modulo b, for a >= 0 and b > 0, both finite: one loop over the possible distances of their exponents, 22 bits of
/// the quotient at a time.
E modulo(Scratch& s, const E& a, const E& b) {
    constexpr std::uint32_t num_stages = 12;
    const E rest = s.variable(a);
    s.code().loop(s.fresh_name(), E(0U), E(num_stages), ir::LoopKind::serial, [&](const E& stage) {
        const E exponent = E(11 * (static_cast<int>(num_stages) - 1)) - ir::convert(stage, Type::i32) * E(11);
        const E factor = s.bind(power_of_two(exponent));
        const E divisor = s.bind((b * factor) * factor);
        // Steps between small numbers are subnormal, so these are scaled up meanwhile.
        const E is_small = s.bind(divisor < E(0x1p-100F));
        const E up = s.bind(ir::select(is_small, E(0x1p64F), E(1.0F)));
        const E by = s.bind(divisor * up);
        const E from = s.bind(rest * up);
        // At most one too large, by the rounding of the division; the fused step is exact.
        const E quotient = s.bind(floor_of(from / by));
        const E less = s.bind(ir::fma(-quotient, by, from));
        const E reduced = ir::select(less < E(0.0F), less + by, less);
        const E down = ir::select(is_small, E(0x1p-64F), E(1.0F));
        s.assign(rest, ir::select(rest >= divisor && divisor < infinity(), reduced * down, rest));
    });
    return rest;
}

}  // namespace

E trunc(Scratch& s, const E& given) {
    const E x = s.bind(given);
    return copysign(s, floor_of(absolute(x)), x);
}

E round(Scratch& s, const E& given) {
    const E x = s.bind(given);
    const E a = s.bind(absolute(x));
    const E below = s.bind(floor_of(a));
    return copysign(s, ir::select(a - below >= E(0.5F), below + E(1.0F), below), x);
}

E copysign(Scratch& s, const E& magnitude, const E& sign) {
    const E kept = ir::binary(BinaryOp::bit_and, ir::bitcast(magnitude, Type::u32), E(0x7fffffffU));
    const E taken = ir::binary(BinaryOp::bit_and, ir::bitcast(sign, Type::u32), E(0x80000000U));
    return s.bind(ir::bitcast(ir::binary(BinaryOp::bit_or, kept, taken), Type::f32));
}

E fdim(Scratch& s, const E& given_x, const E& given_y) {
    const E x = s.bind(given_x);
    const E y = s.bind(given_y);
    return s.bind(ir::select(x > y, x - y, ir::select(x <= y, E(0.0F), not_a_number())));
}

E fmod(Scratch& s, const E& given_x, const E& given_y) {
    const E x = s.bind(given_x);
    const E a = s.bind(absolute(x));
    const E b = s.bind(absolute(given_y));
    const E defined = s.bind(a < infinity() && b > E(0.0F));
    const E result = modulo(s, ir::select(defined, a, E(0.0F)), ir::select(defined, b, E(1.0F)));
    return s.bind(ir::select(defined, copysign(s, result, x), not_a_number()));
}

E remainder(Scratch& s, const E& given_x, const E& given_y) {
    const E x = s.bind(given_x);
    const E a = s.bind(absolute(x));
    const E b = s.bind(absolute(given_y));
    const E defined = s.bind(a < infinity() && b > E(0.0F));
    const E divisor = s.bind(ir::select(defined, b, E(1.0F)));
    const E doubled = s.bind(divisor + divisor);
    const E rest =
        s.bind(modulo(s, ir::select(defined, a, E(0.0F)), ir::select(doubled < infinity(), doubled, divisor)));
    // The nearest multiple, the even one of two. Small numbers are doubled, large ones halved: neither leaves f32.
    const E is_small = s.bind(divisor < E(0x1p-100F));
    const E half = s.bind(divisor * E(0.5F));
    const E first = s.bind(ir::select(is_small, rest + rest > divisor, rest > half));
    const E once = s.bind(ir::select(first, rest - divisor, rest));
    const E second = ir::select(is_small, once + once >= divisor, once >= half);
    const E nearest = s.bind(ir::select(first && second, once - divisor, once));
    const E sign = ir::binary(BinaryOp::bit_and, ir::bitcast(x, Type::u32), E(0x80000000U));
    const E turned = ir::bitcast(ir::binary(BinaryOp::bit_xor, ir::bitcast(nearest, Type::u32), sign), Type::f32);
    return s.bind(ir::select(defined, turned, not_a_number()));
}

E ldexp(Scratch& s, const E& given_x, const E& given_n) {
    const E n = s.bind(ir::min(ir::max(given_n, E(-300)), E(300)));
    const E third = s.bind(n / E(3));
    const E factor = s.bind(power_of_two(third));
    return s.bind(given_x * factor * factor * power_of_two(n - third - third));
}

E ilogb(Scratch& s, const E& given) {
    const E x = s.bind(absolute(given));
    const E exponent = ir::binary(BinaryOp::shift_right, ir::bitcast(x, Type::i32), E(23)) - E(127);
    const E none = E(std::numeric_limits<std::int32_t>::min());
    const E outside = ir::select(x == infinity(), E(std::numeric_limits<std::int32_t>::max()), none);
    return s.bind(ir::select(x > E(0.0F) && x < infinity(), exponent, outside));
}

}  // namespace mlgenn::models
