// SPDX-License-Identifier: Apache-2.0
// Metrics as text: "top_k_accuracy(k=3)", "top3: top_k_accuracy(k=3)".
#pragma once

#include <string>

#include "mlgenn/network.h"

namespace mlgenn::description {

/// Takes the text of `spec` apart: its model is a name afterwards, and parameters and name are filled in. A spec that
/// is no text stays as it is. Gives back what is wrong with the text, else nothing.
[[nodiscard]] std::string parse_metric_text(MetricSpec& spec);

/// "top_k_accuracy(k=3)": the metric with the parameters that are given, by name.
[[nodiscard]] std::string metric_text(const ModelSpec& metric);

}  // namespace mlgenn::description
