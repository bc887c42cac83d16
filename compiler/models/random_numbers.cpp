// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/random_numbers.h"

#include "compiler/models/math/functions.h"
#include "compiler/models/random_code.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

/// Tries of a rejection; the chance that all of them fail is below 10^-12.
constexpr std::uint32_t num_tries = 24;

/// (0, 1], for logarithms.
E above_zero(const E& word) {
    return ir::fma(ir::convert(word, Type::f32), E(0x1p-32F), E(0x1p-33F));
}

/// What Stirling's formula for log(k!) leaves out.
E stirling_rest(Scratch& s, const E& k) {
    const E inverse = s.bind(E(1.0F) / (k + E(1.0F)));
    const E square = s.bind(inverse * inverse);
    constexpr std::array<float, 3> coefficients = {7.93650794e-4F, -2.77777778e-3F, 8.33333333e-2F};
    return s.bind(polynomial(square, coefficients) * inverse);
}

E normal_from(Scratch& s, const E& word_0, const E& word_1) {
    const E radius = s.bind(ir::unary(ir::UnaryOp::sqrt, log(s, above_zero(word_0)) * E(-2.0F)));
    return s.bind(radius * cos_of_turns(s, uniform_from(word_1)));
}

}  // namespace

RandomNumbers::RandomNumbers(Scratch& scratch, PhiloxKey key, const std::array<E, 3>& place)
    : s_(scratch), key_(key), place_(place), draws_(scratch.variable(E(0U))) {}

std::array<E, 4> RandomNumbers::block() {
    const std::array<E, 4> words =
        philox4x32(s_.code(), s_.fresh_name(), key_, {place_[0], place_[1], place_[2], draws_});
    s_.assign(draws_, draws_ + E(1U));
    return words;
}

E RandomNumbers::word() {
    return block()[0];
}

E RandomNumbers::uniform() {
    return s_.bind(uniform_from(word()));
}

E RandomNumbers::normal() {
    const std::array<E, 4> words = block();
    return normal_from(s_, words[0], words[1]);
}

E RandomNumbers::exponential() {
    return s_.bind(-log(s_, above_zero(word())));
}

E RandomNumbers::log_normal(const E& mean, const E& standard_deviation) {
    return exp(s_, ir::fma(normal(), standard_deviation, mean));
}

E RandomNumbers::gamma(const E& given) {
    const E shape = s_.bind(given);
    const E is_small = s_.bind(shape < E(1.0F));
    const E d = s_.bind(ir::select(is_small, shape + E(1.0F), shape) - E(1.0F / 3.0F));
    const E c = s_.bind(E(1.0F) / ir::unary(ir::UnaryOp::sqrt, d * E(9.0F)));
    const E result = s_.variable(d);
    const E found = s_.variable(E(false));
    s_.code().loop(s_.fresh_name(), E(0U), E(num_tries), ir::LoopKind::serial, [&](const E&) {
        s_.code().when(!found, [&] {
            const std::array<E, 4> words = block();
            const E x = normal_from(s_, words[0], words[1]);
            const E root = s_.bind(ir::fma(c, x, E(1.0F)));
            const E v = s_.bind(root * root * root);
            const E limit = ir::fma(x * E(0.5F), x, d * ((E(1.0F) - v) + log(s_, v)));
            s_.assign(found, v > E(0.0F) && log(s_, above_zero(words[2])) < limit);
            s_.assign(result, ir::select(found, d * v, result));
        });
    });
    // Below 1: of the shape one larger, times u^(1 / shape).
    const E power = exp(s_, log(s_, above_zero(word())) / shape);
    const E scaled = ir::select(is_small, result * power, result);
    return s_.bind(ir::select(shape > E(0.0F), scaled, not_a_number()));
}

