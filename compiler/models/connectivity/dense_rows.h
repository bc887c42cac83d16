// SPDX-License-Identifier: Apache-2.0
// Matrices as padded rows, which the connectivities with full rows share.
#pragma once

#include <span>

#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// Rows padded with zeros to a multiple of 16 columns, followed by `extra_zero_rows` rows of zeros.
[[nodiscard]] LoweredConnectivity dense_rows(std::span<const float> weights, std::size_t num_rows,
                                             std::size_t num_columns, std::size_t extra_zero_rows);

/// max over columns of the sum of |weight|.
[[nodiscard]] double largest_column_sum(std::span<const float> weights, std::size_t num_columns);

}  // namespace mlgenn::models
