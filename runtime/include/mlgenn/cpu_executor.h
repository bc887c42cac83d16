// SPDX-License-Identifier: Apache-2.0
// The executor for code that runs on the host's processors.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mlgenn/executor.h"

namespace mlgenn {

/// Runs generated CPU code on `num_threads` threads (0: one per processor that this process may use), the calling one
/// included. `run` is the code of plan.entry_point and `scores` that of plan.metrics, in their order; `code_owner`
/// keeps the code loaded for as long as the executor lives. Runs may use up to `batch_size` slots.
/// Throws InternalError for a plan that contradicts itself, BackendError when threads cannot be started, and (when
/// running) DeviceError when there is not enough memory for the workspaces.
[[nodiscard]] std::unique_ptr<Executor> make_cpu_executor(const ExecutionPlan& plan, CpuRunFunction run,
                                                          std::vector<CpuScoreFunction> scores,
                                                          std::uint32_t num_threads, std::uint32_t batch_size,
                                                          std::shared_ptr<void> code_owner);

}  // namespace mlgenn
