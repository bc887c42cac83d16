// SPDX-License-Identifier: Apache-2.0
// Predicting and evaluating: checks a call as a whole, then lets the executor run its examples.
#include "mlgenn/compiled_network.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "mlgenn/executor.h"
#include "mlgenn/session.h"
#include "runtime/src/call_hooks.h"
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

/// Examples between two reports of progress: whole batches, about a hundred pieces in all, and enough work
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

/// What one call needs besides its examples.
struct CompiledNetwork::Call {
    std::vector<CallbackSpec> callbacks{};
    std::vector<runtime::ChosenRecorder> recorders{};
    std::size_t num_examples = 0;
    std::uint32_t batch_size = 1;
    ResetOptions reset{};
};

struct CompiledNetwork::Impl {
    ExecutionPlan plan;
    std::unique_ptr<Executor> executor;
    ResetOptions reset;
    std::uint32_t batch_size;
    CallDefaults defaults;
    bool running = false;

    void check_options(const RunOptions& options, std::vector<Diagnostic>& problems) const {
        if (options.batch_size && (*options.batch_size == 0 || *options.batch_size > batch_size)) {
            problems.push_back(
                {.where = "batch_size",
                 .problem = std::to_string(*options.batch_size) + " found, but the network '" + plan.network +
                            "' was compiled for batches of " + std::to_string(batch_size),
                 .notes = {},
                 .remedy = "use 1 to " + std::to_string(batch_size) + ", or compile with a larger batch size"});
        }
        const ResetOptions resets = options.reset.value_or(reset);
        if (plan.always_independent && !(resets.time && resets.vars && resets.in_syn && resets.in_flight)) {
            problems.push_back({.where = "reset",
                                .problem = "state is to be carried from example to example, but each example of the "
                                           "few-spike network '" +
                                           plan.network + "' stands for itself",
                                .notes = {},
                                .remedy = "leave the reset options out"});
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

    /// The compiler's callbacks come first.
    [[nodiscard]] Call make_call(const RunOptions& options, std::optional<std::size_t> num_examples,
                                 std::vector<Diagnostic>& problems) const {
        Call call{.callbacks = defaults.callbacks,
                  .recorders = {},
                  .num_examples = num_examples.value_or(0),
                  .batch_size = options.batch_size.value_or(batch_size),
                  .reset = options.reset.value_or(reset)};
        call.callbacks.insert(call.callbacks.end(), options.callbacks.begin(), options.callbacks.end());
        if (num_examples) {
            call.recorders = runtime::choose_recorders(plan, call.callbacks, *num_examples, problems);
        }
        return call;
    }

    /// Throws DescriptionError for hooks that the compiled code has no place for.
    void check_hooks(const runtime::CallHooks& hooks) const {
        if (hooks.level() == HookLevel::timestep && !plan.steppable) {
            throw DescriptionError(Diagnostic{.where = "callbacks of network '" + plan.network + "'",
                                              .problem = "they have hooks at every timestep, but schedule '" +
                                                         plan.schedule + "' makes whole examples at once",
                                              .notes = {},
                                              .remedy = "compile with another schedule"});
        }
    }

    /// Workers that ask for examples at the same time.
    [[nodiscard]] unsigned num_workers(const runtime::CallHooks& hooks, const Call& call) const {
        return hooks.level() == HookLevel::timestep ? std::max(executor->num_workers(), call.batch_size)
                                                    : executor->num_workers();
    }

    /// Runs the feeder's examples and all hooks. `scoring`, if any, has all their scores afterwards; `predictions` are
    /// what its functions look at.
    void run(const Call& call, runtime::CallHooks& hooks, runtime::ExampleFeeder& feeder, runtime::Scoring* scoring,
             const runtime::ReadoutStore& predictions) {
        const Running guard(*this);
        const auto metrics = [&](std::size_t num_done) {
            if (scoring == nullptr) {
                return std::vector<MetricResult>();
            }
            scoring->collect(*executor);
            return scoring->results(num_done, predictions);
        };
        try {
            hooks.test_begin();
            run_pieces(call, hooks, feeder, scoring, metrics);
            hooks.test_end([&] { return metrics(call.num_examples); });
        } catch (const runtime::StoppedByHook&) {
            executor->reset_all();
            hooks.rethrow();
        } catch (...) {
            executor->reset_all();
            throw;
        }
    }

private:
    /// Refuses calls from inside of hooks.
    class Running {
    public:
        explicit Running(Impl& impl) : impl_(impl) {
            if (std::exchange(impl_.running, true)) {
                throw DescriptionError(Diagnostic{.where = "network '" + impl_.plan.network + "'",
                                                  .problem = "it is running, and one of its callbacks uses it",
                                                  .notes = {},
                                                  .remedy = "use another compiled network in callbacks"});
            }
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running() { impl_.running = false; }

    private:
        Impl& impl_;
    };

    /// Examples that run before the hooks that come next.
    [[nodiscard]] std::size_t piece_of(const Call& call, const runtime::CallHooks& hooks) const {
        switch (hooks.level()) {
            case HookLevel::test:
                return call.num_examples;
            case HookLevel::progress:
                return examples_per_piece(call.num_examples, call.batch_size, executor->num_workers());
            default:
                return call.batch_size;
        }
    }

    template <class Metrics>
    void run_pieces(const Call& call, runtime::CallHooks& hooks, runtime::ExampleFeeder& feeder,
                    runtime::Scoring* scoring, const Metrics& metrics) {
        RunRequest request{.num_examples = call.num_examples,
                           .batch_size = call.batch_size,
                           .reset = reset_classes(call.reset),
                           .reset_time = call.reset.time};
        if (hooks.level() == HookLevel::timestep) {
            request.observer = &hooks;
        }
        std::size_t piece = piece_of(call, hooks);
        if (scoring != nullptr) {
            executor->clear_scores();
            piece = std::min(piece, max_scored_examples / call.batch_size * call.batch_size);
        }
        std::size_t num_uncollected = 0;
        for (std::size_t begin = 0; begin < call.num_examples; begin += piece) {
            request.num_examples = std::min(piece, call.num_examples - begin);
            request.first_example = begin;
            feeder.start_at(begin);
            if (scoring != nullptr && num_uncollected + request.num_examples > max_scored_examples) {
                scoring->collect(*executor);
                num_uncollected = 0;
            }
            hooks.next_batch(begin / call.batch_size);
            executor->run(request, feeder);
            num_uncollected += request.num_examples;
            const std::size_t done = begin + request.num_examples;
            hooks.piece_end(done, [&] { return metrics(done); });
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
                                 std::uint32_t batch_size, CallDefaults defaults)
    : impl_(std::make_unique<Impl>()) {
    impl_->plan = std::move(plan);
    impl_->executor = std::move(executor);
    impl_->reset = reset;
    impl_->batch_size = batch_size;
    impl_->defaults = std::move(defaults);
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
    Call call = impl_->make_call(options, num_examples, problems);
    if (!problems.empty()) {
        throw DescriptionError(std::move(problems));
    }
    runtime::CallHooks hooks(impl_->plan, call.callbacks, call.num_examples, call.batch_size);
    impl_->check_hooks(hooks);
    const unsigned num_workers = impl_->num_workers(hooks, call);
    runtime::ReadoutStore readouts(impl_->plan, call.num_examples);
    runtime::Recorder recorder(impl_->plan, call.num_examples, num_workers, std::move(call.recorders),
                               options.max_recorded_bytes);
    runtime::ExampleFeeder feeder(impl_->plan, inputs, num_workers, recorder, &readouts, nullptr);
    impl_->run(call, hooks, feeder, nullptr, readouts);
    CallbackData data = recorder.take_data();
    hooks.add_data(data);
    return {.outputs = readouts.take(),
            .recordings = recorder.take(),
            .callback_data = std::move(data),
            .seconds = watch.seconds()};
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
                                 .registered_functions = impl_->defaults.metric_functions},
                                num_examples, problems);
    Call call = impl_->make_call(options, num_examples, problems);
    if (!problems.empty()) {
        throw DescriptionError(std::move(problems));
    }
    runtime::CallHooks hooks(impl_->plan, call.callbacks, call.num_examples, call.batch_size);
    impl_->check_hooks(hooks);
    const unsigned num_workers = impl_->num_workers(hooks, call);
    runtime::Scoring scoring(impl_->plan, std::move(chosen), call.num_examples, num_workers);
    runtime::ReadoutStore predictions(impl_->plan, call.num_examples, scoring.outputs_for_functions());
    runtime::Recorder recorder(impl_->plan, call.num_examples, num_workers, std::move(call.recorders),
                               options.max_recorded_bytes);
    runtime::ExampleFeeder feeder(impl_->plan, inputs, num_workers, recorder, &predictions, &scoring);
    const std::uint64_t downloaded_before = impl_->executor->downloaded_bytes();
    impl_->run(call, hooks, feeder, &scoring, predictions);
    Evaluation evaluation;
    evaluation.metrics = scoring.results(call.num_examples, predictions);
    evaluation.recordings = recorder.take();
    evaluation.callback_data = recorder.take_data();
    hooks.add_data(evaluation.callback_data);
    evaluation.seconds = watch.seconds();
    evaluation.downloaded_bytes = impl_->executor->downloaded_bytes() - downloaded_before;
    return evaluation;
}

Session CompiledNetwork::open_session() const {
    return open_session({});
}

Session CompiledNetwork::open_session(const SessionOptions& options) const {
    if (!impl_->plan.steppable) {
        throw DescriptionError(Diagnostic{.where = "network '" + impl_->plan.network + "'",
                                          .problem = "schedule '" + impl_->plan.schedule +
                                                     "' makes whole examples at once, so that it "
                                                     "cannot be stepped",
                                          .notes = {},
                                          .remedy = "compile with another schedule to open a session"});
    }
    return {impl_->plan, impl_->executor->open_step_runner(), options};
}

KernelProfile CompiledNetwork::profile() {
    if (!impl_->plan.profile) {
        throw DescriptionError(Diagnostic{.where = "profile of network '" + impl_->plan.network + "'",
                                          .problem = "its code takes no times",
                                          .notes = {},
                                          .remedy = "compile it with the option kernel_profiling"});
    }
    return impl_->executor->take_profile();
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
