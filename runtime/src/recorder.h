// SPDX-License-Identifier: Apache-2.0
// Receives what generated code records and turns it into spike lists and traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

/// Different threads may work on different examples at the same time, each with its own worker number.
class Recorder {
public:
    Recorder(const ExecutionPlan& plan, std::size_t num_examples, unsigned num_workers);

    /// Zeroed memory for the example's rows: the final place of a f32 trace, else memory of the worker.
    [[nodiscard]] std::byte* rows(std::size_t recording, std::size_t example, unsigned worker);
    /// The example's rows have been written.
    void collect(std::size_t recording, std::size_t example, unsigned worker);

    [[nodiscard]] Recordings take();

private:
    struct Channel {
        RecordingPlan plan{};
        /// Rows are written into `trace` directly.
        bool in_place = false;
        std::vector<SpikeRecord> spikes{};
        Array trace{};
        /// Of `trace`, which is not shared while it is written.
        std::span<float> values{};
        std::vector<std::vector<std::byte>> rows_of_worker{};
    };

    void collect_spikes(Channel& channel, std::size_t example, std::span<const std::byte> rows) const;
    void collect_trace(Channel& channel, std::size_t example, std::span<const std::byte> rows) const;

    std::uint32_t num_timesteps_;
    std::vector<Channel> channels_{};
};

}  // namespace mlgenn::runtime
