// SPDX-License-Identifier: Apache-2.0
// What a user wants to happen, or to be recorded, while examples run (docs/callbacks.md).
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/filters.h"
#include "mlgenn/metric_result.h"

namespace mlgenn {

/// Spikes of the recorded examples, one entry each in the order of the data. An example's spikes are ordered by
/// (time, id); times in ms from the example's first timestep, ids are row-major neuron indices.
struct SpikeTrains {
    std::vector<std::vector<double>> times{};
    std::vector<std::vector<std::int32_t>> ids{};
};

/// What a callback gives back: spikes, one array per recorded example, an array, or a number.
using CallbackValue = std::variant<SpikeTrains, std::vector<Array>, Array, double>;
using CallbackData = std::map<std::string, CallbackValue>;

/// The finest hooks that a callback has. A run is cut as finely as the finest of its callbacks needs.
enum class HookLevel : std::uint8_t {
    test,      ///< begin and end of the call: costs nothing
    progress,  ///< also every hundredth or so of the examples: costs next to nothing
    batch,     ///< also every batch: a batch ends before the next one begins
    timestep,  ///< also every timestep: all examples of a batch advance together, one launch per timestep
};

/// A call of predict or evaluate as its callbacks see it. Lives as long as the call.
class RunContext {
public:
    RunContext() = default;
    RunContext(const RunContext&) = delete;
    RunContext& operator=(const RunContext&) = delete;
    virtual ~RunContext() = default;

    [[nodiscard]] virtual std::size_t num_examples() const = 0;
    [[nodiscard]] virtual std::uint32_t batch_size() const = 0;
    [[nodiscard]] virtual std::size_t num_batches() const = 0;
    [[nodiscard]] virtual std::uint32_t num_timesteps() const = 0;

    /// State variables of the batch that is running: (examples of the batch, population shape...), in their own type.
    /// `owner` is a population (its neuron's and readout's variables) or a connection (its synapse's). Only inside
    /// on_batch_begin, on_timestep_begin and on_timestep_end of a callback of level `timestep`; throws DescriptionError
    /// elsewhere, for unknown names, and for values whose number or type does not fit.
    [[nodiscard]] virtual Array read(const std::string& owner, const std::string& variable) const = 0;
    /// `values`: as read() gives them, or one example's for all examples.
    virtual void write(const std::string& owner, const std::string& variable, const Array& values) = 0;
    virtual void fill(const std::string& owner, const std::string& variable, double value) = 0;
    /// Gives all variables of `owner` their initial values; empty: the variables of all neurons and readouts.
    virtual void reset(const std::string& owner = {}) = 0;
};

/// Hooks around a call of predict or evaluate, called on the calling thread. An exception that a hook throws ends the
/// call and reaches the caller; the network stays usable and starts from its initial state.
/// A hook must not use the network that is running.
class Callback {
public:
    Callback() = default;
    virtual ~Callback() = default;

    /// Hooks finer than this are not called.
    [[nodiscard]] virtual HookLevel level() const = 0;

    /// Before all other hooks of a call; `run` lives until the call returns.
    virtual void begin_run(RunContext& /*run*/) {}
    virtual void on_test_begin() {}
    /// Batches count from 0 in every call.
    virtual void on_batch_begin(std::size_t /*batch*/) {}
    /// Timesteps count from 0 in every example.
    virtual void on_timestep_begin(std::uint32_t /*timestep*/) {}
    virtual void on_timestep_end(std::uint32_t /*timestep*/) {}
    /// Metrics of all examples so far; none in predict.
    virtual void on_batch_end(std::size_t /*batch*/, std::span<const MetricResult> /*metrics*/) {}
    /// After every few batches, in runs that are cut by batches after each one, and at the end.
    virtual void on_progress(std::size_t /*examples_done*/, std::size_t /*num_examples*/,
                             std::span<const MetricResult> /*metrics*/) {}
    virtual void on_test_end(std::span<const MetricResult> /*metrics*/) {}

