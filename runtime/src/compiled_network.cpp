// SPDX-License-Identifier: Apache-2.0
// Predicting and evaluating: checks a call as a whole, then lets the executor run its examples.
#include "mlgenn/compiled_network.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "mlgenn/executor.h"
#include "runtime/src/example_feeder.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/recorder.h"
#include "runtime/src/scoring.h"

namespace mlgenn {

namespace {

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Examples between two calls of the progress callback: whole batches, about a hundred pieces in all, and enough work
/// in each that waiting for its last example does not matter.
std::size_t examples_per_piece(std::size_t num_examples, std::uint32_t batch_size, unsigned num_workers) {
    constexpr std::size_t pieces = 100;
    constexpr std::size_t least_per_worker = 8;
    const std::size_t wanted =
        std::max({std::size_t{batch_size}, (num_examples + pieces - 1) / pieces, least_per_worker * num_workers});
    return (wanted + batch_size - 1) / batch_size * batch_size;
}

std::vector<bool> reset_classes(const ResetOptions& options) {
    std::vector<bool> reset(static_cast<std::size_t>(ResetClass::in_flight) + 1, false);
    reset[static_cast<std::size_t>(ResetClass::variable)] = options.vars;
    reset[static_cast<std::size_t>(ResetClass::readout)] = true;
    reset[static_cast<std::size_t>(ResetClass::synaptic)] = options.in_syn;
    reset[static_cast<std::size_t>(ResetClass::in_flight)] = options.in_flight;
    return reset;
}

}  // namespace

struct CompiledNetwork::Impl {
    ExecutionPlan plan;
    std::unique_ptr<Executor> executor;
    ResetOptions reset;
    std::uint32_t batch_size;
    MetricFunctions metric_functions;

    void check_options(const RunOptions& options, std::vector<Diagnostic>& problems) const {
        if (options.batch_size && (*options.batch_size == 0 || *options.batch_size > batch_size)) {
            problems.push_back(
                {.where = "batch_size",
                 .problem = std::to_string(*options.batch_size) + " found, but the network '" + plan.network +
                            "' was compiled for batches of " + std::to_string(batch_size),
                 .notes = {},
                 .remedy = "use 1 to " + std::to_string(batch_size) + ", or compile with a larger batch size"});
        }
    }

    /// A batch's scores add up before any of them are taken.
    void check_batch_can_be_scored(const RunOptions& options, std::vector<Diagnostic>& problems) const {
        const std::uint32_t size = options.batch_size.value_or(batch_size);
        if (size > max_scored_examples) {
            problems.push_back({.where = "batch_size",
                                .problem = std::to_string(size) +
                                           " found, but examples are scored in batches of at most " +
                                           std::to_string(max_scored_examples),
                                .notes = {},
                                .remedy = "evaluate with a smaller batch size"});
        }
    }

