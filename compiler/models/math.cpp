// SPDX-License-Identifier: Apache-2.0
// e^x = 2^n e^r with |r| <= ln(2) / 2, as in the Cephes library (expf), with every fused operation spelled out.
#include "compiler/models/math.h"

#include <array>

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

/// ln 2 in two parts; the first has few bits, so that n times it is exact.
constexpr float ln2_high = 0.693359375F;
constexpr float ln2_low = -2.12194440e-4F;
constexpr float log2_e = 1.44269504088896341F;
/// (e^r - 1 - r) / r^2, highest power first.
constexpr std::array<float, 6> coefficients = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F,
                                               4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};
/// Beyond these the result is 0 or infinite, and n stays within the exponents that two factors can make.
constexpr float smallest = -104.0F;
constexpr float largest = 89.0F;

/// 2^n for -126 <= n <= 127.
E power_of_two(const E& n) {
    return ir::bitcast(ir::binary(ir::BinaryOp::shift_left, n + E(127), E(23)), Type::f32);
}

}  // namespace

E exp(CodeBuilder& code, const std::string& name, const E& x) {
    const E given = code.let(name + "_x", x);
    const E clamped = code.let(name + "_clamped", ir::min(ir::max(given, E(smallest)), E(largest)));
    const E whole = code.let(name + "_whole", ir::unary(ir::UnaryOp::rint, clamped * E(log2_e)));
    const E partly = ir::fma(whole, E(-ln2_high), clamped);
    const E r = code.let(name + "_r", ir::fma(whole, E(-ln2_low), partly));
    E sum = E(coefficients[0]);
    for (std::size_t k = 1; k < coefficients.size(); ++k) {
        sum = ir::fma(sum, r, E(coefficients[k]));
    }
    const E power = code.let(name + "_power", ir::fma(sum, r * r, r) + E(1.0F));
    const E n = code.let(name + "_n", ir::convert(whole, Type::i32));
    const E half = code.let(name + "_half", ir::binary(ir::BinaryOp::shift_right, n, E(1)));
    const E scaled = power * power_of_two(half) * power_of_two(n - half);
    return code.let(name, ir::select(given != given, given, scaled));
}

}  // namespace mlgenn::models
