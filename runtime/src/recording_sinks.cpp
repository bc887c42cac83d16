// SPDX-License-Identifier: Apache-2.0
// Where one recorder keeps what it selects of the rows that generated code writes.
#include "runtime/src/recording_sinks.h"

#include <algorithm>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/recorded_rows.h"

namespace mlgenn::runtime {

namespace {

constexpr std::uint64_t bytes_per_spike = sizeof(double) + sizeof(std::int32_t);

class SpikeTrainSink final : public RecordingSink {
public:
    SpikeTrainSink(const ExecutionPlan& plan, ChosenRecorder recorder, RecordingBudget& budget)
        : recorder_(std::move(recorder)),
          budget_(budget),
          dt_ms_(plan.dt_ms),
          row_bytes_(plan.recordings[recorder_.plan_index].row_bytes),
          mask_(raster_mask(recorder_.neurons, plan.recordings[recorder_.plan_index].num_neurons)) {
        budget.reserve(recorder_.key, saturated_product({recorder_.examples.size(), 2 * sizeof(std::vector<double>)}));
        trains_.times.resize(recorder_.examples.size());
        trains_.ids.resize(recorder_.examples.size());
    }

    [[nodiscard]] bool wants(std::size_t example) const override {
        return recorder_.examples.position(example).has_value();
    }

    void collect(std::size_t example, std::span<const std::byte> rows) override {
        const auto position = recorder_.examples.position(example);
        if (!position) {
            return;
        }
        const std::size_t num_spikes = count_spikes(rows, row_bytes_, mask_);
        budget_.reserve(recorder_.key, num_spikes * bytes_per_spike);
        std::vector<double>& times = trains_.times[*position];
        std::vector<std::int32_t>& ids = trains_.ids[*position];
        times.reserve(num_spikes);
        ids.reserve(num_spikes);
        for_each_spike(rows, row_bytes_, mask_, [&](std::uint32_t step, std::uint32_t neuron) {
            times.push_back(static_cast<double>(step) * dt_ms_);
            ids.push_back(static_cast<std::int32_t>(neuron));
        });
    }

    [[nodiscard]] CallbackValue take() override { return std::move(trains_); }

private:
    ChosenRecorder recorder_;
    RecordingBudget& budget_;
    double dt_ms_;
    std::size_t row_bytes_;
    std::vector<std::uint32_t> mask_;
    SpikeTrains trains_{};
};

/// One array per selected example, made when the example has run.
class ArraySink : public RecordingSink {
public:
    ArraySink(ChosenRecorder recorder, std::uint64_t values_per_example, RecordingBudget& budget)
        : recorder_(std::move(recorder)) {
        budget.reserve(recorder_.key, saturated_product({recorder_.examples.size(),
                                                         sizeof(Array) + saturated_product({values_per_example, 4})}));
        arrays_.resize(recorder_.examples.size());
    }

    [[nodiscard]] bool wants(std::size_t example) const override {
        return recorder_.examples.position(example).has_value();
    }
    void collect(std::size_t example, std::span<const std::byte> rows) override {
        if (const auto position = recorder_.examples.position(example)) {
            arrays_[*position] = convert(rows);
        }
    }
    [[nodiscard]] CallbackValue take() override { return std::move(arrays_); }

protected:
    [[nodiscard]] const std::vector<std::uint32_t>& neurons() const { return recorder_.neurons; }
    [[nodiscard]] virtual Array convert(std::span<const std::byte> rows) const = 0;

private:
    ChosenRecorder recorder_;
    std::vector<Array> arrays_{};
};

class SpikeCountSink final : public ArraySink {
public:
    SpikeCountSink(const ExecutionPlan& plan, ChosenRecorder recorder, RecordingBudget& budget)
        : SpikeCountSink(plan.recordings[recorder.plan_index], std::move(recorder), budget) {}

private:
    SpikeCountSink(const RecordingPlan& recording, ChosenRecorder recorder, RecordingBudget& budget)
        : ArraySink(recorder, recorder.neurons.size(), budget),
          row_bytes_(recording.row_bytes),
          mask_(raster_mask(neurons(), recording.num_neurons)),
          places_(recording.num_neurons) {
        for (std::size_t k = 0; k < neurons().size(); ++k) {
            places_[neurons()[k]] = static_cast<std::uint32_t>(k);
        }
    }

