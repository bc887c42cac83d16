// SPDX-License-Identifier: Apache-2.0
// Matrices as padded rows, which the connectivities with full rows share.
#pragma once

#include <span>
#include <vector>

#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// Distance between rows of so many columns: whole vectors.
[[nodiscard]] inline std::size_t padded_columns(std::size_t num_columns) {
    return (num_columns + 15) / 16 * 16;
}

/// Rows padded with zeros to padded_columns(), followed by `extra_zero_rows` rows of zeros.
[[nodiscard]] std::vector<float> padded_rows(std::span<const float> values, std::size_t num_columns,
                                             std::size_t extra_zero_rows);

/// max over columns of the sum of |weight|.
[[nodiscard]] double largest_column_sum(std::span<const float> weights, std::size_t num_columns);

}  // namespace mlgenn::models
