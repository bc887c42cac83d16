// SPDX-License-Identifier: Apache-2.0
// What one call of Session::step() records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/executor.h"

namespace mlgenn::runtime {

class SessionRecordings {
public:
    /// Pieces have at most `most_steps` steps; calls of up to `steps_per_call` steps allocate nothing.
    SessionRecordings(const ExecutionPlan& plan, std::uint32_t most_steps, std::uint32_t steps_per_call);

    void begin_call(std::uint32_t num_steps);
    /// Zeroed rows for a piece.
    void provide_rows(StepPiece& piece);
    /// The piece, which begins with step `first_step` of the call, has run.
    void collect(std::uint32_t first_step, std::uint32_t num_steps);

    [[nodiscard]] const SpikeRecord& spikes(std::string_view key) const;
    [[nodiscard]] std::span<const float> trace(std::string_view key) const;

private:
    struct Channel {
        RecordingPlan plan{};
        std::vector<std::byte> rows{};
        /// All neurons.
        std::vector<std::uint32_t> mask{};
        SpikeRecord spikes{};
        std::vector<float> trace{};
    };

    [[nodiscard]] const Channel& find(std::string_view key, bool spikes) const;

    std::vector<Channel> channels_{};
};

}  // namespace mlgenn::runtime
