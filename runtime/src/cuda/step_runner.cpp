// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cuda/step_runner.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "mlgenn/memory_estimate.h"
#include "runtime/src/plan_checks.h"

namespace mlgenn::cuda {

CudaStepRunner::CudaStepRunner(std::shared_ptr<const CudaCode> code)
    : code_(std::move(code)),
      plan_(code_->plan()),
      driver_(code_->driver()),
      current_(std::in_place, code_->context()),
      stream_(driver_),
      workspace_(driver_, plan_.workspace_bytes, "a session's state"),
      timestep_(driver_, 2 * sizeof(std::uint32_t), 1, "timestep counters"),
      arguments_(driver_, plan_.num_arguments * sizeof(std::uint64_t), 1, "argument pointers"),
      events_(plan_.inputs.size()) {
    runtime::check_steppable(plan_);
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        const InputPlan& input = plan_.inputs[k];
        if (input.kind == InputPlan::Kind::events) {
            events_[k].offsets = MirroredRows(driver_, offsets_bytes(plan_), 1, "spike events");
            events_[k].ids = EventIds(driver_, input.ids_storage, event_room(plan_, input), 1);
        }
    }
    for (const RecordingPlan& recording : plan_.recordings) {
        recordings_.emplace_back(driver_, recording_bytes(plan_, recording), "recordings");
    }
    reset_all();
    current_.reset();
}

CudaStepRunner::~CudaStepRunner() {
    // The other members give back what they hold in this context.
    current_.emplace(code_->context());
}

std::size_t CudaStepRunner::memory_bytes() const {
    std::size_t bytes = workspace_.size() + timestep_.device.size() + arguments_.device.size();
    for (const StagedEvents& events : events_) {
        bytes += events.offsets.device.size() + events.ids.device_bytes();
    }
    for (const DeviceMemory& recording : recordings_) {
        bytes += recording.size();
    }
    return bytes;
}

void CudaStepRunner::upload_events(std::size_t input, const StepPiece& piece) {
    const auto offsets = piece.event_offsets[input];
    StagedEvents& events = events_[input];
    std::memcpy(events.offsets.host.data(), offsets.data(), offsets.size_bytes());
    driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(events.offsets.device.address(), events.offsets.host.data(),
                                                      offsets.size_bytes(), stream_.handle()),
                  "uploading input");
    events.ids.clear();
    events.ids.append(driver_, 0, piece.event_ids[input]);
    events.ids.upload(driver_, stream_);
    set_argument(plan_.inputs[input].offsets_argument, events.offsets.device.address());
    set_argument(plan_.inputs[input].ids_argument, events.ids.device_ids(0));
}

void CudaStepRunner::set_argument(std::uint32_t argument, DevicePointer pointer) const {
    std::memcpy(arguments_.host.data() + argument * sizeof pointer, &pointer, sizeof pointer);
}

void CudaStepRunner::run(const StepPiece& piece) {
    const CurrentContext current(code_->context());
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        if (plan_.inputs[k].kind == InputPlan::Kind::events) {
            upload_events(k, piece);
        }
    }
    for (std::size_t k = 0; k < plan_.recordings.size(); ++k) {
        set_argument(plan_.recordings[k].argument, recordings_[k].address());
        driver_.check(driver_.call().cuMemsetD8Async(recordings_[k].address(), 0,
                                                     piece.num_steps * plan_.recordings[k].row_bytes, stream_.handle()),
                      "clearing recordings");
    }
    const std::array<std::uint32_t, 2> t_and_row = {piece.t_begin, 0};
    std::memcpy(timestep_.host.data(), t_and_row.data(), timestep_.row_bytes);
    timestep_.upload(driver_, stream_, 1);
    arguments_.upload(driver_, stream_, 1);
    code_->launch_steps(stream_,
                        {.workspaces = workspace_.address(),
                         .arguments = arguments_.device.address(),
                         .timesteps = timestep_.device.address()},
                        1, piece.num_steps);
    for (std::size_t k = 0; k < plan_.recordings.size(); ++k) {
        driver_.check(
            driver_.call().cuMemcpyDtoHAsync_v2(piece.recordings[k], recordings_[k].address(),
                                                piece.num_steps * plan_.recordings[k].row_bytes, stream_.handle()),
            "downloading recordings");
    }
    stream_.wait("running timesteps");
}

void CudaStepRunner::reset_all() {
    const CurrentContext current(code_->context());
    driver_.check(driver_.call().cuMemsetD8Async(workspace_.address(), 0, workspace_.size(), stream_.handle()),
                  "clearing state");
    code_->reset(stream_, workspace_.address(), 1, all_reset_classes);
    stream_.wait("resetting state");
}

void CudaStepRunner::reset(ResetClass reset_class) {
    const CurrentContext current(code_->context());
    code_->reset(stream_, workspace_.address(), 1, reset_class_bit(reset_class));
    stream_.wait("resetting state");
}

void CudaStepRunner::read(std::size_t offset, std::span<std::byte> bytes) const {
    runtime::check_access(plan_, offset, bytes.size());
    const CurrentContext current(code_->context());
    driver_.check(driver_.call().cuMemcpyDtoHAsync_v2(bytes.data(), workspace_.address() + offset, bytes.size(),
                                                      stream_.handle()),
                  "reading state");
    stream_.wait("reading state");
}

void CudaStepRunner::write(std::size_t offset, std::span<const std::byte> bytes) {
    runtime::check_access(plan_, offset, bytes.size());
    const CurrentContext current(code_->context());
    driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(workspace_.address() + offset, bytes.data(), bytes.size(),
                                                      stream_.handle()),
                  "writing state");
    stream_.wait("writing state");
}

}  // namespace mlgenn::cuda
