// SPDX-License-Identifier: Apache-2.0
// Allocates a batch's memory.
#include "runtime/src/cuda/batch_memory.h"

#include "mlgenn/cuda_executor.h"
#include "mlgenn/memory_estimate.h"
#include "runtime/src/score_sums.h"

namespace mlgenn {

std::size_t cuda_memory_needed(const ExecutionPlan& plan, std::uint32_t batch_size) {
    return estimate_memory(plan, {.batch_size = batch_size}).total();
}

}  // namespace mlgenn

namespace mlgenn::cuda {
namespace {

constexpr std::size_t num_stages = 2;

}  // namespace

BatchMemory::BatchMemory(const Driver& driver, const ExecutionPlan& plan, std::uint32_t batch_size)
    : workspaces(driver, plan.workspace_bytes * batch_size, "the examples' state") {
    for (const RecordingPlan& recording : plan.recordings) {
        recordings.emplace_back(driver, recording_bytes(plan, recording) * batch_size, "recordings");
    }
    for (const MetricPlan& metric : plan.metrics) {
        scores.emplace_back(driver, runtime::num_score_words(metric) * sizeof(std::uint64_t), 1, "sums of scores");
    }
    for (std::size_t k = 0; k < num_stages; ++k) {
        stages.emplace_back(driver, plan, batch_size);
    }
}

}  // namespace mlgenn::cuda
