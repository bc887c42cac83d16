// SPDX-License-Identifier: Apache-2.0
// Scores of an evaluation: hands targets to score functions and makes results of what their scores add up to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"
#include "runtime/src/input_readers.h"
#include "runtime/src/metric_choice.h"

namespace mlgenn::runtime {

class ReadoutStore;

/// Different threads may ask for targets of different examples.
class Scoring {
public:
    Scoring(const ExecutionPlan& plan, std::vector<ChosenMetric> chosen, std::size_t num_examples,
            unsigned num_workers);

    /// Compiled metrics that are scored.
    [[nodiscard]] std::size_t num_scored() const { return scored_.size(); }
    /// Index in ExecutionPlan::metrics.
    [[nodiscard]] std::size_t metric(std::size_t scored) const { return *channels_[scored_[scored]].chosen.compiled; }
    /// The example's target: one i32, or one f32 per neuron. Valid until the same worker asks again.
    [[nodiscard]] const std::byte* target(std::size_t scored, std::size_t example, unsigned worker);
    /// By index in ExecutionPlan::outputs: whether functions score its predictions.
    [[nodiscard]] std::vector<bool> outputs_for_functions() const;

    /// Takes what the executor's examples have scored since the last time.
    void collect(Executor& executor);
    /// Results over the first `num_examples` examples, which are done and collected. At the border of any batch these
    /// are the results so far; functions then see the predictions so far.
    [[nodiscard]] std::vector<MetricResult> results(std::size_t num_examples, const ReadoutStore& predictions) const;

private:
    struct WorkerValues {
        std::vector<float> converted{};
        std::vector<float> padded{};
    };
    struct Channel {
        ChosenMetric chosen{};
        std::string output{};
        MetricPlan plan{};
        /// Targets that are labels (one that is 0 if the metric does not look at any) ...
        std::vector<std::int32_t> labels{};
        /// ... or values, with a copy of one example's for each worker.
        std::optional<DenseReader> reader{};
        std::vector<WorkerValues> values_of_worker{};
        /// What has been collected, see score_sums.h.
        std::vector<std::uint64_t> words{};
    };
    void prepare(Channel& channel, const ExecutionPlan& plan, std::size_t num_examples, unsigned num_workers) const;
    static void add_score(const Channel& channel, MetricResult& result);
    static void add_function(const Channel& channel, const ReadoutStore& predictions, MetricResult& result);

    std::vector<Channel> channels_{};
    /// Channels of compiled metrics.
    std::vector<std::size_t> scored_{};
};

}  // namespace mlgenn::runtime
