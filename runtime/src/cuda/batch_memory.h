// SPDX-License-Identifier: Apache-2.0
// Memory on the device that batches share, one after another: state, recordings, sums of scores.
#pragma once

#include <cstdint>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/cuda/batch_stage.h"
#include "runtime/src/cuda/resources.h"

namespace mlgenn::cuda {

struct BatchMemory {
    BatchMemory(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size);

    DeviceMemory workspaces;
    std::vector<DeviceMemory> recordings{};
    /// Per MetricPlan, one row: the words of its sum (score_sums.h).
    std::vector<MirroredRows> scores{};
    /// While one batch computes in one of them, the next one is made ready in the other.
    std::vector<BatchStage> stages{};
};

}  // namespace mlgenn::cuda
