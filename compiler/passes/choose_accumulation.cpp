// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

/// Largest s for which integers weight * 2^s sum to less than 2^30 whatever spikes arrive.
int scale_for(double max_abs_input) {
    if (max_abs_input == 0.0) {
        return 0;
    }
    const int scale = static_cast<int>(std::floor(std::log2(std::ldexp(1.0, 30) / max_abs_input)));
    return std::clamp(scale, -126, 126);
}

std::int32_t scaled(float weight, int scale_log2) {
    return static_cast<std::int32_t>(std::nearbyint(std::ldexp(static_cast<double>(weight), scale_log2)));
}

template <class T>
std::shared_ptr<const std::vector<std::byte>> narrowed(const std::vector<std::int32_t>& values) {
    std::vector<T> narrow(values.begin(), values.end());
    const auto bytes = std::as_bytes(std::span(narrow));
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

/// Common factors of two carry no information: sums and their conversion to f32 are the same without them.
int common_trailing_zeros(const std::vector<std::int32_t>& values) {
    std::uint32_t seen = 0;
    for (const std::int32_t value : values) {
        seen |= static_cast<std::uint32_t>(value);
    }
    return seen == 0 ? 0 : std::countr_zero(seen);
}

void store_narrow(ir::Buffer& buffer, const std::vector<std::int32_t>& values) {
    const auto ends = std::minmax_element(values.begin(), values.end());
    const auto fits = [&](auto limits) {
        return values.empty() || (*ends.first >= limits.min() && *ends.second <= limits.max());
    };
    if (fits(std::numeric_limits<std::int8_t>())) {
        buffer.storage = Storage::i8;
        buffer.data = narrowed<std::int8_t>(values);
    } else if (fits(std::numeric_limits<std::int16_t>())) {
        buffer.storage = Storage::i16;
        buffer.data = narrowed<std::int16_t>(values);
    } else {
        buffer.storage = Storage::i32;
        buffer.data = narrowed<std::int32_t>(values);
    }
}

void make_weights_integer(ir::Program& program, ir::Accumulator& accumulator) {
    ir::Buffer& buffer = program.buffer(*accumulator.weights);
    std::vector<std::int32_t> values(buffer.count);
    for (std::size_t k = 0; k < values.size(); ++k) {
        float weight = 0.0F;
        std::memcpy(&weight, buffer.data->data() + k * sizeof(float), sizeof(float));
        values[k] = scaled(weight, accumulator.scale_log2);
    }
    // 2^-scale must stay a finite f32.
    const int shift = std::min(common_trailing_zeros(values), std::max(accumulator.scale_log2 + 127, 0));
    for (std::int32_t& value : values) {
        value >>= shift;
    }
    accumulator.scale_log2 -= shift;
    store_narrow(buffer, values);
}

/// Rewrites the weights that statements add: loads become integer loads, literals become integers.
ir::ExprPtr integer_weight(const ir::Accumulator& accumulator, const ir::ExprPtr& weight) {
    if (const auto* literal = std::get_if<ir::Literal>(&weight->node)) {
        return ir::E(scaled(std::bit_cast<float>(literal->bits), accumulator.scale_log2)).ptr();
    }
    if (const auto* load = std::get_if<ir::Load>(&weight->node)) {
        return ir::load(load->buffer, ir::Type::i32, ir::E(load->index)).ptr();
    }
    if (const auto* unary = std::get_if<ir::Unary>(&weight->node);
        unary != nullptr && unary->op == ir::UnaryOp::negate) {
        return (-ir::E(integer_weight(accumulator, unary->operand))).ptr();
    }
    throw InternalError("connection '" + accumulator.connection +
                        "' adds something that is neither a weight nor a number");
}

}  // namespace

void choose_accumulation(ir::Program& program, const CompilerOptions& options, const backends::Limits&) {
    const bool exact = options.accumulation == Accumulation::exact;
    for (ir::Accumulator& accumulator : program.accumulators) {
        accumulator.form = exact ? ir::Accumulator::Form::i32 : ir::Accumulator::Form::f32;
        if (exact) {
            accumulator.scale_log2 = accumulator.fixed_scale_log2.value_or(scale_for(accumulator.max_abs_input));
            if (accumulator.weights) {
                make_weights_integer(program, accumulator);
            }
        }
    }
    if (!exact) {
        return;
    }
    for (ir::TimeLoop& loop : program.loops) {
        for (ir::Phase& phase : loop.phases) {
            phase.body = ir::rewrite_block(phase.body, [&](const ir::StmtPtr& stmt) -> ir::Block {
                const auto* add = std::get_if<ir::Accumulate>(&stmt->node);
                if (add == nullptr) {
                    return {stmt};
                }
                const ir::Accumulator& accumulator = program.accumulator(add->accumulator);
                return {ir::make(ir::Accumulate{add->accumulator, add->target, integer_weight(accumulator, add->weight),
                                                add->delay})};
            });
        }
    }
}

}  // namespace mlgenn::passes
