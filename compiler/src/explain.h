// SPDX-License-Identifier: Apache-2.0
// What the compiler decided, in words.
#pragma once

#include <string>

#include "compiler/ir/program.h"

namespace mlgenn {

/// What the planner chose, rejected, and why.
[[nodiscard]] std::string explain_schedule(const ir::Program& program);
/// Every buffer with size and place, and the totals.
[[nodiscard]] std::string explain_buffers(const ir::Program& program);

}  // namespace mlgenn
