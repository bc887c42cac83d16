// SPDX-License-Identifier: Apache-2.0
// Functions of f32 in IR, out of operations that every back end rounds alike, so that they give the same bits
// everywhere. docs/semantics.md states how far each is from the correctly rounded result. Subnormal arguments count as
// zero, subnormal results are zero; what is not defined for real numbers is NaN, and NaN stays NaN.
#pragma once

#include "compiler/models/math/scratch.h"

namespace mlgenn::models {

// exponential.cpp
[[nodiscard]] ir::E exp(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E exp2(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E expm1(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E sinh(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E cosh(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E tanh(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E erf(Scratch& s, const ir::E& x);

// logarithm.cpp
[[nodiscard]] ir::E log(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E log2(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E log10(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E log1p(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E asinh(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E acosh(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E atanh(Scratch& s, const ir::E& x);

// power.cpp
[[nodiscard]] ir::E pow(Scratch& s, const ir::E& x, const ir::E& y);
[[nodiscard]] ir::E cbrt(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E hypot(Scratch& s, const ir::E& x, const ir::E& y);

// trigonometry.cpp
[[nodiscard]] ir::E sin(Scratch& s, const ir::E& x);
/// sin(x) / x, and 1 at 0.
[[nodiscard]] ir::E sinc(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E cos(Scratch& s, const ir::E& x);
/// cos(2 pi x) for 0 <= x <= 1.
[[nodiscard]] ir::E cos_of_turns(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E tan(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E asin(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E acos(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E atan(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E atan2(Scratch& s, const ir::E& y, const ir::E& x);

// rounding.cpp; all exact.
[[nodiscard]] ir::E trunc(Scratch& s, const ir::E& x);
/// Half away from zero.
[[nodiscard]] ir::E round(Scratch& s, const ir::E& x);
[[nodiscard]] ir::E copysign(Scratch& s, const ir::E& magnitude, const ir::E& sign);
[[nodiscard]] ir::E fdim(Scratch& s, const ir::E& x, const ir::E& y);
[[nodiscard]] ir::E fmod(Scratch& s, const ir::E& x, const ir::E& y);
[[nodiscard]] ir::E remainder(Scratch& s, const ir::E& x, const ir::E& y);
/// x 2^n for an i32 n.
[[nodiscard]] ir::E ldexp(Scratch& s, const ir::E& x, const ir::E& n);
/// The exponent as i32; the smallest i32 for 0 and NaN, the largest for infinity.
[[nodiscard]] ir::E ilogb(Scratch& s, const ir::E& x);

}  // namespace mlgenn::models
