// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cpu_code.h"

#include <cstring>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/flush_subnormals.h"
#include "runtime/src/plan_checks.h"

namespace mlgenn::runtime {

CpuCode::CpuCode(const ExecutionPlan& plan, CpuRunFunction run, std::vector<CpuScoreFunction> scores,
                 std::shared_ptr<void> code_owner)
    : plan_(plan), run_(run), scores_(std::move(scores)), code_owner_(std::move(code_owner)) {
    check_plan(plan_);
    if (run_ == nullptr || scores_.size() != plan_.metrics.size()) {
        throw InternalError("the code of network '" + plan_.network + "' has " + std::to_string(scores_.size()) +
                            " score functions for " + std::to_string(plan_.metrics.size()) +
                            " metrics, or no entry point");
    }
    if (!plan_.constants) {
        return;
    }
    constants_ = plan_.constants->data();
    if (reinterpret_cast<std::uintptr_t>(constants_) % AlignedBuffer::alignment != 0) {
        aligned_constants_ = AlignedBuffer(plan_.constants->size());
        std::memcpy(aligned_constants_.data(), constants_, plan_.constants->size());
        constants_ = aligned_constants_.data();
        plan_.constants.reset();
    }
}

void CpuCode::run(std::byte* workspace, std::byte* const* arguments, std::uint32_t t_begin, std::uint32_t t_end,
                  std::uint32_t row_begin) const {
    const CpuRunArguments call{.constants = constants_,
                               .workspace = workspace,
                               .arguments = arguments,
                               .t_begin = t_begin,
                               .t_end = t_end,
                               .row_begin = row_begin};
    const FlushSubnormals mode;
    run_(&call);
}

}  // namespace mlgenn::runtime
