// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/language/random_draws.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/models/random.h"
#include "tests/reference/exponential_function.h"
#include "tests/reference/language/functions.h"
#include "tests/reference/language/trigonometry.h"

namespace mlgenn::reference {
namespace {

constexpr int num_tries = 24;

float even(std::uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}
float above_zero(std::uint32_t word) {
    return std::fma(static_cast<float>(word), 0x1p-32f, 0x1p-33f);
}
float normal_of(std::uint32_t first, std::uint32_t second) {
    const float radius = std::sqrt(logarithm(above_zero(first)) * -2.0f);
    return radius * cos_of_turns(even(second));
}

float stirling_rest(float k) {
    const float inverse = 1.0f / (k + 1.0f);
    const float square = inverse * inverse;
    float p = 7.93650794e-4f;
    p = std::fma(p, square, -2.77777778e-3f);
    p = std::fma(p, square, 8.33333333e-2f);
    return p * inverse;
}

}  // namespace

RandomDraws::RandomDraws(std::uint64_t seed, const std::string& owner) : key_(models::philox_key(seed)) {
    key_[0] ^= models::stream_of(owner + ".code");
}

std::array<std::uint32_t, 4> RandomDraws::block() {
    return models::philox4x32(key_, {place_[0], place_[1], place_[2], num_draws_++});
}

float RandomDraws::uniform() {
    return even(word());
}

float RandomDraws::normal() {
    const auto words = block();
    return normal_of(words[0], words[1]);
}

float RandomDraws::exponential() {
    return -logarithm(above_zero(word()));
}

float RandomDraws::log_normal(float mean, float deviation) {
    return exponential_function(std::fma(normal(), deviation, mean));
}

float RandomDraws::gamma(float shape) {
    const bool small = shape < 1.0f;
    const float d = (small ? shape + 1.0f : shape) - 1.0f / 3.0f;
    const float c = 1.0f / std::sqrt(d * 9.0f);
    float result = d;
    for (int attempt = 0; attempt < num_tries; ++attempt) {
        const auto words = block();
        const float x = normal_of(words[0], words[1]);
        const float root = std::fma(c, x, 1.0f);
        const float square = root * root;
        const float v = square * root;
        const float difference = 1.0f - v;
        const float rest = difference + logarithm(v);
        const float product = d * rest;
        const float limit = std::fma(x * 0.5f, x, product);
        if (v > 0.0f && logarithm(above_zero(words[2])) < limit) {
            result = d * v;
            break;
        }
    }
    const float power = exponential_function(logarithm(above_zero(word())) / shape);
    if (!(shape > 0.0f)) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    return small ? result * power : result;
}

std::uint32_t RandomDraws::binomial(std::uint32_t n, float given_p) {
    const auto trials = static_cast<float>(n);
    const float p = given_p > 0.0f ? (given_p < 1.0f ? given_p : 1.0f) : 0.0f;
    const bool flipped = p > 0.5f;
    const float rare = flipped ? 1.0f - p : p;
    const float count = trials * rare < 10.0f ? by_inversion(trials, rare) : by_rejection(trials, rare);
    return static_cast<std::uint32_t>(std::clamp(flipped ? trials - count : count, 0.0f, 4294967040.0f));
}

float RandomDraws::by_inversion(float trials, float p) {
    const float u = uniform();
    const float odds = p / (1.0f - p);
    float chance = exponential_function(trials * logarithm_1p(-p));
    float sum = chance;
    float count = 0.0f;
    for (int k = 0; k < 64 && u >= sum && count < trials; ++k) {
        const float ratio = (trials - count) / (count + 1.0f);
        chance = chance * odds;
        chance = chance * ratio;
        count = count + 1.0f;
        sum = sum + chance;
    }
    return count;
}

float RandomDraws::by_rejection(float n, float p) {
    const float q = 1.0f - p;
    const float mean = n * p;
    const float deviation = std::sqrt(mean * q);
    const float b = std::fma(deviation, 2.53f, 1.15f);
    const float a = std::fma(p, 0.01f, std::fma(b, 0.0248f, -0.0873f));
    const float center = std::fma(n, p, 0.5f);
    const float sure = 0.92f - 4.2f / b;
    const float odds = p / q;
    const float alpha = (2.83f + 5.1f / b) * deviation;
    const float mode = std::floor((n + 1.0f) * p);
    const float above_mode = (n - mode) + 1.0f;
    const float rest_at_mode = stirling_rest(mode) + stirling_rest(n - mode);
    const float at_mode = std::fma(mode + 0.5f, logarithm((mode + 1.0f) / (odds * above_mode)), rest_at_mode);
    for (int attempt = 0; attempt < num_tries; ++attempt) {
        const auto words = block();
        const float u = even(words[0]) - 0.5f;
        const float v = above_zero(words[1]);
        const float us = 0.5f - std::fabs(u);
        const float k = std::floor(std::fma(std::fma(2.0f, a / us, b), u, center));
        const float left = (n - k) + 1.0f;
        const float ratio = logarithm(above_mode / left);
        const float scaled = odds * left;
        const float to_k = std::fma(k + 0.5f, logarithm(scaled / (k + 1.0f)), at_mode);
        const float rests = stirling_rest(k) + stirling_rest(n - k);
        const float bound = std::fma(n + 1.0f, ratio, to_k) - rests;
        const float height = a / (us * us) + b;
        const float product = v * alpha;
        const float drawn = logarithm(product / height);
        if (k >= 0.0f && k <= n && ((us >= 0.07f && v <= sure) || drawn <= bound)) {
            return k;
        }
    }
    return mode;
}

}  // namespace mlgenn::reference
