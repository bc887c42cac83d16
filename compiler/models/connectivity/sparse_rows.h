// SPDX-License-Identifier: Apache-2.0
// Synapses listed row by row, which the connectivities with irregular rows share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/models/builders.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// Largest number of synapses of one connection: they are counted in u32.
inline constexpr std::uint64_t max_sparse_synapses = 0xffffffffU;

/// Gives `lowered` the index arrays that sparse_row reads: synapses of source i are row_start[i] to row_start[i + 1].
void add_rows(LoweredConnectivity& lowered, std::vector<std::uint32_t> row_start, std::vector<std::uint32_t> targets);

/// The largest sum of |weight| over the synapses of one target: at least a weight that all synapses share, also when
/// there are no synapses.
[[nodiscard]] double largest_input(const LoweredConnectivity& lowered, std::span<const std::uint32_t> targets,
                                   std::size_t num_targets);

/// Row view of synapses that add_rows described.
void sparse_row(RowBuilder& b);

}  // namespace mlgenn::models
