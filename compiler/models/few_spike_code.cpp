// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/few_spike_code.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

/// Where the bits of negative spikes begin.
constexpr std::uint32_t negative_bits = 16;
/// Planes of weights that are not multiples of a large enough power of two have at most so many bits.
constexpr std::uint32_t most_rounded_bits = 8;

E shift_left(const E& value, const E& by) {
    return ir::binary(ir::BinaryOp::shift_left, value, by);
}
E shift_right(const E& value, const E& by) {
    return ir::binary(ir::BinaryOp::shift_right, value, by);
}
E bit_and(const E& a, const E& b) {
    return ir::binary(ir::BinaryOp::bit_and, a, b);
}

E is_negative_step(const E& p) {
    return p % E(2U) == E(1U);
}

/// Leaves room for rounded weights: their sums stay below 2^24 in a step, so that f32 holds them, and below 2^31 over
/// the bits of a plane. From 2^-60 to 2^60 products with the worth of a bit are normal f32s.
int scale_for(double max_abs_input, std::uint32_t bits_per_plane) {
    if (max_abs_input == 0.0) {
        return 0;
    }
    const int most = std::min(23, 30 - static_cast<int>(bits_per_plane));
    const double scale = std::floor(std::log2(std::ldexp(1.0, most) / max_abs_input));
    return static_cast<int>(std::clamp(scale, -60.0, 60.0));
}

}  // namespace

int fraction_bits(std::span<const float> weights) {
    int most = std::numeric_limits<int>::min();
    for (const float weight : weights) {
        if (weight != 0.0F) {
            int exponent = 0;
            const double mantissa = std::frexp(static_cast<double>(weight), &exponent);
            const auto digits = static_cast<std::uint32_t>(std::abs(std::ldexp(mantissa, 24)));
            most = std::max(most, 24 - exponent - std::countr_zero(digits));
        }
    }
    return most;
}

ir::FewSpikeSums choose_few_spike_sums(const ir::FewSpikeCode& source, double max_abs_input, int fraction_bits) {
    const std::uint32_t bits = source.num_bits();
    const std::uint32_t most_planes = (bits + most_rounded_bits - 1) / most_rounded_bits;
    ir::FewSpikeSums sums{.source = source};
    for (std::uint32_t planes = 1; planes <= most_planes; ++planes) {
        sums.bits_per_plane = (bits + planes - 1) / planes;
        sums.scale_log2 = scale_for(max_abs_input, sums.bits_per_plane);
        if (sums.scale_log2 >= fraction_bits) {
            break;
        }
    }
    return sums;
}

E few_spike_bit(const ir::FewSpikeCode& code, const E& p) {
    return E(code.num_bits() - 1) - (code.is_signed ? p / E(2U) : p);
}

E few_spike_worth(const ir::FewSpikeCode& code, const E& p) {
    constexpr std::uint32_t exponent_of_one = 127;
    const E power = shift_left(E(exponent_of_one) + few_spike_bit(code, p), E(23U));
    return E(code.unit()) * ir::bitcast(power, Type::f32);
}

E few_spike_fires(const ir::FewSpikeCode& code, const E& left, const E& p) {
    const E worth = few_spike_worth(code, p);
    return code.is_signed ? ir::select(is_negative_step(p), left < -worth, left >= worth) : left >= worth;
}

E few_spike_rest(const ir::FewSpikeCode& code, const E& left, const E& p) {
    const E worth = few_spike_worth(code, p);
    return code.is_signed ? ir::select(is_negative_step(p), left + worth, left - worth) : left - worth;
}

E few_spike_value(const ir::FewSpikeSums& sums, std::span<const E> planes) {
    E value = ir::convert(planes[0], Type::f32) * E(sums.plane_unit(0));
    for (std::uint32_t plane = 1; plane < planes.size(); ++plane) {
        value = value + ir::convert(planes[plane], Type::f32) * E(sums.plane_unit(plane));
    }
    return value;
}

E few_spike_encode(CodeBuilder& code_builder, const ir::FewSpikeCode& code, const E& value) {
    E left = value;
    E number = E(0);
    for (std::uint32_t p = 0; p < code.k; ++p) {
        const std::string step = std::to_string(p);
        // Constants here: the steps are written out.
        const E worth = E(std::ldexp(code.unit(), static_cast<int>(code.bit_of_step(p))));
        const bool negative = code.is_signed && p % 2 == 1;
        const E fires = code_builder.let("fires_" + step, negative ? left < -worth : left >= worth);
        const std::uint32_t bit = code.bit_of_step(p) + (negative ? negative_bits : 0);
        number = code_builder.let("number_" + step,
                                  ir::binary(ir::BinaryOp::bit_or, number, ir::select(fires, E(1 << bit), E(0))));
        left = code_builder.let("left_" + step, ir::select(fires, negative ? left + worth : left - worth, left));
    }
    return number;
}

E few_spike_plane(const ir::FewSpikeSums& sums, const E& code, std::uint32_t plane) {
    const std::uint32_t bits = sums.source.num_bits();
    const std::uint32_t first = plane * sums.bits_per_plane;
    if (!sums.source.is_signed && sums.num_planes() == 1) {
        return code;
    }
    const E mask = E(static_cast<int>((1U << std::min(sums.bits_per_plane, bits - first)) - 1U));
    const auto part = [&](std::uint32_t begin) { return bit_and(shift_right(code, E(static_cast<int>(begin))), mask); };
    return sums.source.is_signed ? part(first) - part(first + negative_bits) : part(first);
}

E few_spike_sent(const ir::FewSpikeCode& code, const E& number, const E& p) {
    E bit = few_spike_bit(code, p);
    if (code.is_signed) {
        bit = bit + p % E(2U) * E(negative_bits);
    }
    return bit_and(shift_right(ir::bitcast(number, Type::u32), bit), E(1U));
}

}  // namespace mlgenn::models
