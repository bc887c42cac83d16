// SPDX-License-Identifier: Apache-2.0
// Reading the rows that generated code records: bits of spikes, and values in any storage.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

inline constexpr std::uint32_t raster_word_bits = 32;

/// Words of a raster row.
[[nodiscard]] inline std::size_t raster_words(std::uint32_t num_neurons) {
    return (std::size_t{num_neurons} + raster_word_bits - 1) / raster_word_bits;
}

/// Bits of the neurons in `neurons`, as in a raster row.
[[nodiscard]] inline std::vector<std::uint32_t> raster_mask(std::span<const std::uint32_t> neurons,
                                                            std::uint32_t num_neurons) {
    std::vector<std::uint32_t> mask(raster_words(num_neurons), 0);
    for (const std::uint32_t neuron : neurons) {
        mask[neuron / raster_word_bits] |= 1U << (neuron % raster_word_bits);
    }
    return mask;
}

/// Calls visit(step, neuron) for every spike of the neurons in `mask`, by ascending step and neuron.
template <class Visit>
void for_each_spike(std::span<const std::byte> rows, std::size_t row_bytes, std::span<const std::uint32_t> mask,
                    const Visit& visit) {
    const std::size_t num_steps = row_bytes == 0 ? 0 : rows.size() / row_bytes;
    for (std::size_t step = 0; step < num_steps; ++step) {
        for (std::size_t word = 0; word < mask.size(); ++word) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, rows.data() + step * row_bytes + word * sizeof(bits), sizeof(bits));
            for (bits &= mask[word]; bits != 0; bits &= bits - 1) {
                visit(static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(word) * raster_word_bits +
                                                            static_cast<std::uint32_t>(std::countr_zero(bits)));
            }
        }
    }
}

/// Number of spikes of the neurons in `mask`.
[[nodiscard]] inline std::size_t count_spikes(std::span<const std::byte> rows, std::size_t row_bytes,
                                              std::span<const std::uint32_t> mask) {
    std::size_t count = 0;
    const std::size_t num_steps = row_bytes == 0 ? 0 : rows.size() / row_bytes;
    for (std::size_t step = 0; step < num_steps; ++step) {
        for (std::size_t word = 0; word < mask.size(); ++word) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, rows.data() + step * row_bytes + word * sizeof(bits), sizeof(bits));
            count += static_cast<std::size_t>(std::popcount(bits & mask[word]));
        }
    }
    return count;
}

/// The first values.size() values of one row as f32.
void widen(Storage storage, std::span<const std::byte> row, std::span<float> values);

}  // namespace mlgenn::runtime
