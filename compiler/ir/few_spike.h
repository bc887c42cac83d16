// SPDX-License-Identifier: Apache-2.0
// What few-spike populations say about themselves besides their statements (docs/few_spike.md).
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace mlgenn::ir {

enum class BufferId : std::uint32_t;
enum class QueueId : std::uint32_t;

/// How a population writes a number: as the spikes of K steps, most significant bit first.
/// Unsigned: step p is worth alpha 2^(-1-p). Signed: even steps are positive, odd ones negative, and steps 2b and 2b +
/// 1 are worth alpha 2^(-1-b).
struct FewSpikeCode {
    std::uint32_t k = 0;
    double alpha = 0.0;
    bool is_signed = false;

    /// Bits of a number's magnitude.
    [[nodiscard]] std::uint32_t num_bits() const { return is_signed ? k / 2 : k; }
    /// Worth of the least significant bit.
    [[nodiscard]] double unit() const { return std::ldexp(alpha, -static_cast<int>(num_bits())); }
    /// The bit that step `p` stands for; 0 is the least significant one.
    [[nodiscard]] std::uint32_t bit_of_step(std::uint32_t p) const { return num_bits() - 1 - (is_signed ? p / 2 : p); }
};

/// How a population adds up the codes of its sources: integer weights w 2^scale_log2 times `bits_per_plane` bits of the
/// codes at a time ("plane" 0 has the least significant ones), so that no sum leaves 32 bits.
struct FewSpikeSums {
    FewSpikeCode source{};
    int scale_log2 = 0;
    std::uint32_t bits_per_plane = 1;

    [[nodiscard]] std::uint32_t num_planes() const { return (source.num_bits() + bits_per_plane - 1) / bits_per_plane; }
    /// What 1 in the sum of a plane is worth.
    [[nodiscard]] double plane_unit(std::uint32_t plane) const {
        return std::ldexp(source.unit(), static_cast<int>(plane * bits_per_plane) - scale_log2);
    }
};

struct FewSpikePopulation {
    FewSpikeCode code{};
    /// Presentations that pass before it fires; 0 for inputs.
    std::uint32_t stage = 0;
    /// Not for inputs.
    FewSpikeSums sums{};
    /// Sums are integers; else f32, in the order of the spikes.
    bool exact = true;
    /// The readout leaves out the spikes of the sources' last step.
    bool omits_last_spike = false;
    /// The example's values, the readout and the spikes, where the population has them.
    std::optional<BufferId> input{};
    std::optional<BufferId> value{};
    std::optional<QueueId> queue{};
};

}  // namespace mlgenn::ir