    /// What the call returns for this callback, asked after on_test_end. An empty key stands for the callback's
    /// position in the list (the compiler's callbacks first).
    [[nodiscard]] virtual std::optional<std::pair<std::string, CallbackValue>> data() { return std::nullopt; }

protected:
    Callback(const Callback&) = default;
    Callback& operator=(const Callback&) = default;
};

/// A callback from functions: its level follows from those that are set.
struct CallbackFunctions {
    std::function<void()> on_test_begin{};
    std::function<void(std::size_t)> on_batch_begin{};
    std::function<void(std::uint32_t)> on_timestep_begin{};
    std::function<void(std::uint32_t)> on_timestep_end{};
    std::function<void(std::size_t, std::span<const MetricResult>)> on_batch_end{};
    /// (examples done, examples in all)
    std::function<void(std::size_t, std::size_t)> on_progress{};
    std::function<void(std::span<const MetricResult>)> on_test_end{};
    std::function<std::optional<std::pair<std::string, CallbackValue>>()> data{};
};

/// A function that may change state variables, as mlGeNN's CustomUpdateOn... callbacks do.
struct CustomUpdate {
    enum class When : std::uint8_t { batch_begin, timestep_begin, timestep_end };
    When when = When::batch_begin;
    /// Gets the call and the index of the batch, or of the timestep.
    std::function<void(RunContext&, std::size_t)> update{};
    /// Indices to run at; unset: all.
    std::function<bool(std::size_t)> filter{};
};

/// Records the spikes of a population. Value: SpikeTrains, or with `record_counts` u32 arrays (selected neurons).
struct SpikeRecorder {
    std::string population{};
    /// Empty: "<population>.spikes", or "<population>.spike_counts".
    std::string key{};
    ExampleFilter example_filter{};
    NeuronFilter neuron_filter{};
    bool record_counts = false;
};

/// Whether two names differ in upper and lower case only: mlGeNN's "v" is the variable that the models call "V".
[[nodiscard]] bool same_variable(std::string_view left, std::string_view right);

/// Records a variable of every neuron at the end of every timestep, after a reset if there was one.
/// Value: f32 arrays (timesteps, selected neurons).
struct VarRecorder {
    std::string population{};
    /// A state variable ("V"), a readout's accumulator ("VAvg", "Scount"), or "Input". mlGeNN's "v" means "V" too.
    std::string variable{};
    /// Empty: "<population>.<variable>".
    std::string key{};
    ExampleFilter example_filter{};
    NeuronFilter neuron_filter{};
};

/// Gives the weights ("g") or delays in timesteps ("d") of a connection as a matrix, whatever its connectivity.
/// Value: one f32 array (selected sources, selected targets) per selected example, all the same: inference changes
/// neither, so the array has no dimension for timesteps, and all entries share their memory.
struct ConnVarRecorder {
    std::string connection{};
    std::string variable = "g";
    /// Empty: "<connection>.<variable>".
    std::string key{};
    ExampleFilter example_filter{};
    NeuronFilter src_neuron_filter{};
    NeuronFilter trg_neuron_filter{};
};

/// Draws the share of examples done and the metrics so far on one line of a stream.
class BatchProgressBar : public Callback {
public:
    /// Draws on std::clog.
    BatchProgressBar();
    /// `out` outlives the object.
    explicit BatchProgressBar(std::ostream& out);

    [[nodiscard]] HookLevel level() const override { return HookLevel::progress; }
    void begin_run(RunContext& run) override;
    void on_progress(std::size_t examples_done, std::size_t num_examples,
                     std::span<const MetricResult> metrics) override;

private:
    using Clock = std::chrono::steady_clock;

    std::ostream* out_;
    std::size_t batch_size_ = 1;
    std::size_t drawn_width_ = 0;
    Clock::time_point last_draw_{};
};

/// One entry of a list of callbacks. Callback objects are shared, not copied: what a hook stores in its object is there
/// after the call.
class CallbackSpec {
public:
    using Variant = std::variant<std::shared_ptr<Callback>, SpikeRecorder, VarRecorder, ConnVarRecorder>;

    /// "batch_progress_bar"; throws DescriptionError for other names.
    CallbackSpec(const char* name);
    CallbackSpec(const std::string& name);
    /// Throws DescriptionError for a null pointer.
    template <std::derived_from<Callback> T>
    CallbackSpec(std::shared_ptr<T> callback) : CallbackSpec(Variant(std::shared_ptr<Callback>(std::move(callback)))) {}
    CallbackSpec(CallbackFunctions functions);
    /// Throws DescriptionError without an update function.
    CallbackSpec(CustomUpdate update);
    CallbackSpec(SpikeRecorder recorder) : value_(std::move(recorder)) {}
    CallbackSpec(VarRecorder recorder) : value_(std::move(recorder)) {}
    CallbackSpec(ConnVarRecorder recorder) : value_(std::move(recorder)) {}

    [[nodiscard]] const Variant& variant() const { return value_; }

private:
    explicit CallbackSpec(Variant value);
    Variant value_;
};

}  // namespace mlgenn
