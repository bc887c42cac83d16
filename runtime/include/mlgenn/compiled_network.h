// SPDX-License-Identifier: Apache-2.0
// A network as generated code, ready to run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/callbacks.h"
#include "mlgenn/errors.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/inputs.h"
#include "mlgenn/metric_result.h"
#include "mlgenn/profile.h"

namespace mlgenn {

class Executor;
class Session;
struct SessionOptions;

/// Which state starts afresh before every batch. The defaults make all examples independent. State that is carried over
/// goes from an example to the one `batch_size` later, also from one call to the next, until a call whose examples are
/// independent, a call that throws while examples run, or reset().
struct ResetOptions {
    /// Timestep counter (`reset_time_between_batches`). Times of events and steps of recordings count from the
    /// beginning of their example in any case.
    bool time = true;
    bool vars = true;       ///< neuron variables (`reset_vars_between_batches`); readouts are always reset
    bool in_syn = true;     ///< synaptic currents (`reset_in_syn_between_batches`)
    bool in_flight = true;  ///< spikes that were emitted but not yet delivered

    /// Examples are pieces of one endless run: nothing but readouts is reset.
    [[nodiscard]] static constexpr ResetOptions streaming() { return {false, false, false, false}; }
};

/// Spikes of one population in one example, ordered by (step, id). Step 0 is the example's first.
struct SpikeRecord {
    std::vector<std::uint32_t> steps{};
    std::vector<std::uint32_t> ids{};
};

/// Recorded data by key. Traces: f32 (examples, timesteps, population shape...).
struct Recordings {
    std::map<std::string, std::vector<SpikeRecord>> spikes{};  ///< one entry per example
    std::map<std::string, Array> traces{};
};

struct Predictions {
    /// By output population: (examples, population shape...); u32 for spike counts, f32 otherwise.
    std::map<std::string, Array> outputs{};
    Recordings recordings{};
    CallbackData callback_data{};
    /// Wall-clock seconds spent in generated code and around it.
    double seconds = 0.0;
};

/// A metric as a function: scores the predictions for all examples of a call, (examples, population shape...) as
/// predict() gives them, against the call's targets for the output as they were given (an empty array if none were).
/// It runs on the host, on the calling thread, once at the end and for every report of metrics to callbacks; an
/// exception that it throws reaches the caller.
using MetricFunction = std::function<double(const Array& outputs, const Array& targets)>;
using MetricFunctions = std::map<std::string, MetricFunction>;

/// The mean over examples of `score`, which gets one example's prediction (population shape...) and target.
[[nodiscard]] MetricFunction mean_over_examples(MetricFunction score);

struct Evaluation {
    /// By output, in the order in which its metrics were named.
    std::vector<MetricResult> metrics{};
    Recordings recordings{};
    CallbackData callback_data{};
    double seconds = 0.0;
    /// What came back from a device with memory of its own: sums of scores, and what else was asked for.
    std::uint64_t downloaded_bytes = 0;

    /// The result of `metric_name` on `output`: the name that it was given, or that of the catalogue if only one result
    /// of the output has it. Throws DescriptionError when there is none.
    [[nodiscard]] const MetricResult& metric(const std::string& output, const std::string& metric_name) const;
    /// The same for the only output that was scored with it.
    [[nodiscard]] const MetricResult& metric(const std::string& metric_name) const;
};

struct RunOptions {
    /// Examples per batch, at most the compiled batch size; unset: the compiled one.
    std::optional<std::uint32_t> batch_size{};
    /// Unset: as compiled.
    std::optional<ResetOptions> reset{};
    /// Run after the compiler's callbacks (CompilerOptions::callbacks), in order.
    std::vector<CallbackSpec> callbacks{};
    /// Bytes that this call's recordings may take; DescriptionError when they need more.
    std::size_t max_recorded_bytes = std::size_t{4} << 30;
};

struct EvaluateOptions : RunOptions {
    /// Names of compiled metrics and of functions, by output population. Empty: for every target the call's functions;
    /// without any the metrics that were named for the output when it was compiled; else the functions that were
    /// registered then; else `sparse_categorical_accuracy`.
    std::map<std::string, std::vector<std::string>> metrics{};
    /// For this call, beside those that were registered.
    MetricFunctions metric_functions{};
};

/// What every call of a compiled network starts from.
struct CallDefaults {
    /// Can be named in every call.
    MetricFunctions metric_functions{};
    /// Take part in every call.
    std::vector<CallbackSpec> callbacks{};
};

/// Owns the loaded code, its constants and its workspaces. Movable; several may be alive at once.
/// One object must not be used from two threads at the same time.
class CompiledNetwork {
public:
    CompiledNetwork(ExecutionPlan plan, std::unique_ptr<Executor> executor, ResetOptions reset,
                    std::uint32_t batch_size, CallDefaults defaults = {});
    CompiledNetwork(CompiledNetwork&&) noexcept;
    CompiledNetwork& operator=(CompiledNetwork&&) noexcept;
    ~CompiledNetwork();

    /// Runs every example for the compiled number of timesteps. All inputs must hold the same number of examples.
    /// Throws DescriptionError for missing, unknown or misshapen inputs, before anything runs.
    [[nodiscard]] Predictions predict(const Inputs& inputs, const RunOptions& options = {});

    /// Runs every example and scores it against `targets`.
    [[nodiscard]] Evaluation evaluate(const Inputs& inputs, const Targets& targets,
                                      const EvaluateOptions& options = {});

    /// An endless run that is fed and stepped by the caller (session.h), with state of its own.
    [[nodiscard]] Session open_session() const;
    /// Throws DescriptionError for code that cannot be stepped.
    [[nodiscard]] Session open_session(const SessionOptions& options) const;

    /// What was measured since compilation or the last call of profile(). Throws DescriptionError when the network was
    /// not compiled with kernel_profiling.
    [[nodiscard]] KernelProfile profile();

    /// Forgets all state, as if just compiled.
    void reset();

    [[nodiscard]] const ExecutionPlan& plan() const;
    [[nodiscard]] std::uint32_t batch_size() const;
    /// Bytes held for state, constants and code.
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    struct Call;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mlgenn
