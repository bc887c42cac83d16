// SPDX-License-Identifier: Apache-2.0
// Compile time and memory, each measured in a fresh process: what a user meets on the first and on the second start.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/mlgenn_compile/bench_case.h"

namespace mlgenn::cli {

struct CompileMeasurement {
    std::vector<double> cold_ms;  ///< empty cache
    std::vector<double> warm_ms;  ///< the code is in the cache
    /// Largest resident memory of a process that compiles and runs all examples.
    std::uint64_t cold_peak_bytes = 0;
    std::uint64_t warm_peak_bytes = 0;
};

/// Starts this program again for every measurement.
[[nodiscard]] CompileMeasurement measure_compilation(const BenchCommand& command, const BenchCase& bench_case,
                                                     Accumulation mode);

/// The work of such a process: measures and prints one line of JSON.
void run_probe(const BenchCommand& command);

}  // namespace mlgenn::cli
