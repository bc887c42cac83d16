// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cuda/step_runner.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "mlgenn/cuda_executor.h"
#include "runtime/src/plan_checks.h"

namespace mlgenn::cuda {

CudaStepRunner::CudaStepRunner(std::shared_ptr<const CudaCode> code)
    : code_(std::move(code)),
      plan_(code_->plan()),
      driver_(code_->driver()),
      current_(std::in_place, code_->context()),
      stream_(driver_),
      memory_(driver_, plan_, 1) {
    runtime::check_steppable(plan_);
    reset_all();
    current_.reset();
}

CudaStepRunner::~CudaStepRunner() {
    // The other members give back what they hold in this context.
    current_.emplace(code_->context());
}

std::size_t CudaStepRunner::memory_bytes() const {
    return cuda_memory_needed(plan_, 1);
}

void CudaStepRunner::upload(DevicePointer to, const void* from, std::size_t bytes) const {
    if (bytes > 0) {
        driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(to, from, bytes, stream_.handle()), "uploading input");
    }
}

void CudaStepRunner::upload_events(std::size_t input, const StepPiece& piece) {
    const auto offsets = piece.event_offsets[input];
    const MirroredRows& rows = memory_.event_offsets[input];
    std::memcpy(rows.host.data(), offsets.data(), offsets.size_bytes());
    upload(rows.device.address(), rows.host.data(), offsets.size_bytes());
    const auto ids = piece.event_ids[input];
    EventIds& events = memory_.event_ids[input];
    events.used = 0;
    events.reserve(driver_, stream_, ids.size() + 1);
    if (!ids.empty()) {
        std::memcpy(events.host.data(), ids.data(), ids.size_bytes());
    }
    upload(events.device.address(), events.host.data(), ids.size_bytes());
}

void CudaStepRunner::set_arguments() {
    std::vector<DevicePointer> pointers(plan_.num_arguments);
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        const InputPlan& input = plan_.inputs[k];
        if (input.kind == InputPlan::Kind::events) {
            pointers[input.offsets_argument] = memory_.event_offsets[k].device.address();
            pointers[input.ids_argument] = memory_.event_ids[k].device.address();
        }
    }
    for (std::size_t k = 0; k < plan_.recordings.size(); ++k) {
        pointers[plan_.recordings[k].argument] = memory_.recordings[k].device.address();
    }
    const MirroredRows& arguments = memory_.arguments;
    if (!pointers.empty()) {
        std::memcpy(arguments.host.data(), pointers.data(), arguments.row_bytes);
    }
    upload(arguments.device.address(), arguments.host.data(), arguments.row_bytes);
}

void CudaStepRunner::run(const StepPiece& piece) {
    const CurrentContext current(code_->context());
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        if (plan_.inputs[k].kind == InputPlan::Kind::events) {
            upload_events(k, piece);
        }
    }
    for (std::size_t k = 0; k < plan_.recordings.size(); ++k) {
        driver_.check(driver_.call().cuMemsetD8Async(memory_.recordings[k].device.address(), 0,
                                                     piece.num_steps * plan_.recordings[k].row_bytes, stream_.handle()),
                      "clearing recordings");
    }
    const std::array<std::uint32_t, 2> t_and_row = {piece.t_begin, 0};
    const MirroredRows& timesteps = memory_.timesteps;
    std::memcpy(timesteps.host.data(), t_and_row.data(), timesteps.row_bytes);
    upload(timesteps.device.address(), timesteps.host.data(), timesteps.row_bytes);
    set_arguments();
    code_->launch_steps(stream_,
                        {.workspaces = memory_.workspaces.address(),
                         .arguments = memory_.arguments.device.address(),
                         .timesteps = timesteps.device.address()},
                        1, piece.num_steps);
    for (std::size_t k = 0; k < plan_.recordings.size(); ++k) {
        driver_.check(
            driver_.call().cuMemcpyDtoHAsync_v2(piece.recordings[k], memory_.recordings[k].device.address(),
                                                piece.num_steps * plan_.recordings[k].row_bytes, stream_.handle()),
            "downloading recordings");
    }
    stream_.wait("running timesteps");
}

void CudaStepRunner::reset_all() {
    const CurrentContext current(code_->context());
    driver_.check(
        driver_.call().cuMemsetD8Async(memory_.workspaces.address(), 0, memory_.workspaces.size(), stream_.handle()),
        "clearing state");
    code_->reset(stream_, memory_.workspaces.address(), 1, all_reset_classes);
    stream_.wait("resetting state");
}

void CudaStepRunner::reset(ResetClass reset_class) {
    const CurrentContext current(code_->context());
    code_->reset(stream_, memory_.workspaces.address(), 1, reset_class_bit(reset_class));
    stream_.wait("resetting state");
}

void CudaStepRunner::read(std::size_t offset, std::span<std::byte> bytes) const {
    runtime::check_access(plan_, offset, bytes.size());
    const CurrentContext current(code_->context());
    driver_.check(driver_.call().cuMemcpyDtoHAsync_v2(bytes.data(), memory_.workspaces.address() + offset, bytes.size(),
                                                      stream_.handle()),
                  "reading state");
    stream_.wait("reading state");
}

void CudaStepRunner::write(std::size_t offset, std::span<const std::byte> bytes) {
    runtime::check_access(plan_, offset, bytes.size());
    const CurrentContext current(code_->context());
    driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(memory_.workspaces.address() + offset, bytes.data(), bytes.size(),
                                                      stream_.handle()),
                  "writing state");
    stream_.wait("writing state");
}

}  // namespace mlgenn::cuda
