// SPDX-License-Identifier: Apache-2.0
// Takes times on the device with events, batch by batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/cuda/resources.h"
#include "runtime/src/profile_track.h"

namespace mlgenn::cuda {

/// What is timed.
struct Measured {
    const char* kind = "";
    std::string name{};
    std::size_t num_bytes = 0;
    /// Time lines of copies that overlap with kernels are drawn apart from them.
    bool overlaps = false;
};

class DeviceProfiler {
public:
    /// The plan must have a profile. Times are counted from what `stream` has been given so far. As many batches as
    /// there are stages may be under way.
    DeviceProfiler(const Driver& driver, const Stream& stream, const ExecutionPlan& plan, std::uint32_t batch_size,
                   std::size_t num_stages);

    /// Times what `enqueue()` puts into the stream.
    template <class Enqueue>
    void measure(std::size_t stage, const Stream& stream, Measured what, const Enqueue& enqueue) {
        const Measurement& measurement = begin(stages_[stage], std::move(what));
        measurement.begin.record(stream);
        enqueue();
        measurement.end.record(stream);
    }
    /// Puts the download of the batch's counters into the stream.
    void download_counters(std::size_t stage, const Stream& stream, DevicePointer workspaces,
                           std::uint32_t num_examples);
    /// All that was measured has been waited for: takes the batch's times.
    void finish_batch(std::size_t stage, std::uint32_t num_examples);
    /// The batch has failed.
    void drop_batch(std::size_t stage) { stages_[stage].used = 0; }

    [[nodiscard]] KernelProfile take(const ExecutionPlan& plan);

private:
    struct Measurement {
        explicit Measurement(const Driver& driver) : begin(driver, Event::Kind::time), end(driver, Event::Kind::time) {}
        Measured what{};
        Event begin;
        Event end;
    };
    struct Stage {
        /// Kept for the next batches: the first `used` belong to this one.
        std::vector<Measurement> measurements{};
        std::size_t used = 0;
        PinnedMemory counters{};
    };
    [[nodiscard]] const Measurement& begin(Stage& stage, Measured what);

    const Driver& driver_;
    const ProfilePlan plan_;
    std::string network_kernel_;
    std::size_t workspace_bytes_;
    Event start_;
    std::vector<Stage> stages_;
    std::vector<std::uint64_t> sums_{};
    runtime::ProfileTrack track_{};
    runtime::ProfileTrack overlapping_{};
};

}  // namespace mlgenn::cuda
