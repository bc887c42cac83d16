// SPDX-License-Identifier: Apache-2.0
// Exponentials, logarithms, powers and rounding, step by step; trigonometry.cpp has the angles.
#include "tests/reference/language/functions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "tests/reference/exponential_function.h"
#include "tests/reference/language/trigonometry.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float ln2 = 0.69314718055994531f;

std::int32_t bits_of(float x) {
    return std::bit_cast<std::int32_t>(x);
}
float with_sign_of(float size, float sign) {
    return std::copysign(size, sign);
}

float two_to(std::int32_t n) {
    return std::ldexp(1.0f, n);
}

float exponential_series(float r) {
    float sum = 1.9875691500e-4f;
    for (const float next :
         {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f}) {
        sum = std::fma(sum, r, next);
    }
    const float square = r * r;
    return std::fma(sum, square, r);
}

float exp2_function(float x) {
    if (std::isnan(x)) {
        return not_a_number;
    }
    const float bounded = std::clamp(x, -152.0f, 130.0f);
    const float whole = std::nearbyint(bounded);
    const float fraction = bounded - whole;
    const float series = exponential_series(fraction * ln2);
    const float power = series + 1.0f;
    const auto n = static_cast<std::int32_t>(whole);
    const std::int32_t half = static_cast<std::int32_t>(std::floor(whole / 2.0f));
    const float once = power * two_to(half);
    return once * two_to(n - half);
}

float expm1_function(float x) {
    if (std::isnan(x)) {
        return not_a_number;
    }
    if (x == 0.0f) {
        return x + x;
    }
    const float bounded = std::clamp(x, -40.0f, 89.0f);
    const float whole = std::nearbyint(bounded * 1.44269504088896341f);
    float r = std::fma(whole, -0.693359375f, bounded);
    r = std::fma(whole, 2.12194440e-4f, r);
    const float series = exponential_series(r);
    if (whole == 0.0f) {
        return series;
    }
    const float scale = two_to(static_cast<std::int32_t>(whole) - 1);
    const float offset = scale - 0.5f;
    const float half = std::fma(series, scale, offset);
    return half + half;
}

float half_exponential(float a) {
    const float root = exponential_function(a * 0.5f);
    const float half = root * 0.5f;
    return half * root;
}

float sinh_function(float x) {
    const float a = std::fabs(x);
    const float t = expm1_function(a);
    const float above = t + 1.0f;
    const float ratio = t / above;
    const float sum = t + ratio;
    return with_sign_of(a > 80.0f ? half_exponential(a) : 0.5f * sum, x);
}

float cosh_function(float x) {
    const float a = std::fabs(x);
    const float power = exponential_function(a);
    return a > 80.0f ? half_exponential(a) : std::fma(0.5f, power, 0.5f / power);
}

float tanh_function(float x) {
    const float t = expm1_function(std::fabs(x) * -2.0f);
    return with_sign_of(-t / (t + 2.0f), x);
}

float erf_function(float x) {
    if (std::isnan(x)) {
        return not_a_number;
    }
    if (x == 0.0f) {
        return x + x;
    }
    const float a = std::fabs(x);
    if (a > 0.927734375f) {
        const float b = std::min(a, 4.0f);
        float p = -1.72853470e-5f;
        for (const float next :
             {3.83197126e-4f, -3.88396438e-3f, 2.42546219e-2f, -1.06777877e-1f, -6.34846687e-1f, -1.28717512e-1f}) {
            p = std::fma(p, b, next);
        }
        const float power = exponential_function(std::fma(p, b, -b));
        return with_sign_of(1.0f - power, x);
    }
    const float square = a * a;
    float p = -5.96761703e-4f;
    for (const float next : {4.99119423e-3f, -2.67681349e-2f, 1.12819925e-1f, -3.76125336e-1f, 1.28379166e-1f}) {
        p = std::fma(p, square, next);
    }
    return std::fma(p, x, x);
}