    /// The feeder's examples. `scoring`, if any, has all their scores afterwards.
    void run(const RunOptions& options, std::size_t num_examples, runtime::ExampleFeeder& feeder,
             runtime::Scoring* scoring) {
        const ResetOptions resets = options.reset.value_or(reset);
        RunRequest request{.num_examples = num_examples,
                           .batch_size = options.batch_size.value_or(batch_size),
                           .reset = reset_classes(resets),
                           .reset_time = resets.time};
        std::size_t piece = options.progress
                                ? examples_per_piece(num_examples, request.batch_size, executor->num_workers())
                                : num_examples;
        if (scoring != nullptr) {
            executor->clear_scores();
            piece = std::min(piece, max_scored_examples / request.batch_size * request.batch_size);
        }
        std::size_t num_uncollected = 0;
        for (std::size_t begin = 0; begin < num_examples; begin += piece) {
            request.num_examples = std::min(piece, num_examples - begin);
            request.first_example = begin;
            feeder.start_at(begin);
            if (scoring != nullptr && num_uncollected + request.num_examples > max_scored_examples) {
                scoring->collect(*executor);
                num_uncollected = 0;
            }
            executor->run(request, feeder);
            num_uncollected += request.num_examples;
            if (options.progress) {
                options.progress(begin + request.num_examples, num_examples);
            }
        }
        if (scoring != nullptr) {
            scoring->collect(*executor);
        }
    }
};

namespace {

/// The only result with this name, else the only one with this name in the catalogue.
const MetricResult& find_result(const std::vector<MetricResult>& results, const std::string* output,
                                const std::string& name) {
    std::vector<const MetricResult*> exact;
    std::vector<const MetricResult*> similar;
    std::vector<std::string> known;
    for (const MetricResult& result : results) {
        known.push_back(result.output + ": " + result.metric);
        if (output != nullptr && result.output != *output) {
            continue;
        }
        if (result.metric == name) {
            exact.push_back(&result);
        } else if (result.model == name) {
            similar.push_back(&result);
        }
    }
    const std::vector<const MetricResult*>& found = exact.empty() ? similar : exact;
    if (found.size() == 1) {
        return *found.front();
    }
    throw DescriptionError(
        Diagnostic{.where = "metric '" + name + "'" + (output != nullptr ? " of '" + *output + "'" : ""),
                   .problem = found.empty() ? "it was not evaluated"
                                            : "there are " + std::to_string(found.size()) + " results of this name",
                   .notes = {},
                   .remedy = "the results are: " + runtime::quoted_list(known)});
}

}  // namespace

const MetricResult& Evaluation::metric(const std::string& output, const std::string& metric_name) const {
    return find_result(metrics, &output, metric_name);
}

const MetricResult& Evaluation::metric(const std::string& metric_name) const {
    return find_result(metrics, nullptr, metric_name);
}

CompiledNetwork::CompiledNetwork(ExecutionPlan plan, std::unique_ptr<Executor> executor, ResetOptions reset,
                                 std::uint32_t batch_size, MetricFunctions metric_functions)
    : impl_(std::make_unique<Impl>(Impl{.plan = std::move(plan),
                                        .executor = std::move(executor),
                                        .reset = reset,
                                        .batch_size = batch_size,
                                        .metric_functions = std::move(metric_functions)})) {
    if (!impl_->executor || batch_size == 0) {
        throw InternalError("a compiled network without an executor, or with batch size 0");
    }
}

CompiledNetwork::CompiledNetwork(CompiledNetwork&&) noexcept = default;
CompiledNetwork& CompiledNetwork::operator=(CompiledNetwork&&) noexcept = default;
CompiledNetwork::~CompiledNetwork() = default;

Predictions CompiledNetwork::predict(const Inputs& inputs, const RunOptions& options) {
    const Stopwatch watch;
    std::vector<Diagnostic> problems;
    impl_->check_options(options, problems);
    const std::optional<std::size_t> num_examples = runtime::check_inputs(impl_->plan, inputs, problems);
    if (!problems.empty()) {
        throw DescriptionError(std::move(problems));
    }
    const unsigned num_workers = impl_->executor->num_workers();
    runtime::ReadoutStore readouts(impl_->plan, num_examples.value());
    runtime::Recorder recorder(impl_->plan, num_examples.value(), num_workers);
    runtime::ExampleFeeder feeder(impl_->plan, inputs, num_workers, recorder, &readouts, nullptr);
    impl_->run(options, num_examples.value(), feeder, nullptr);
    return {.outputs = readouts.take(), .recordings = recorder.take(), .seconds = watch.seconds()};
}

Evaluation CompiledNetwork::evaluate(const Inputs& inputs, const Targets& targets, const EvaluateOptions& options) {
    const Stopwatch watch;
    std::vector<Diagnostic> problems;
    impl_->check_options(options, problems);
    impl_->check_batch_can_be_scored(options, problems);
    const std::optional<std::size_t> num_examples = runtime::check_inputs(impl_->plan, inputs, problems);
    std::vector<runtime::ChosenMetric> chosen =
        runtime::choose_metrics(impl_->plan, targets,
                                {.names = options.metrics,
                                 .call_functions = options.metric_functions,
                                 .registered_functions = impl_->metric_functions},
                                num_examples, problems);
    if (!problems.empty()) {
        throw DescriptionError(std::move(problems));
    }
    const unsigned num_workers = impl_->executor->num_workers();
    runtime::Scoring scoring(impl_->plan, std::move(chosen), num_examples.value(), num_workers);
    runtime::ReadoutStore predictions(impl_->plan, num_examples.value(), scoring.outputs_for_functions());
    runtime::Recorder recorder(impl_->plan, num_examples.value(), num_workers);
    runtime::ExampleFeeder feeder(impl_->plan, inputs, num_workers, recorder, &predictions, &scoring);
    const std::uint64_t downloaded_before = impl_->executor->downloaded_bytes();
    impl_->run(options, num_examples.value(), feeder, &scoring);
    Evaluation evaluation;
    evaluation.metrics = scoring.results(num_examples.value(), predictions);
    evaluation.recordings = recorder.take();
    evaluation.seconds = watch.seconds();
    evaluation.downloaded_bytes = impl_->executor->downloaded_bytes() - downloaded_before;
    return evaluation;
}

void CompiledNetwork::reset() {
    impl_->executor->reset_all();
}

const ExecutionPlan& CompiledNetwork::plan() const {
    return impl_->plan;
}

std::uint32_t CompiledNetwork::batch_size() const {
    return impl_->batch_size;
}

std::size_t CompiledNetwork::memory_bytes() const {
    return impl_->executor->memory_bytes();
}

}  // namespace mlgenn
