// SPDX-License-Identifier: Apache-2.0
// A connection's weights or delays as a matrix, whatever its connectivity.
#pragma once

#include <cstdint>
#include <string>

#include "mlgenn/compiler.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/network.h"

namespace mlgenn::passes {

/// Largest number of pairs of neurons that are written out.
inline constexpr std::uint64_t max_connection_matrix = 1U << 24U;

/// `network` is validated. Throws DescriptionError for unknown connections and variables, and matrices that are too
/// large. Weights are those of the connectivity's rows, before choose_accumulation rounds them.
[[nodiscard]] ConnectionVariablePlan connection_matrix(const Network& network, const ConnectionVariable& wanted,
                                                       std::uint64_t rng_seed);

}  // namespace mlgenn::passes
