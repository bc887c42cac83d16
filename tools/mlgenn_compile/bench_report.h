// SPDX-License-Identifier: Apache-2.0
// Benchmark results as tables for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "tools/mlgenn_compile/bench_check.h"
#include "tools/mlgenn_compile/bench_probe.h"
#include "tools/mlgenn_compile/bench_session.h"
#include "tools/mlgenn_compile/bench_speed.h"

namespace mlgenn::cli {

/// One network in one mode.
struct BenchResult {
    std::string name;
    std::string mode;
    std::size_t num_examples = 0;
    std::uint32_t num_timesteps = 0;
    std::string backend;
    std::string schedule;
    std::vector<OutputCheck> checks;
    CompileMeasurement compilation;
    /// Absent: there is no device to run on.
    std::optional<SpeedMeasurement> speed{};
    /// Absent: the network cannot run step by step, or there is no device.
    std::optional<LatencyReport> session{};
};

/// What was left out, and why; empty: nothing was.
struct BenchNotes {
    std::string no_device{};  ///< nothing could run
    std::string no_native{};  ///< no comparison with the hand-written program
};

[[nodiscard]] std::string bench_text(std::span<const BenchResult> results, const BenchNotes& notes);
[[nodiscard]] nlohmann::ordered_json bench_json(std::span<const BenchResult> results, const BenchNotes& notes);

}  // namespace mlgenn::cli