E RandomNumbers::binomial(const E& n, const E& given_p) {
    const E trials = s_.bind(ir::convert(n, Type::f32));
    const E p = s_.bind(ir::min(ir::max(given_p, E(0.0F)), E(1.0F)));
    const E is_flipped = s_.bind(p > E(0.5F));
    const E rare = s_.bind(ir::select(is_flipped, E(1.0F) - p, p));
    const E count = s_.variable(E(0.0F));
    constexpr float largest_mean_for_inversion = 10.0F;
    s_.code().when(
        s_.bind(trials * rare < E(largest_mean_for_inversion)),
        [&] { s_.assign(count, binomial_by_inversion(trials, rare)); },
        [&] { s_.assign(count, binomial_by_rejection(trials, rare)); });
    const E bounded = ir::min(ir::max(ir::select(is_flipped, trials - count, count), E(0.0F)), E(4294967040.0F));
    return s_.bind(ir::convert(bounded, Type::u32));
}

E RandomNumbers::binomial_by_inversion(const E& trials, const E& p) {
    constexpr std::uint32_t most = 64;
    const E u = uniform();
    const E odds = s_.bind(p / (E(1.0F) - p));
    const E chance = s_.variable(exp(s_, trials * log1p(s_, -p)));
    const E sum = s_.variable(chance);
    const E count = s_.variable(E(0.0F));
    s_.code().loop(s_.fresh_name(), E(0U), E(most), ir::LoopKind::serial, [&](const E&) {
        s_.code().when(u >= sum && count < trials, [&] {
            s_.assign(chance, chance * odds * ((trials - count) / (count + E(1.0F))));
            s_.assign(count, count + E(1.0F));
            s_.assign(sum, sum + chance);
        });
    });
    return count;
}

E RandomNumbers::binomial_by_rejection(const E& n, const E& p) {
    const E one = E(1.0F);
    const E half = E(0.5F);
    const E deviation = s_.bind(ir::unary(ir::UnaryOp::sqrt, n * p * (one - p)));
    const E b = s_.bind(ir::fma(deviation, E(2.53F), E(1.15F)));
    const E a = s_.bind(ir::fma(p, E(0.01F), ir::fma(b, E(0.0248F), E(-0.0873F))));
    const E center = s_.bind(ir::fma(n, p, half));
    const E sure = s_.bind(E(0.92F) - E(4.2F) / b);
    const E odds = s_.bind(p / (one - p));
    const E alpha = s_.bind((E(2.83F) + E(5.1F) / b) * deviation);
    const E mode = s_.bind(ir::unary(ir::UnaryOp::floor, (n + one) * p));
    const E at_mode = s_.bind(ir::fma(mode + half, log(s_, (mode + one) / (odds * ((n - mode) + one))),
                                      stirling_rest(s_, mode) + stirling_rest(s_, n - mode)));
    const E result = s_.variable(mode);
    const E found = s_.variable(E(false));
    s_.code().loop(s_.fresh_name(), E(0U), E(num_tries), ir::LoopKind::serial, [&](const E&) {
        s_.code().when(!found, [&] {
            const std::array<E, 4> words = block();
            const E u = s_.bind(uniform_from(words[0]) - half);
            const E v = s_.bind(above_zero(words[1]));
            const E us = s_.bind(half - absolute(u));
            const E k = s_.bind(ir::unary(ir::UnaryOp::floor, ir::fma(ir::fma(E(2.0F), a / us, b), u, center)));
            const E inside = s_.bind(k >= E(0.0F) && k <= n);
            const E left = s_.bind((n - k) + one);
            const E ratio = log(s_, ((n - mode) + one) / left);
            const E to_k = ir::fma(k + half, log(s_, odds * left / (k + one)), at_mode);
            const E rests = stirling_rest(s_, k) + stirling_rest(s_, n - k);
            const E bound = s_.bind((ir::fma(n + one, ratio, to_k)) - rests);
            const E drawn = log(s_, v * alpha / (a / (us * us) + b));
            const E accepted = (us >= E(0.07F) && v <= sure) || drawn <= bound;
            s_.assign(found, inside && accepted);
            s_.assign(result, ir::select(found, k, result));
        });
    });
    return result;
}

}  // namespace mlgenn::models
