// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/language/trigonometry.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace mlgenn::reference {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float half_pi = 1.57079637f;

struct Angle {
    std::int32_t quarter;
    float rest;
};

/// Payne and Hanek with a product of 192 bits.
Angle reduce_large(float a) {
    constexpr std::uint32_t two_over_pi[6] = {0x3c439041U, 0xdb629599U, 0xf534ddc0U,
                                              0xfc2757d1U, 0x4e441529U, 0xa2f9836eU};
    const auto bits = std::bit_cast<std::uint32_t>(a);
    const std::uint64_t mantissa = ((bits & 0x7fffffU) | 0x800000U) << 8;
    const std::uint32_t exponent = (bits >> 23) - 128;
    std::uint32_t product[7];
    std::uint64_t carry = 0;
    for (int k = 0; k < 6; ++k) {
        carry += mantissa * two_over_pi[k];
        product[k] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    product[6] = static_cast<std::uint32_t>(carry);
    const std::uint32_t top = 6 - exponent / 32;
    std::uint64_t turns = (std::uint64_t{product[top]} << 32) | product[top - 1];
    if (const std::uint32_t left = exponent % 32; left != 0) {
        turns = (turns << left) | (product[top - 2] >> (32 - left));
    }
    auto quarter = static_cast<std::int32_t>(turns >> 62);
    std::uint64_t fraction = turns << 2;
    const bool past_half = fraction >> 63 != 0;
    if (past_half) {
        quarter += 1;
        fraction = 0 - fraction;
    }
    const auto high = static_cast<float>(static_cast<std::uint32_t>(fraction >> 32));
    const auto low = static_cast<float>(static_cast<std::uint32_t>(fraction));
    const float scaled = high * 0x1p-32f;
    const float angle = std::fma(low, 0x1p-64f, scaled) * half_pi;
    return {quarter, past_half ? -angle : angle};
}

Angle reduce(float x) {
    if (std::fabs(x) > 100000.0f) {
        const Angle large = reduce_large(std::fabs(x));
        return x < 0.0f ? Angle{-large.quarter, -large.rest} : large;
    }
    const float whole = std::nearbyint(x * 0.636619747f);
    float rest = std::fma(whole, -1.57079601f, x);
    rest = std::fma(whole, -3.13916473e-7f, rest);
    rest = std::fma(whole, -5.39030253e-15f, rest);
    return {static_cast<std::int32_t>(whole), rest};
}

float sine(float r) {
    const float s = r * r;
    float p = 2.86567956e-6f;
    p = std::fma(p, s, -1.98559923e-4f);
    p = std::fma(p, s, 8.33338592e-3f);
    p = std::fma(p, s, -1.66666672e-1f);
    return std::fma(p, r * s, r);
}

float cosine(float r) {
    const float s = r * r;
    float p = 2.44677067e-5f;
    p = std::fma(p, s, -1.38877297e-3f);
    p = std::fma(p, s, 4.16666567e-2f);
    p = std::fma(p, s, -0.5f);
    return std::fma(p, s, 1.0f);
}

/// The sine of `quarter` quarter turns and `rest`.
float sine_at(std::int32_t quarter, float rest) {
    const float value = (quarter & 1) != 0 ? cosine(rest) : sine(rest);
    return (quarter & 2) != 0 ? -value : value;
}

float arcsine(float z, float square) {
    float p = 4.2163199048e-2f;
    p = std::fma(p, square, 2.4181311049e-2f);
    p = std::fma(p, square, 4.5470025998e-2f);
    p = std::fma(p, square, 7.4953002686e-2f);
    p = std::fma(p, square, 1.6666752422e-1f);
    return std::fma(p * square, z, z);
}

/// asin a up to 1/2; beyond, half of acos a.
float arc(float a) {
    if (a > 0.5f) {
        const float square = (1.0f - a) * 0.5f;
        return arcsine(std::sqrt(square), square);
    }
    return arcsine(a, a * a);
}

float arctangent(float t) {
    const float s = t * t;
    float p = 0.00282363896258175373f;
    for (const float next :
         {-0.0159569028764963150f, 0.0425049886107444763f, -0.0748900920152664184f, 0.106347933411598205f,
          -0.142027363181114197f, 0.199926957488059997f, -0.333331018686294555f}) {
        p = std::fma(p, s, next);
    }
    return std::fma(p * s, t, t);
}

float from_half_pi(float angle) {
    const float high = half_pi - angle;
    return high + -4.37113883e-8f;
}

}  // namespace

float sin_function(float x) {
    if (!(std::fabs(x) < infinity)) {
        return not_a_number;
    }
    const Angle angle = reduce(x);
    return x == 0.0f ? x + x : sine_at(angle.quarter, angle.rest);
}

float cos_function(float x) {
    if (!(std::fabs(x) < infinity)) {
        return not_a_number;
    }
    const Angle angle = reduce(x);
    return sine_at(angle.quarter + 1, angle.rest);
}

float tan_function(float x) {
    if (!(std::fabs(x) < infinity)) {
        return not_a_number;
    }
    if (x == 0.0f) {
        return x + x;
    }
    const Angle angle = reduce(x);
    const float s = sine(angle.rest);
    const float c = cosine(angle.rest);
    return (angle.quarter & 1) != 0 ? -c / s : s / c;
}

float asin_function(float x) {
    const float a = std::fabs(x);
    if (!(a <= 1.0f)) {
        return not_a_number;
    }
    const float angle = arc(a);
    if (a > 0.5f) {
        const float large = std::fma(angle, -2.0f, half_pi);
        return std::copysign(large + -4.37113883e-8f, x);
    }
    return std::copysign(angle, x);
}

float acos_function(float x) {
    const float a = std::fabs(x);
    if (!(a <= 1.0f)) {
        return not_a_number;
    }
    const float angle = arc(a);
    if (a > 0.5f) {
        const float twice = angle + angle;
        const float high = 3.14159274f - twice;
        return x < 0.0f ? high + -8.74227766e-8f : twice;
    }
    const float low = -4.37113883e-8f - std::copysign(angle, x);
    return low + half_pi;
}

float atan_function(float x) {
    if (std::isnan(x)) {
        return not_a_number;
    }
    const float a = std::fabs(x);
    return std::copysign(a > 1.0f ? from_half_pi(arctangent(1.0f / a)) : arctangent(a), x);
}

float atan2_function(float y, float x) {
    if (std::isnan(x) || std::isnan(y)) {
        return not_a_number;
    }
    const float height = std::fabs(y);
    const float width = std::fabs(x);
    const bool steep = height > width;
    const float larger = steep ? height : width;
    float ratio = 0.0f;
    if (height == infinity && width == infinity) {
        ratio = 1.0f;
    } else if (larger != 0.0f) {
        ratio = (steep ? width : height) / larger;
    }
    float angle = arctangent(ratio);
    if (steep) {
        angle = from_half_pi(angle);
    }
    if (std::signbit(x)) {
        const float high = 3.14159274f - angle;
        angle = high + -8.74227766e-8f;
    }
    return std::copysign(angle, y);
}

float cos_of_turns(float x) {
    const float quarters = x * 4.0f;
    const float whole = std::nearbyint(quarters);
    const float rest = (quarters - whole) * half_pi;
    return sine_at(static_cast<std::int32_t>(whole) + 1, rest);
}

}  // namespace mlgenn::reference
