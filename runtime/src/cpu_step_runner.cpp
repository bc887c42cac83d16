// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cpu_step_runner.h"

#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/plan_checks.h"
#include "runtime/src/workspace_resets.h"

namespace mlgenn::runtime {

namespace {

AlignedBuffer make_workspace(const ExecutionPlan& plan) {
    try {
        return AlignedBuffer(plan.workspace_bytes);
    } catch (const std::bad_alloc&) {
        throw DeviceError("network '" + plan.network + "': no memory for a session's workspace of " +
                          std::to_string(plan.workspace_bytes) + " bytes: close other sessions");
    }
}

}  // namespace

CpuStepRunner::CpuStepRunner(std::shared_ptr<const CpuCode> code)
    : code_(std::move(code)), workspace_(make_workspace(code_->plan())), arguments_(code_->plan().num_arguments) {
    check_steppable(code_->plan());
    reset_all();
}

void CpuStepRunner::run(const StepPiece& piece) {
    const ExecutionPlan& plan = code_->plan();
    for (std::size_t k = 0; k < plan.inputs.size(); ++k) {
        const InputPlan& input = plan.inputs[k];
        if (input.kind == InputPlan::Kind::events) {
            arguments_[input.offsets_argument] = as_argument(piece.event_offsets[k]);
            arguments_[input.ids_argument] = as_argument(piece.event_ids[k]);
        }
    }
    for (std::size_t k = 0; k < plan.recordings.size(); ++k) {
        arguments_[plan.recordings[k].argument] = piece.recordings[k];
    }
    code_->run(workspace_.data(), arguments_.data(), piece.t_begin, piece.t_begin + piece.num_steps, 0);
}

void CpuStepRunner::reset_all() {
    workspace_.clear();
    apply_resets(code_->plan().resets, code_->constants(), workspace_.data());
}

void CpuStepRunner::reset(ResetClass reset_class) {
    for (const ResetRange& range : code_->plan().resets) {
        if (range.reset_class == reset_class) {
            apply_resets(std::span(&range, 1), code_->constants(), workspace_.data());
        }
    }
}

void CpuStepRunner::read(std::size_t offset, std::span<std::byte> bytes) const {
    check_access(code_->plan(), offset, bytes.size());
    std::memcpy(bytes.data(), workspace_.data() + offset, bytes.size());
}

void CpuStepRunner::write(std::size_t offset, std::span<const std::byte> bytes) {
    check_access(code_->plan(), offset, bytes.size());
    std::memcpy(workspace_.data() + offset, bytes.data(), bytes.size());
}

}  // namespace mlgenn::runtime
