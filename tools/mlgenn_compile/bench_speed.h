// SPDX-License-Identifier: Apache-2.0
// Time per example: one thread, all threads and the hand-written program, taking turns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/mlgenn_compile/bench_case.h"
#include "tools/mlgenn_compile/bench_native.h"

namespace mlgenn::cli {

struct SpeedMeasurement {
    /// Milliseconds per example, one entry per repeat.
    std::vector<double> single_cpu_ms;
    std::vector<double> single_wall_ms;
    std::vector<double> all_cpu_ms;
    std::vector<double> all_wall_ms;
    std::uint32_t num_threads = 1;  ///< of the all_ entries; 1: they are empty
    std::vector<double> native_cpu_ms;
    std::vector<double> native_wall_ms;
    /// Our one-thread CPU time over the hand-written program's, of neighbouring runs.
    std::vector<double> ratios;
    double synops_per_example = 0.0;
};

[[nodiscard]] SpeedMeasurement measure_speed(const BenchCommand& command, const BenchCase& bench_case,
                                             Accumulation mode, const NativeProgram* native);

}  // namespace mlgenn::cli
