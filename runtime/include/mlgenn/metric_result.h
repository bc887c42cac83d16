// SPDX-License-Identifier: Apache-2.0
// The result of one metric on one output.
#pragma once

#include <cstdint>
#include <string>

#include "mlgenn/array.h"

namespace mlgenn {

struct MetricResult {
    std::string output{};
    /// The name that the metric was given, "top_k_accuracy(k=3)".
    std::string metric{};
    /// NaN as long as no example is done.
    double value = 0.0;
    /// The value is num_correct / num_examples, both exact.
    bool is_count = false;
    std::uint64_t num_correct = 0;
    std::uint64_t num_examples = 0;
    /// confusion_matrix: u64 (classes, classes), a row per label. Empty for others.
    Array values{};
    /// The catalogue's name of the metric; empty for functions.
    std::string model{};
};

}  // namespace mlgenn
