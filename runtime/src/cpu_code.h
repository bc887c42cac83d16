// SPDX-License-Identifier: Apache-2.0
// Loaded CPU code with its plan and constants: what an executor and its step runners share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mlgenn/executor.h"
#include "runtime/src/aligned_buffer.h"

namespace mlgenn::runtime {

class CpuCode {
public:
    /// See make_cpu_executor.
    CpuCode(const ExecutionPlan& plan, CpuRunFunction run, std::vector<CpuScoreFunction> scores,
            std::shared_ptr<void> code_owner);

    [[nodiscard]] const ExecutionPlan& plan() const { return plan_; }
    [[nodiscard]] const std::byte* constants() const { return constants_; }
    [[nodiscard]] const std::vector<CpuScoreFunction>& scores() const { return scores_; }
    [[nodiscard]] std::size_t memory_bytes() const {
        return aligned_constants_.size() + (plan_.constants ? plan_.constants->size() : 0);
    }
    /// Runs timesteps [t_begin, t_end) on a workspace; they begin in row `row_begin` of the arguments.
    void run(std::byte* workspace, std::byte* const* arguments, std::uint32_t t_begin, std::uint32_t t_end,
             std::uint32_t row_begin) const;

private:
    ExecutionPlan plan_;
    CpuRunFunction run_;
    std::vector<CpuScoreFunction> scores_;
    std::shared_ptr<void> code_owner_;
    /// Only when the plan's own memory is not aligned.
    AlignedBuffer aligned_constants_{};
    const std::byte* constants_ = nullptr;
};

/// Generated code reads it only.
[[nodiscard]] inline std::byte* as_argument(std::span<const std::uint32_t> values) {
    return const_cast<std::byte*>(std::as_bytes(values).data());
}

}  // namespace mlgenn::runtime