/// x = 2^exponent m with m from 2/3 to 4/3: the bits by which x and m differ.
std::int32_t distance_bits(float x) {
    const std::uint32_t difference = std::bit_cast<std::uint32_t>(x) - 0x3f2aaaabU;
    return static_cast<std::int32_t>(difference & 0xff800000U);
}
float shifted(float x, std::int32_t bits) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) - static_cast<std::uint32_t>(bits));
}
float number_of(std::int32_t bits) {
    return static_cast<float>(bits) * 0x1p-23f;
}

float logarithm_series(float f) {
    const float s = f * f;
    float even = -0.130310059f;
    even = std::fma(even, s, -0.121483512f);
    even = std::fma(even, s, -0.166846126f);
    even = std::fma(even, s, -0.249996200f);
    float odd = 0.140869141f;
    odd = std::fma(odd, s, 0.139814854f);
    odd = std::fma(odd, s, 0.200120345f);
    float r = std::fma(odd, f, even);
    r = std::fma(r, f, 0.333331972f);
    r = std::fma(r, f, -0.5f);
    return std::fma(r, s, f);
}

float logarithm_limits(float x) {
    if (x == 0.0f) {
        return -infinity;
    }
    return x > 0.0f ? x : not_a_number;
}
bool has_logarithm(float x) {
    return x > 0.0f && x < infinity;
}

float log2_function(float x) {
    if (!has_logarithm(x)) {
        return logarithm_limits(x);
    }
    const std::int32_t bits = distance_bits(x);
    return std::fma(logarithm_series(shifted(x, bits) - 1.0f), 1.44269504088896341f, number_of(bits));
}

float log10_function(float x) {
    if (!has_logarithm(x)) {
        return logarithm_limits(x);
    }
    const std::int32_t bits = distance_bits(x);
    const float fraction = logarithm_series(shifted(x, bits) - 1.0f) * 0.434294481903251828f;
    return std::fma(number_of(bits), 0.301029995663981195f, fraction);
}

float asinh_function(float x) {
    const float a = std::fabs(x);
    if (a > 0x1p30f) {
        return with_sign_of(logarithm_1p(a) + ln2, x);
    }
    const float square = a * a;
    const float root = std::sqrt(square + 1.0f);
    const float ratio = square / (root + 1.0f);
    return with_sign_of(logarithm_1p(a + ratio) + 0.0f, x);
}

float acosh_function(float x) {
    if (!(x >= 1.0f)) {
        return not_a_number;
    }
    if (x > 0x1p30f) {
        return logarithm_1p(x) + ln2;
    }
    const float beyond = x - 1.0f;
    const float product = beyond * (beyond + 2.0f);
    return logarithm_1p(beyond + std::sqrt(product)) + 0.0f;
}

float atanh_function(float x) {
    const float a = std::fabs(x);
    if (!(a <= 1.0f)) {
        return not_a_number;
    }
    const float ratio = (a + a) / (1.0f - a);
    return with_sign_of(logarithm_1p(ratio) * 0.5f, x);
}

/// a^y for positive, finite a.
float positive_power(float a, float y) {
    const std::uint32_t from_root = std::bit_cast<std::uint32_t>(a) - 0x3f3504f3U;
    const auto bits = static_cast<std::int32_t>(from_root & 0xff800000U);
    const float i = number_of(bits);
    const float below = shifted(a, bits) - 1.0f;
    const float above = below + 2.0f;
    const float twice = below + below;
    const float c = twice / above;
    const float lost = below - (above - 2.0f);
    const float left = std::fma(-c, above, twice);
    const float c_low = std::fma(-c, lost, left) / above;
    const float square = c * c;
    float p = 0.000443f;
    p = std::fma(p, square, 0.00223214f);
    p = std::fma(p, square, 0.0125f);
    p = std::fma(p, square, 0.0833333333f);
    const float scaled = p * square;
    const float cubic = scaled * c;
    const float high = std::fma(i, 0.693145751953125f, c);
    const float product = i * 0.693145751953125f;
    const float rounded = c - (high - product);
    const float small = std::fma(i, 1.42860682030941723e-6f, c_low) + cubic;
    const float low = rounded + small;
    const float sum = high + low;
    const float rest = low - (sum - high);
    const float exponent = sum * y;
    const float lower = std::fma(rest, y, std::fma(sum, y, -exponent));
    const float power = exponential_function(exponent);
    if (power == 0.0f || power == infinity || std::isnan(lower)) {
        return power;
    }
    return std::fma(power, lower, power);
}