    [[nodiscard]] Array convert(std::span<const std::byte> rows) const override {
        Array counts(DType::u32, {neurons().size()});
        const std::span<std::uint32_t> values = counts.as_mutable<std::uint32_t>();
        for_each_spike(rows, row_bytes_, mask_,
                       [&](std::uint32_t, std::uint32_t neuron) { ++values[places_[neuron]]; });
        return counts;
    }

    std::size_t row_bytes_;
    std::vector<std::uint32_t> mask_;
    /// Position of a neuron among the selected ones.
    std::vector<std::uint32_t> places_;
};

class VariableSink final : public ArraySink {
public:
    VariableSink(const ExecutionPlan& plan, ChosenRecorder recorder, RecordingBudget& budget)
        : VariableSink(plan.recordings[recorder.plan_index],
                       plan.rows_of(plan.recordings[recorder.plan_index]).num_steps(), std::move(recorder), budget) {}

private:
    VariableSink(const RecordingPlan& recording, std::uint32_t num_timesteps, ChosenRecorder recorder,
                 RecordingBudget& budget)
        : ArraySink(recorder, saturated_product({num_timesteps, recorder.neurons.size()}), budget),
          num_timesteps_(num_timesteps),
          num_neurons_(recording.num_neurons),
          row_bytes_(recording.row_bytes),
          storage_(recording.storage) {}

    [[nodiscard]] Array convert(std::span<const std::byte> rows) const override {
        Array trace(DType::f32, {num_timesteps_, neurons().size()});
        const std::span<float> values = trace.as_mutable<float>();
        std::vector<float> row(num_neurons_);
        for (std::size_t step = 0; step < num_timesteps_; ++step) {
            widen(storage_, rows.subspan(step * row_bytes_, row_bytes_), row);
            for (std::size_t k = 0; k < neurons().size(); ++k) {
                values[step * neurons().size() + k] = row[neurons()[k]];
            }
        }
        return trace;
    }

    std::size_t num_timesteps_;
    std::size_t num_neurons_;
    std::size_t row_bytes_;
    Storage storage_;
};

}  // namespace

std::unique_ptr<RecordingSink> make_sink(const ExecutionPlan& plan, ChosenRecorder recorder, RecordingBudget& budget) {
    switch (recorder.kind) {
        case ChosenRecorder::Kind::spikes:
            return std::make_unique<SpikeTrainSink>(plan, std::move(recorder), budget);
        case ChosenRecorder::Kind::spike_counts:
            return std::make_unique<SpikeCountSink>(plan, std::move(recorder), budget);
        case ChosenRecorder::Kind::variable:
            return std::make_unique<VariableSink>(plan, std::move(recorder), budget);
        case ChosenRecorder::Kind::connection:
            break;
    }
    throw InternalError("recorder '" + recorder.key + "' has nothing to collect");
}

CallbackValue connection_data(const ExecutionPlan& plan, const ChosenRecorder& recorder, RecordingBudget& budget) {
    const ConnectionVariablePlan& variable = plan.connection_variables.at(recorder.plan_index);
    const Shape shape = {recorder.neurons.size(), recorder.targets.size()};
    budget.reserve(recorder.key, saturated_product({shape[0], shape[1], sizeof(float)}));
    budget.reserve(recorder.key, saturated_product({recorder.examples.size(), sizeof(Array)}));
    Array selected(DType::f32, shape);
    const std::span<float> values = selected.as_mutable<float>();
    const std::span<const float> all = variable.values.as<float>();
    const std::size_t num_targets = num_elements(variable.target_shape);
    for (std::size_t i = 0; i < shape[0]; ++i) {
        for (std::size_t j = 0; j < shape[1]; ++j) {
            values[i * shape[1] + j] = all[recorder.neurons[i] * num_targets + recorder.targets[j]];
        }
    }
    return std::vector<Array>(recorder.examples.size(), selected);
}

}  // namespace mlgenn::runtime
