// SPDX-License-Identifier: Apache-2.0
// What a benchmark runs: a bundle, or a described network with the inputs of the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mlgenn/inputs.h"
#include "tools/bench_support/bundles.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/network_setup.h"

namespace mlgenn::cli {

struct BenchCase {
    std::string name;
    std::filesystem::path path;
    NetworkSetup setup;
    Inputs inputs;
    std::size_t num_examples = 0;
    /// Present: there are recorded outputs to compare with.
    std::optional<bench::Bundle> bundle{};
    /// The hand-written program's word for the bundle ("mnist", "shd", "conv"); empty: it has none.
    std::string native_kind{};
};

/// Reads what stands at `path`. Throws DescriptionError.
[[nodiscard]] BenchCase load_case(const BenchCommand& command, const std::filesystem::path& path);

/// Modes to measure.
[[nodiscard]] std::vector<Accumulation> modes_of(const BenchCommand& command, const std::filesystem::path& path);

/// The same network compiled for `mode` with `threads` threads, and without metrics.
[[nodiscard]] NetworkSetup setup_for(const BenchCase& bench_case, Accumulation mode, std::uint32_t threads);

}  // namespace mlgenn::cli
