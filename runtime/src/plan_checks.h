// SPDX-License-Identifier: Apache-2.0
// Checks that a plan's offsets and numbers fit each other, before anything is allocated or run by it.
#pragma once

#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

/// Throws InternalError naming the first stretch that leaves the workspace or the constants, or argument out of range.
void check_plan(const ExecutionPlan& plan);

}  // namespace mlgenn::runtime
