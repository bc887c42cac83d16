// SPDX-License-Identifier: Apache-2.0
// Targets and metrics of an evaluation: what is scored, and what the scores add up to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/inputs.h"
#include "runtime/src/input_readers.h"

namespace mlgenn::runtime {

/// One compiled metric and the targets that it compares with.
struct ScoredOutput {
    std::size_t metric = 0;  ///< index in ExecutionPlan::metrics
    Array targets{};
};

/// Chooses the compiled metric of every target (`metric_names` by output; if empty, sparse categorical accuracy for
/// all) and checks the targets against it. Adds findings to `problems`; without any, the result can be used.
/// `num_examples` is empty when the inputs do not tell.
[[nodiscard]] std::vector<ScoredOutput> choose_metrics(const ExecutionPlan& plan, const Targets& targets,
                                                       const std::map<std::string, std::string>& metric_names,
                                                       std::optional<std::size_t> num_examples,
                                                       std::vector<Diagnostic>& problems);

/// Hands targets to score functions and adds up their scores. Different threads may work on different examples.
class Scoring {
public:
    Scoring(const ExecutionPlan& plan, std::vector<ScoredOutput> scored, std::size_t num_examples,
            unsigned num_workers);

    [[nodiscard]] std::size_t num_scored() const { return channels_.size(); }
    /// Index in ExecutionPlan::metrics.
    [[nodiscard]] std::size_t metric(std::size_t scored) const { return channels_[scored].metric; }
    /// The example's target: one i32, or one f32 per neuron. Valid until the same worker asks again.
    [[nodiscard]] const std::byte* target(std::size_t scored, std::size_t example, unsigned worker);
    /// Where the example's score goes.
    [[nodiscard]] std::byte* score(std::size_t scored, std::size_t example);

    [[nodiscard]] std::vector<MetricResult> results() const;

private:
    struct WorkerValues {
        std::vector<float> converted{};
        std::vector<float> padded{};
    };
    struct Channel {
        std::size_t metric = 0;
        MetricPlan plan{};
        std::string output{};
        /// Targets that are labels ...
        std::vector<std::int32_t> labels{};
        /// ... or values, with a copy of one example's for each worker.
        std::optional<DenseReader> reader{};
        std::vector<WorkerValues> values_of_worker{};
        /// Bit patterns of u32 or f32.
        std::vector<std::uint32_t> scores{};
    };
    std::vector<Channel> channels_{};
};

}  // namespace mlgenn::runtime
