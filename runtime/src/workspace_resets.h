// SPDX-License-Identifier: Apache-2.0
// Gives a workspace its initial values: all of them at load, chosen kinds of state before an example.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

/// The ranges whose kind is marked in `reset` (index = value of ResetClass).
[[nodiscard]] std::vector<ResetRange> select_resets(std::span<const ResetRange> ranges, const std::vector<bool>& reset);

/// Writes the initial values of `ranges` into one example's workspace.
void apply_resets(std::span<const ResetRange> ranges, const std::byte* constants, std::byte* workspace);

}  // namespace mlgenn::runtime
