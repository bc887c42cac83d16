// SPDX-License-Identifier: Apache-2.0
// Takes times on the device.
#include "runtime/src/cuda/profiler.h"

#include <algorithm>
#include <cstring>

namespace mlgenn::cuda {
namespace {

std::size_t counter_bytes(const ProfilePlan& plan) {
    return (plan.phases.size() + plan.sources.size()) * sizeof(std::uint64_t);
}

}  // namespace

DeviceProfiler::DeviceProfiler(const Driver& driver, const Stream& stream, const ExecutionPlan& plan,
                               std::uint32_t batch_size)
    : driver_(driver),
      stream_(stream),
      plan_(plan.profile.value()),
      network_kernel_(plan.entry_point),
      workspace_bytes_(plan.workspace_bytes),
      start_(driver, Event::Kind::time),
      counters_(driver, counter_bytes(plan_) * batch_size, "profile counters") {
    start_.record(stream_);
}

void DeviceProfiler::begin(const char* kind, const std::string& name, std::size_t num_bytes) {
    if (used_ == measurements_.size()) {
        measurements_.push_back({.begin = Event(driver_, Event::Kind::time), .end = Event(driver_, Event::Kind::time)});
    }
    Measurement& measurement = measurements_[used_];
    measurement.kind = kind;
    measurement.name = name;
    measurement.num_bytes = num_bytes;
    measurement.begin.record(stream_);
}

void DeviceProfiler::end() {
    measurements_[used_++].end.record(stream_);
}

void DeviceProfiler::download_counters(DevicePointer workspaces, std::uint32_t num_examples) {
    const std::size_t row_bytes = counter_bytes(plan_);
    if (row_bytes == 0) {
        return;
    }
    const Copy2D copy{.source_type = memory_on_device,
                      .source_device = workspaces + plan_.workspace_offset,
                      .source_pitch = workspace_bytes_,
                      .target_type = memory_on_host,
                      .target_host = counters_.data(),
                      .target_pitch = row_bytes,
                      .width_bytes = row_bytes,
                      .height = num_examples};
    driver_.check(driver_.call().cuMemcpy2DAsync_v2(&copy, stream_.handle()), "downloading profile counters");
}

void DeviceProfiler::finish_batch(std::uint32_t num_examples) {
    sums_.assign(plan_.phases.size() + plan_.sources.size(), 0);
    for (std::size_t example = 0; example < num_examples; ++example) {
        for (std::size_t k = 0; k < sums_.size(); ++k) {
            std::uint64_t counter = 0;
            std::memcpy(&counter, counters_.data() + (example * sums_.size() + k) * sizeof counter, sizeof counter);
            sums_[k] += counter;
        }
    }
    for (std::size_t m = 0; m < used_; ++m) {
        const Measurement& measurement = measurements_[m];
        const runtime::ProfileSpan span{measurement.begin.milliseconds_since(start_),
                                        measurement.end.milliseconds_since(start_)};
        track_.record(measurement.kind, measurement.name, span, static_cast<double>(measurement.num_bytes));
        if (measurement.name == network_kernel_) {
            track_.record_phases(plan_, span, sums_);
        }
    }
    used_ = 0;
}

KernelProfile DeviceProfiler::take(const ExecutionPlan& plan) {
    runtime::ProfileTrack* const track = &track_;
    return runtime::merge_tracks(plan, driver_.device_name(), std::span(&track, 1));
}

}  // namespace mlgenn::cuda
