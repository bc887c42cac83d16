// SPDX-License-Identifier: Apache-2.0
// The functions of models in code against the C++ library's in double (rounded to f32: the correctly rounded result but
// for a few ties), in units in the last place, over many arguments and at the edges.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "compiler/ir/evaluate.h"
#include "compiler/models/math/functions.h"
#include "compiler/models/random.h"

namespace mlgenn::test {
namespace {

using models::Scratch;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float smallest = std::numeric_limits<float>::min();
constexpr float largest = std::numeric_limits<float>::max();
constexpr float subnormal = 1e-40F;

float flushed(float x) {
    return std::fabs(x) < smallest ? std::copysign(0.0F, x) : x;
}

/// A function of one or two arguments as IR, run on the host.
class Emitted {
public:
    using Emit = std::function<ir::E(Scratch&, const ir::E&, const ir::E&)>;
    explicit Emitted(const Emit& emit) {
        models::CodeBuilder code;
        Scratch scratch(code, "s");
        code.let("result", emit(scratch, ir::local("x", ir::Type::f32), ir::local("y", ir::Type::f32)));
        block_ = code.take();
    }

    [[nodiscard]] std::vector<float> operator()(const std::vector<float>& x, const std::vector<float>& y) const {
        std::vector<float> results(x.size());
        ir::HostLocals locals;
        for (std::size_t first = 0; first < x.size(); first += ir::num_host_lanes) {
            for (std::size_t lane = 0; lane < ir::num_host_lanes; ++lane) {
                const std::size_t k = std::min(first + lane, x.size() - 1);
                locals["x"][lane] = std::bit_cast<std::uint32_t>(x[k]);
                locals["y"][lane] = std::bit_cast<std::uint32_t>(y[k]);
            }
            ir::evaluate(block_, locals);
            for (std::size_t lane = 0; lane < ir::num_host_lanes && first + lane < x.size(); ++lane) {
                results[first + lane] = std::bit_cast<float>(locals["result"][lane]);
            }
        }
        return results;
    }
    [[nodiscard]] float operator()(float x, float y = 0.0F) const {
        return (*this)(std::vector<float>{x}, std::vector<float>{y})[0];
    }

private:
    ir::Block block_;
};

/// Half the numbers have any exponent, half lie evenly in [low, high].
std::vector<float> arguments(std::uint32_t stream, float low, float high) {
    std::vector<float> values = {0.0F,      -0.0F,      1.0F,    -1.0F,    0.5F,     -0.5F,     2.0F,
                                 smallest,  -smallest,  largest, -largest, infinity, -infinity, nan,
                                 subnormal, -subnormal, 0x1p24F, 0x1p-24F, 3.0F,     10.0F};
    constexpr std::uint32_t num_random = 40000;
    for (std::uint32_t k = 0; k < num_random; ++k) {
        const auto words = models::philox4x32({stream, 7}, {k, 0, 0, 0});
        values.push_back(std::bit_cast<float>(words[0]));
        values.push_back(low + (high - low) * static_cast<float>(words[1]) * 0x1p-32F);
    }
    return values;
}

/// Distance in units in the last place of the rounded result; exact: 0.
double distance(float found, double exact) {
    const float rounded = flushed(static_cast<float>(exact));
    if (std::isnan(rounded) || std::isnan(found)) {
        return std::isnan(rounded) == std::isnan(found) ? 0.0 : infinity;
    }
    if (found == rounded && (rounded == 0.0F || std::isinf(rounded))) {
        return 0.0;
    }
    if (found == rounded) {
        return std::isfinite(rounded) ? std::fabs(static_cast<double>(found) - exact) /
                                            (std::nextafter(std::fmax(std::fabs(rounded), smallest), infinity) -
                                             std::fmax(std::fabs(rounded), smallest))
                                      : 0.0;
    }
    // The first number beyond the range stands for infinity.
    const double a = std::isinf(found) ? std::copysign(0x1p128, found) : found;
    const double b = std::isinf(rounded) ? std::copysign(0x1p128, rounded) : exact;
    const float size = std::fmin(std::fmax(std::fabs(rounded), smallest), largest);
    const double unit = static_cast<double>(size) - std::nextafter(size, 0.0F);
    return std::fabs(a - b) / unit;
}

struct Bound {
    std::string name;
    Emitted::Emit emit;
    std::function<double(double, double)> exact;
    float low;
    float high;
    /// What docs/semantics.md states.
    double units;
};

std::ostream& operator<<(std::ostream& out, const Bound& bound) {
    return out << bound.name;
}

class MathFunctions : public testing::TestWithParam<Bound> {};

TEST_P(MathFunctions, StayWithinTheirErrorBounds) {
    const Bound& bound = GetParam();
    const Emitted emitted(bound.emit);
    const std::vector<float> x = arguments(1, bound.low, bound.high);
    std::vector<float> y = arguments(2, bound.low, bound.high);
    std::rotate(y.begin(), y.begin() + 5, y.end());
    const std::vector<float> found = emitted(x, y);
    double worst = 0.0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        const double error =
            distance(found[k], bound.exact(static_cast<double>(flushed(x[k])), static_cast<double>(flushed(y[k]))));
        if (!(error <= worst)) {
            worst = error;
            at = k;
        }
    }
    RecordProperty("units", std::to_string(worst));
    EXPECT_LE(worst, bound.units) << bound.name << "(" << x[at] << ", " << y[at] << ") = " << found[at] << ", exactly "
                                  << bound.exact(static_cast<double>(flushed(x[at])),
                                                 static_cast<double>(flushed(y[at])));
    EXPECT_GE(worst, bound.units / 3.0) << "the bound is too generous";
}

using Unary = ir::E (*)(Scratch&, const ir::E&);
using Binary = ir::E (*)(Scratch&, const ir::E&, const ir::E&);

Bound one(const char* name, Unary emit, double (*exact)(double), float low, float high, double units) {
    return {name,
            [emit](Scratch& s, const ir::E& x, const ir::E&) { return emit(s, x); },
            [exact](double x, double) { return exact(x); },
            low,
            high,
            units};
}
Bound two(const char* name, Binary emit, double (*exact)(double, double), float low, float high, double units) {
    return {name, emit, exact, low, high, units};
}

INSTANTIATE_TEST_SUITE_P(
    All, MathFunctions,
    testing::Values(
        one("exp", models::exp, std::exp, -100.0F, 95.0F, 1.0),
        one("exp2", models::exp2, std::exp2, -130.0F, 130.0F, 1.0),
        one("expm1", models::expm1, std::expm1, -20.0F, 90.0F, 1.5), one("log", models::log, std::log, 0.0F, 4.0F, 1.0),
        one("log2", models::log2, std::log2, 0.0F, 4.0F, 2.0), one("log10", models::log10, std::log10, 0.0F, 4.0F, 2.0),
        one("log1p", models::log1p, std::log1p, -1.0F, 3.0F, 1.5),
        one("cbrt", models::cbrt, std::cbrt, -9.0F, 9.0F, 1.0), one("sin", models::sin, std::sin, -20.0F, 20.0F, 2.5),
        one("cos", models::cos, std::cos, -20.0F, 20.0F, 2.5), one("tan", models::tan, std::tan, -20.0F, 20.0F, 4.0),
        one("asin", models::asin, std::asin, -1.0F, 1.0F, 2.0), one("acos", models::acos, std::acos, -1.0F, 1.0F, 1.5),
        one("atan", models::atan, std::atan, -3.0F, 3.0F, 1.5),
        one("sinh", models::sinh, std::sinh, -90.0F, 90.0F, 2.5),
        one("cosh", models::cosh, std::cosh, -90.0F, 90.0F, 2.5),
        one("tanh", models::tanh, std::tanh, -5.0F, 5.0F, 3.0),
        one("asinh", models::asinh, std::asinh, -9.0F, 9.0F, 2.0),
        one("acosh", models::acosh, std::acosh, 1.0F, 9.0F, 2.0),
        one("atanh", models::atanh, std::atanh, -1.0F, 1.0F, 2.0), one("erf", models::erf, std::erf, -4.0F, 4.0F, 1.0),
        two("atan2", models::atan2, std::atan2, -3.0F, 3.0F, 2.0), two("pow", models::pow, std::pow, 0.0F, 40.0F, 2.0),
        two("hypot", models::hypot, std::hypot, -9.0F, 9.0F, 2.0)),
    [](const testing::TestParamInfo<Bound>& info) { return info.param.name; });

/// Functions whose result is a number of f32 as it is.
class ExactFunctions : public testing::TestWithParam<Bound> {};

TEST_P(ExactFunctions, GiveTheExactResult) {
    const Bound& bound = GetParam();
    const Emitted emitted(bound.emit);
    const std::vector<float> x = arguments(3, bound.low, bound.high);
    std::vector<float> y = arguments(4, bound.low, bound.high);
    std::rotate(y.begin(), y.begin() + 5, y.end());
    const std::vector<float> found = emitted(x, y);
    for (std::size_t k = 0; k < x.size(); ++k) {
        const auto exact = flushed(
            static_cast<float>(bound.exact(static_cast<double>(flushed(x[k])), static_cast<double>(flushed(y[k])))));
        if (std::isnan(exact)) {
            EXPECT_TRUE(std::isnan(found[k])) << bound.name << "(" << x[k] << ", " << y[k] << ")";
        } else {
            EXPECT_EQ(flushed(found[k]), exact) << bound.name << "(" << x[k] << ", " << y[k] << ")";
            EXPECT_TRUE(exact == 0.0F || std::signbit(found[k]) == std::signbit(exact));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ExactFunctions,
                         testing::Values(one("trunc", models::trunc, std::trunc, -9.0F, 9.0F, 0.0),
                                         one("round", models::round, std::round, -9.0F, 9.0F, 0.0),
                                         two("copysign", models::copysign, std::copysign, -9.0F, 9.0F, 0.0),
                                         two("fdim", models::fdim, std::fdim, -9.0F, 9.0F, 0.0),
                                         two("fmod", models::fmod, std::fmod, -9.0F, 9.0F, 0.0),
                                         two("remainder", models::remainder, std::remainder, -9.0F, 9.0F, 0.0)),
                         [](const testing::TestParamInfo<Bound>& info) { return info.param.name; });

TEST(MathFunctions, ScaleByPowersOfTwo) {
    const Emitted scaled(
        [](Scratch& s, const ir::E& x, const ir::E& y) { return models::ldexp(s, x, ir::convert(y, ir::Type::i32)); });
    for (const float x : {1.5F, -3.0F, 0.0F, smallest, largest}) {
        for (const int n : {0, 1, -1, 23, -23, 100, -126, 127, 128, -149, 200, -200, 254, -254, 277, 1000, -1000}) {
            EXPECT_EQ(scaled(x, static_cast<float>(n)), flushed(std::ldexp(x, n))) << x << " " << n;
        }
    }
}

TEST(MathFunctions, FindTheExponent) {
    const Emitted exponent(
        [](Scratch& s, const ir::E& x, const ir::E&) { return ir::convert(models::ilogb(s, x), ir::Type::f32); });
    for (const float x : {1.0F, 1.99F, -2.0F, 0.3F, smallest, largest}) {
        EXPECT_EQ(exponent(x), static_cast<float>(std::ilogb(x))) << x;
    }
    EXPECT_EQ(exponent(0.0F), -0x1p31F);
    EXPECT_EQ(exponent(subnormal), -0x1p31F);
    EXPECT_EQ(exponent(nan), -0x1p31F);
    EXPECT_EQ(exponent(-infinity), 0x1p31F);
}

}  // namespace
}  // namespace mlgenn::test
