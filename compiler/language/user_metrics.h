// SPDX-License-Identifier: Apache-2.0
// Metrics that a network defines by code strings, as catalogue entries.
#pragma once

#include "compiler/language/source.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/network.h"

namespace mlgenn::language {

/// Code that scores one example: it reads output(j), and `label` or target(j), and assigns `score`. The metric is the
/// mean over examples. One with findings has no build function.
[[nodiscard]] models::MetricModel compile_metric_model(const UserMetricModel& model, Findings& findings);

}  // namespace mlgenn::language
