// SPDX-License-Identifier: Apache-2.0
// Compile time and memory, each measured in a fresh process: what a user meets on the first and on the second start.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/mlgenn_compile/bench_case.h"

namespace mlgenn::cli {

struct CompileTimes {
    /// One entry per compilation.
    std::vector<double> wall_ms;
    std::vector<double> cpu_ms;
    /// Largest resident memory of a process that compiles and, where it can, runs all examples.
    std::uint64_t peak_bytes = 0;
};

struct CompileMeasurement {
    CompileTimes cold;  ///< empty cache
    CompileTimes warm;  ///< the code is in the cache
};

/// Starts this program again for every measurement. `runs`: there is a device to load the code on; else it is only
/// made.
[[nodiscard]] CompileMeasurement measure_compilation(const BenchCommand& command, const BenchCase& bench_case,
                                                     Accumulation mode, bool runs);

/// The work of such a process: measures and prints one line of JSON.
void run_probe(const BenchCommand& command);

}  // namespace mlgenn::cli
