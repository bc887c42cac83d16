// SPDX-License-Identifier: Apache-2.0
// Does a benchmark compute the right thing? Outputs and spike counts against the recorded ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/mlgenn_compile/bench_case.h"

namespace mlgenn::cli {

/// Spike counts of one population against the recorded ones, over all examples.
struct CountCheck {
    std::string population;
    std::uint64_t num_compared = 0;
    std::uint64_t num_differing = 0;
    std::uint64_t spikes = 0;
    std::uint64_t reference_spikes = 0;
};

struct OutputCheck {
    Compatibility compatibility = Compatibility::none;
    std::size_t num_examples = 0;
    std::size_t num_equal = 0;
    std::size_t num_argmax_equal = 0;
    double largest_difference = 0.0;
    std::uint64_t num_correct = 0;
    std::vector<CountCheck> counts;
    bool passed = false;
    /// What was demanded: "all equal", or the weaker demand.
    std::string demand;
};

/// Runs all examples of a bundle in `mode` and compares. With Compatibility::mlgenn_2_4 the references are those of
/// examples that follow each other; the bundle must have them.
[[nodiscard]] OutputCheck check_outputs(const BenchCase& bench_case, Accumulation mode, Compatibility compatibility);

/// Synaptic operations per example: spikes of every source times its mean number of synapses, over the first examples.
[[nodiscard]] double synops_per_example(const BenchCase& bench_case, Accumulation mode);

}  // namespace mlgenn::cli