float size_of_power(float a, float y) {
    if (std::fabs(y) == infinity) {
        if (a == 1.0f) {
            return 1.0f;
        }
        const bool grows = y > 0.0f ? a > 1.0f : a < 1.0f;
        return grows ? infinity : 0.0f;
    }
    if (a > 0.0f && a < infinity) {
        return positive_power(a, y);
    }
    const bool inverted = y < 0.0f;
    return (a == 0.0f) == inverted ? infinity : 0.0f;
}

float pow_function(float x, float y) {
    if (x == 1.0f || y == 0.0f) {
        return 1.0f;
    }
    const bool whole = std::nearbyint(y) == y;
    if (std::isnan(x) || std::isnan(y) || (x < 0.0f && x > -infinity && !whole)) {
        return not_a_number;
    }
    const float size = size_of_power(std::fabs(x), y);
    const float half = y * 0.5f;
    const bool odd = whole && std::fabs(y) != infinity && std::nearbyint(half) != half;
    return std::signbit(x) && odd ? -size : size;
}

float cbrt_function(float x) {
    const float a = std::fabs(x);
    if (a == 0.0f || !(a < infinity)) {
        return x + x;
    }
    const auto third = static_cast<std::uint32_t>((std::uint64_t{std::bit_cast<std::uint32_t>(a)} * 0x55555556U) >> 32);
    float root = std::bit_cast<float>(third + 709958130U);
    for (int step = 0; step < 3; ++step) {
        const float square = root * root;
        const float error = root - a / square;
        root = std::fma(error, -1.0f / 3.0f, root);
    }
    return with_sign_of(root, x);
}

float hypot_function(float x, float y) {
    const float a = std::fabs(x);
    const float b = std::fabs(y);
    if (a == infinity || b == infinity) {
        return infinity;
    }
    if (std::isnan(a) || std::isnan(b)) {
        return not_a_number;
    }
    const float larger = a > b ? a : b;
    if (larger == 0.0f) {
        return 0.0f;
    }
    const float ratio = (a > b ? b : a) / larger;
    return larger * std::sqrt(std::fma(ratio, ratio, 1.0f));
}

/// Exact, so the C++ library's is the same but for subnormal results.
float fmod_function(float x, float y) {
    if (!(std::fabs(x) < infinity) || !(std::fabs(y) > 0.0f)) {
        return not_a_number;
    }
    return with_sign_of(static_cast<float>(std::fmod(static_cast<double>(x), static_cast<double>(y))), x);
}

float flushed(float x) {
    return std::fabs(x) < std::numeric_limits<float>::min() ? with_sign_of(0.0f, x) : x;
}

float round_function(float x) {
    const float a = std::fabs(x);
    const float below = std::floor(a);
    return with_sign_of(a - below >= 0.5f ? below + 1.0f : below, x);
}

using One = float (*)(float);
using Two = float (*)(float, float);
struct OneRow {
    std::string_view name;
    One apply;
};
struct TwoRow {
    std::string_view name;
    Two apply;
};

