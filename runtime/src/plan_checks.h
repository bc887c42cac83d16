// SPDX-License-Identifier: Apache-2.0
// Checks that a plan's offsets and numbers fit each other, before anything is allocated or run by it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"

namespace mlgenn::runtime {

/// Throws InternalError naming the first stretch that leaves the workspace or the constants, or argument out of range.
void check_plan(const ExecutionPlan& plan);

/// Throws InternalError for code that cannot stop between timesteps ...
void check_steppable(const ExecutionPlan& plan);
/// ... when the run is observed.
void check_observable(const ExecutionPlan& plan, const RunRequest& request);

/// Throws InternalError for an access that leaves the slots or the workspace.
void check_access(const ExecutionPlan& plan, std::uint32_t slot, std::size_t num_slots, std::size_t offset,
                  std::size_t num_bytes);
void check_access(const ExecutionPlan& plan, std::size_t offset, std::size_t num_bytes);

}  // namespace mlgenn::runtime
