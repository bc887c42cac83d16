// SPDX-License-Identifier: Apache-2.0
// Receives what generated code records and hands it to everybody who wants it: the call's results and its recorders.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/execution_plan.h"
#include "runtime/src/recorder_choice.h"
#include "runtime/src/recording_budget.h"
#include "runtime/src/recording_sinks.h"

namespace mlgenn::runtime {

/// Different threads may work on different examples at the same time, each with its own worker number.
class Recorder {
public:
    /// Throws DescriptionError when the recordings need more than `max_bytes`, at the latest from collect().
    Recorder(const ExecutionPlan& plan, std::size_t num_examples, unsigned num_workers,
             std::vector<ChosenRecorder> recorders, std::size_t max_bytes);

    /// Zeroed memory for the example's rows: the final place of a f32 trace, else memory of the worker; null when
    /// nobody wants them.
    [[nodiscard]] std::byte* rows(std::size_t recording, std::size_t example, unsigned worker);
    /// The example's rows have been written.
    void collect(std::size_t recording, std::size_t example, unsigned worker);

    [[nodiscard]] Recordings take();
    /// The recorders' data by key.
    [[nodiscard]] CallbackData take_data();

private:
    /// One compiled recording.
    struct Channel {
        RecordingPlan plan{};
        RecordedRows rows{};
        /// Rows are written into `trace` directly.
        bool in_place = false;
        std::vector<SpikeRecord> spikes{};
        Array trace{};
        /// Of `trace`, which is not shared while it is written.
        std::span<float> values{};
        /// Made at a worker's first example.
        std::vector<std::vector<std::byte>> rows_of_worker{};
        std::vector<RecordingSink*> sinks{};
    };
    struct Sink {
        std::string key{};
        std::unique_ptr<RecordingSink> sink{};
    };

    void add_results(Channel& channel, std::size_t num_examples);
    [[nodiscard]] std::span<std::byte> place_in_trace(const Channel& channel, std::size_t example) const;
    void collect_spikes(Channel& channel, std::size_t example, std::span<const std::byte> rows);
    void collect_trace(const Channel& channel, std::size_t example, std::span<const std::byte> rows) const;

    RecordingBudget budget_;
    std::vector<Channel> channels_{};
    std::vector<Sink> sinks_{};
    CallbackData connection_data_{};
};

}  // namespace mlgenn::runtime
