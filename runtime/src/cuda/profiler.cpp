// SPDX-License-Identifier: Apache-2.0
// Takes times on the device.
#include "runtime/src/cuda/profiler.h"

#include <array>
#include <cstring>

namespace mlgenn::cuda {
namespace {

std::size_t counter_bytes(const ProfilePlan& plan) {
    return (plan.phases.size() + plan.sources.size()) * sizeof(std::uint64_t);
}

}  // namespace

DeviceProfiler::DeviceProfiler(const Driver& driver, const Stream& stream, const ExecutionPlan& plan,
                               std::uint32_t batch_size, std::size_t num_stages)
    : driver_(driver),
      plan_(plan.profile.value()),
      network_kernel_(plan.entry_point),
      workspace_bytes_(plan.workspace_bytes),
      start_(driver, Event::Kind::time),
      stages_(num_stages) {
    for (Stage& stage : stages_) {
        stage.counters = PinnedMemory(driver, counter_bytes(plan_) * batch_size, "profile counters");
    }
    start_.record(stream);
}

const DeviceProfiler::Measurement& DeviceProfiler::begin(Stage& stage, Measured what) {
    if (stage.used == stage.measurements.size()) {
        stage.measurements.emplace_back(driver_);
    }
    Measurement& measurement = stage.measurements[stage.used++];
    measurement.what = std::move(what);
    return measurement;
}

void DeviceProfiler::download_counters(std::size_t stage, const Stream& stream, DevicePointer workspaces,
                                       std::uint32_t num_examples) {
    const std::size_t row_bytes = counter_bytes(plan_);
    if (row_bytes == 0) {
        return;
    }
    const Copy2D copy{.source_type = memory_on_device,
                      .source_device = workspaces + plan_.workspace_offset,
                      .source_pitch = workspace_bytes_,
                      .target_type = memory_on_host,
                      .target_host = stages_[stage].counters.data(),
                      .target_pitch = row_bytes,
                      .width_bytes = row_bytes,
                      .height = num_examples};
    driver_.check(driver_.call().cuMemcpy2DAsync_v2(&copy, stream.handle()), "downloading profile counters");
}

void DeviceProfiler::finish_batch(std::size_t stage, std::uint32_t num_examples) {
    Stage& ended = stages_[stage];
    sums_.assign(plan_.phases.size() + plan_.sources.size(), 0);
    for (std::size_t example = 0; example < num_examples; ++example) {
        for (std::size_t k = 0; k < sums_.size(); ++k) {
            std::uint64_t counter = 0;
            std::memcpy(&counter, ended.counters.data() + (example * sums_.size() + k) * sizeof counter,
                        sizeof counter);
            sums_[k] += counter;
        }
    }
    for (std::size_t m = 0; m < ended.used; ++m) {
        const Measurement& measurement = ended.measurements[m];
        const Measured& what = measurement.what;
        const runtime::ProfileSpan span{measurement.begin.milliseconds_since(start_),
                                        measurement.end.milliseconds_since(start_)};
        runtime::ProfileTrack& track = what.overlaps ? overlapping_ : track_;
        track.record(what.kind, what.name, span, static_cast<double>(what.num_bytes));
        if (what.name == network_kernel_) {
            track.record_phases(plan_, span, sums_);
        }
    }
    ended.used = 0;
}

KernelProfile DeviceProfiler::take(const ExecutionPlan& plan) {
    const std::array<runtime::ProfileTrack*, 2> tracks = {&track_, &overlapping_};
    return runtime::merge_tracks(plan, driver_.device_name(), tracks);
}

}  // namespace mlgenn::cuda
