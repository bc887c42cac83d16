// SPDX-License-Identifier: Apache-2.0
// The metrics that outputs name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/description/report.h"
#include "compiler/language/user_models.h"

namespace mlgenn::description {

/// Takes metrics that are text apart, names their results, and reports what is wrong with them. The shapes of
/// populations are known; those of populations that have none are not looked at.
void complete_metrics(Network& network, const language::ModelTable& models, Report& report);

/// Replaces the metrics of all outputs of a validated network by these, by output, unless there are none.
/// Throws DescriptionError with everything that is wrong with them.
void replace_metrics(Network& network, const std::map<std::string, std::vector<MetricSpec>>& metrics);

}  // namespace mlgenn::description