constexpr std::array one_table{
    OneRow{"acos", acos_function},
    OneRow{"acosh", acosh_function},
    OneRow{"asin", asin_function},
    OneRow{"asinh", asinh_function},
    OneRow{"atan", atan_function},
    OneRow{"atanh", atanh_function},
    OneRow{"cbrt", cbrt_function},
    OneRow{"ceil", [](float x) { return std::ceil(x); }},
    OneRow{"cos", cos_function},
    OneRow{"cosh", cosh_function},
    OneRow{"erf", erf_function},
    OneRow{"exp", exponential_function},
    OneRow{"exp2", exp2_function},
    OneRow{"expm1", expm1_function},
    OneRow{"fabs", [](float x) { return std::fabs(x); }},
    OneRow{"floor", [](float x) { return std::floor(x); }},
    OneRow{"log", logarithm},
    OneRow{"log10", log10_function},
    OneRow{"log1p", logarithm_1p},
    OneRow{"log2", log2_function},
    OneRow{"nearbyint", [](float x) { return std::nearbyint(x); }},
    OneRow{"rint", [](float x) { return std::nearbyint(x); }},
    OneRow{"round", round_function},
    OneRow{"sin", sin_function},
    OneRow{"sinc", [](float x) { return x == 0.0f ? 1.0f : sin_function(x) / x; }},
    OneRow{"sinh", sinh_function},
    OneRow{"sqrt", [](float x) { return std::sqrt(x); }},
    OneRow{"tan", tan_function},
    OneRow{"tanh", tanh_function},
    OneRow{"trunc", [](float x) { return with_sign_of(std::floor(std::fabs(x)), x); }},
};

constexpr std::array two_table{
    TwoRow{"atan2", atan2_function},
    TwoRow{"copysign", [](float x, float y) { return with_sign_of(x, y); }},
    TwoRow{"fdim", [](float x, float y) { return x > y ? x - y : (x <= y ? 0.0f : not_a_number); }},
    TwoRow{"fmax", [](float x, float y) { return std::isnan(y) ? x : (x > y ? x : y); }},
    TwoRow{"fmin", [](float x, float y) { return std::isnan(y) ? x : (x < y ? x : y); }},
    TwoRow{"fmod", [](float x, float y) { return flushed(fmod_function(x, y)); }},
    TwoRow{"hypot", hypot_function},
    TwoRow{"pow", pow_function},
    TwoRow{"remainder",
           [](float x, float y) {
               const bool defined = std::fabs(x) < infinity && std::fabs(y) > 0.0f;
               return defined
                          ? flushed(static_cast<float>(std::remainder(static_cast<double>(x), static_cast<double>(y))))
                          : not_a_number;
           }},
};

}  // namespace

float logarithm(float x) {
    if (!has_logarithm(x)) {
        return logarithm_limits(x);
    }
    const std::int32_t bits = distance_bits(x);
    return std::fma(number_of(bits), ln2, logarithm_series(shifted(x, bits) - 1.0f));
}

float logarithm_1p(float x) {
    if (x == 0.0f) {
        return x + x;
    }
    const float sum = x + 1.0f;
    if (!has_logarithm(sum)) {
        return logarithm_limits(sum);
    }
    const std::int32_t bits = distance_bits(sum);
    const float unit = std::fma(shifted(4.0f, bits), 0.25f, -1.0f);
    const float f = shifted(x, bits) + unit;
    return std::fma(number_of(bits), ln2, logarithm_series(f));
}

float scaled_by_power(float x, std::int32_t exponent) {
    const double exact = std::ldexp(static_cast<double>(x), std::clamp(exponent, -300, 300));
    return flushed(static_cast<float>(exact));
}

std::int32_t exponent_of(float x) {
    const float a = std::fabs(x);
    if (a == infinity) {
        return std::numeric_limits<std::int32_t>::max();
    }
    return a > 0.0f ? (bits_of(a) >> 23) - 127 : std::numeric_limits<std::int32_t>::min();
}

float apply_function(std::string_view name, std::span<const float> arguments) {
    for (const OneRow& row : one_table) {
        if (row.name == name) {
            return row.apply(arguments[0]);
        }
    }
    for (const TwoRow& row : two_table) {
        if (row.name == name) {
            return row.apply(arguments[0], arguments[1]);
        }
    }
    if (name == "fma") {
        return std::fma(arguments[0], arguments[1], arguments[2]);
    }
    throw Unsupported("the reference does not know function '" + std::string(name) + "'");
}

}  // namespace mlgenn::reference
