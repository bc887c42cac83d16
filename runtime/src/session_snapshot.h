// SPDX-License-Identifier: Apache-2.0
// A session's state as bytes, for files and other processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/session_inputs.h"

namespace mlgenn::runtime {

struct SessionState {
    std::uint64_t position = 0;
    /// 0: readouts never start afresh by themselves.
    std::uint32_t window = 0;
    bool reset_time = true;
    /// Windows begun before the current one.
    std::uint64_t window_number = 0;
    std::uint64_t windows_completed = 0;
    std::uint64_t steps_in_window = 0;
    std::uint32_t t = 0;
    std::vector<std::byte> workspace{};
    /// Readouts of the latest full window, one OutputPlan after the other; zeros before there is one.
    std::vector<std::byte> window_outputs{};
    std::vector<PendingInput> inputs{};
};

/// Steps cannot be counted beyond this one.
inline constexpr std::uint64_t last_position = std::uint64_t{1} << 62;

/// Bytes of all outputs' readouts.
[[nodiscard]] std::size_t output_bytes(const ExecutionPlan& plan);
/// Which network the state belongs to: program, back end, constants and places. Reads all constants.
[[nodiscard]] std::uint64_t network_fingerprint(const ExecutionPlan& plan);

/// Layout (numbers are little-endian): "mlgennSS", u32 version, u32 0, u64 fingerprint of the network, u64 number of
/// bytes that follow the header, u64 fingerprint of those bytes; then the members of SessionState in order, lists with
/// their lengths (u64) first.
[[nodiscard]] std::vector<std::byte> encode_snapshot(std::uint64_t network, const SessionState& state);
/// Throws DescriptionError, with what was found and what was expected, for bytes that are no snapshot of this network
/// or that contradict themselves. What it gives back is safe to run.
[[nodiscard]] SessionState decode_snapshot(const ExecutionPlan& plan, std::uint64_t network,
                                           std::span<const std::byte> bytes);

}  // namespace mlgenn::runtime
