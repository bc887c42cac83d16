// SPDX-License-Identifier: Apache-2.0
// Do the caller's inputs fit the network? Everything that can be seen without looking at every element.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/inputs.h"

namespace mlgenn::runtime {

/// "'a', 'b'", or "none".
[[nodiscard]] std::string quoted_list(std::span<const std::string> names);

/// Adds a finding to `problems` for every missing, unknown, misshapen or contradictory input. Gives the number of
/// examples that the inputs hold, unless they do not agree on one.
[[nodiscard]] std::optional<std::size_t> check_inputs(const ExecutionPlan& plan, const Inputs& inputs,
                                                      std::vector<Diagnostic>& problems);

}  // namespace mlgenn::runtime
