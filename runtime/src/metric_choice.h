// SPDX-License-Identifier: Apache-2.0
// What an evaluation scores: metrics by name, or those that nobody need name, and the targets that they need.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/inputs.h"

namespace mlgenn::runtime {

/// A metric of one output in a call.
struct ChosenMetric {
    std::string name{};
    /// Index in ExecutionPlan::outputs.
    std::size_t output = 0;
    /// Index in ExecutionPlan::metrics; none for functions.
    std::optional<std::size_t> compiled{};
    MetricFunction function{};
    /// Empty if the metric needs none and none were given.
    Array targets{};
};

/// What a call may choose from.
struct MetricRequest {
    /// By output; empty: the defaults of EvaluateOptions::metrics.
    const std::map<std::string, std::vector<std::string>>& names;
    /// Of the call, and those that were registered when the network was compiled.
    const MetricFunctions& call_functions;
    const MetricFunctions& registered_functions;
};

/// Chooses metrics and checks the targets against them. Adds findings to `problems`; without any, the result can be
/// used. `num_examples` is empty when the inputs do not tell.
[[nodiscard]] std::vector<ChosenMetric> choose_metrics(const ExecutionPlan& plan, const Targets& targets,
                                                       const MetricRequest& request,
                                                       std::optional<std::size_t> num_examples,
                                                       std::vector<Diagnostic>& problems);

}  // namespace mlgenn::runtime
