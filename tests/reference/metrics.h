// SPDX-License-Identifier: Apache-2.0
// Metrics of the catalogue on predictions, in obvious loops.
#pragma once

#include <cstdint>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/network.h"

namespace mlgenn::reference {

struct MetricValue {
    double value = 0.0;
    /// confusion_matrix: counts, row by row.
    std::vector<std::uint64_t> matrix{};
};

/// Scores outputs (examples, population...) against labels (examples) or values (the outputs' shape). The f32 scores of
/// single examples add up in long double: exact as long as they are of similar size. Throws Unsupported for metrics
/// that it does not know.
[[nodiscard]] MetricValue reference_metric(const ModelSpec& metric, const Array& outputs, const Array& targets);

}  // namespace mlgenn::reference
