// SPDX-License-Identifier: Apache-2.0
// Few-spike codes as IR: what the neuron models and the collapsing pass share.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "compiler/ir/expr.h"
#include "compiler/ir/few_spike.h"
#include "compiler/models/builders.h"

namespace mlgenn::models {

/// f32 has no more bits than so many steps code.
constexpr std::uint32_t max_few_spike_steps = 24;

/// The planes and the scale for sources with this code: `max_abs_input` bounds the sum of |weight| that one neuron can
/// receive, and every weight is a multiple of 2^-fraction_bits.
[[nodiscard]] ir::FewSpikeSums choose_few_spike_sums(const ir::FewSpikeCode& source, double max_abs_input,
                                                     int fraction_bits);
/// The smallest b for which all weights are multiples of 2^-b.
[[nodiscard]] int fraction_bits(std::span<const float> weights);

/// The bit that step `p` (u32, below k) stands for (u32).
[[nodiscard]] ir::E few_spike_bit(const ir::FewSpikeCode& code, const ir::E& p);
/// What a spike of step `p` (u32, below k) is worth to a neuron with this code (f32, without sign).
[[nodiscard]] ir::E few_spike_worth(const ir::FewSpikeCode& code, const ir::E& p);
/// Whether a neuron with what is left of its value fires in step `p`, and what is left then.
[[nodiscard]] ir::E few_spike_fires(const ir::FewSpikeCode& code, const ir::E& left, const ir::E& p);
[[nodiscard]] ir::E few_spike_rest(const ir::FewSpikeCode& code, const ir::E& left, const ir::E& p);

/// The number that the sums of all planes (i32) stand for (f32).
[[nodiscard]] ir::E few_spike_value(const ir::FewSpikeSums& sums, std::span<const ir::E> planes);

/// All spikes of a presentation as one i32: bit b is the spike worth 2^b units; bits of negative spikes stand 16
/// higher. Introduces locals.
[[nodiscard]] ir::E few_spike_encode(CodeBuilder& code_builder, const ir::FewSpikeCode& code, const ir::E& value);
/// The bits of one plane of such a number, negative ones subtracted (i32).
[[nodiscard]] ir::E few_spike_plane(const ir::FewSpikeSums& sums, const ir::E& code, std::uint32_t plane);
/// 1 if the number has the spike of step `p`, else 0 (u32).
[[nodiscard]] ir::E few_spike_sent(const ir::FewSpikeCode& code, const ir::E& number, const ir::E& p);

}  // namespace mlgenn::models
