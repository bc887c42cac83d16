// SPDX-License-Identifier: Apache-2.0
// Runs one network at several batch sizes on a GPU: wall time, kernel time, and whether the results stay the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/inputs.h"

namespace mlgenn::gpu_bench {

struct Case {
    std::string name;
    Network network;
    CompilerOptions options;
    Inputs inputs;
    std::size_t num_examples = 0;
};

/// A folder with a benchmark bundle (meta.json), or with network.json and test_spikes.npz. Throws DescriptionError.
[[nodiscard]] Case load_case(const std::filesystem::path& folder);

struct Point {
    std::uint32_t batch_size = 0;
    /// Why it was not measured; empty: it was.
    std::string problem{};
    std::uint32_t runs = 0;
    /// Medians over the runs of one batch each.
    double wall_ms = 0.0;
    double kernel_ms = 0.0;
    double copy_ms = 0.0;
    std::size_t device_bytes = 0;
    /// The first examples give the bits that they give at batch size 1.
    bool same_bits = false;

    [[nodiscard]] double examples_per_second() const { return wall_ms > 0.0 ? batch_size / wall_ms * 1e3 : 0.0; }
    [[nodiscard]] double kernel_examples_per_second() const {
        return kernel_ms > 0.0 ? batch_size / kernel_ms * 1e3 : 0.0;
    }
};

struct Result {
    std::string name;
    std::uint32_t timesteps = 0;
    std::string schedule{};
    double compile_cold_ms = 0.0;
    double compile_warm_ms = 0.0;
    std::vector<Point> points{};
};

/// At least `min_runs` runs and `min_seconds` per batch size, after one that is not counted.
struct Effort {
    std::uint32_t min_runs = 5;
    double min_seconds = 1.0;
};
[[nodiscard]] Result measure(const Case& bench_case, const std::vector<std::uint32_t>& batch_sizes,
                             const Effort& effort);

}  // namespace mlgenn::gpu_bench
