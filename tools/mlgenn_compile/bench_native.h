// SPDX-License-Identifier: Apache-2.0
// The hand-written single-thread program that benchmarks are compared with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/mlgenn_compile/bench_case.h"
#include "tools/mlgenn_compile/process.h"

namespace mlgenn::cli {

struct NativeTime {
    double cpu_ms = 0.0;   ///< per example
    double wall_ms = 0.0;  ///< per example
};

class NativeProgram {
public:
    /// Builds `source` with the system's C++ compiler ($CXX, else g++) for this processor.
    /// Throws BackendError with the compiler's output when it does not build.
    explicit NativeProgram(const std::filesystem::path& source);

    /// One timed run over the first `examples` of a bundle, after one that warms up.
    [[nodiscard]] NativeTime run(const BenchCase& bench_case) const;

private:
    TemporaryFolder folder_;
    std::filesystem::path program_;
};

/// Where the source is: the one asked for, else bench/native_avx512.cpp near the bundle; nothing when there is none.
[[nodiscard]] std::optional<std::filesystem::path> find_native_source(const BenchCommand& command);

/// Why the program cannot run here ("this processor has no AVX-512"); empty when it can.
[[nodiscard]] std::string native_obstacle();

}  // namespace mlgenn::cli
