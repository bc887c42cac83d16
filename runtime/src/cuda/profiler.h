// SPDX-License-Identifier: Apache-2.0
// Takes times on the device with events, batch by batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/cuda/resources.h"
#include "runtime/src/profile_track.h"

namespace mlgenn::cuda {

class DeviceProfiler {
public:
    /// The plan must have a profile.
    DeviceProfiler(const Driver& driver, const Stream& stream, const ExecutionPlan& plan, std::uint32_t batch_size);

    /// Times what `enqueue()` puts into the stream.
    template <class Enqueue>
    void measure(const char* kind, const std::string& name, std::size_t num_bytes, const Enqueue& enqueue) {
        begin(kind, name, num_bytes);
        enqueue();
        end();
    }
    /// Puts the download of the batch's counters into the stream.
    void download_counters(DevicePointer workspaces, std::uint32_t num_examples);
    /// The stream has been waited for: takes the batch's times.
    void finish_batch(std::uint32_t num_examples);

    [[nodiscard]] KernelProfile take(const ExecutionPlan& plan);

private:
    struct Measurement {
        const char* kind = "";
        std::string name{};
        std::size_t num_bytes = 0;
        Event begin;
        Event end;
    };
    void begin(const char* kind, const std::string& name, std::size_t num_bytes);
    void end();

    const Driver& driver_;
    const Stream& stream_;
    const ProfilePlan plan_;
    std::string network_kernel_;
    std::size_t workspace_bytes_;
    Event start_;
    /// Kept for the next batches: the first `used_` belong to this one.
    std::vector<Measurement> measurements_{};
    std::size_t used_ = 0;
    PinnedMemory counters_;
    std::vector<std::uint64_t> sums_{};
    runtime::ProfileTrack track_{};
};

}  // namespace mlgenn::cuda
