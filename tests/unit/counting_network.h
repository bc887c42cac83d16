// SPDX-License-Identifier: Apache-2.0
// A network of four neurons written by hand in place of generated code, with every kind of state, input and result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/cpu_executor.h"

namespace counting_network {

constexpr std::uint32_t num_neurons = 4;
constexpr std::uint32_t num_timesteps = 6;

/// One example's workspace.
struct State {
    std::uint32_t step_counter;
    std::uint32_t padding[15];
    float x[num_neurons];                  // value input
    float v[num_neurons];                  // variable, starts at the values in the constants
    float in_syn[num_neurons];             // synaptic
    std::uint32_t in_flight[num_neurons];  // arrives one step later
    std::uint32_t counts[num_neurons];     // readout: delivered events
    float sum[num_neurons];                // readout: sum of v and in_syn
    std::uint32_t clock[2];                // first t of the example, then the step counter
};

struct Constants {
    float weight[num_neurons] = {1.0F, 2.0F, 3.0F, 4.0F};
    float v[num_neurons] = {10.0F, 20.0F, 30.0F, 40.0F};
};

inline void run(const mlgenn::CpuRunArguments* arguments) {
    auto& state = *reinterpret_cast<State*>(arguments->workspace);
    const auto& constants = *reinterpret_cast<const Constants*>(arguments->constants);
    const auto* offsets = reinterpret_cast<const std::uint32_t*>(arguments->arguments[0]);
    const auto* ids = reinterpret_cast<const std::uint32_t*>(arguments->arguments[1]);
    auto* raster = reinterpret_cast<std::uint32_t*>(arguments->arguments[2]);
    auto* trace = reinterpret_cast<float*>(arguments->arguments[3]);
    auto* narrow_trace = reinterpret_cast<std::uint16_t*>(arguments->arguments[4]);
    const std::uint32_t num_steps = arguments->t_end - arguments->t_begin;
    state.clock[0] = arguments->t_begin;
    for (std::uint32_t row = arguments->row_begin; row < arguments->row_begin + num_steps; ++row) {
        for (std::uint32_t j = 0; j < num_neurons; ++j) {
            state.counts[j] += std::exchange(state.in_flight[j], 0);
            state.v[j] += state.x[j] * constants.weight[j];
            state.in_syn[j] = state.in_syn[j] * 0.5F + state.x[j];
            state.sum[j] += state.v[j] + state.in_syn[j];
            trace[row * num_neurons + j] = state.v[j];
            narrow_trace[row * (num_neurons + 1) + j] = static_cast<std::uint16_t>(state.counts[j]);
        }
        for (std::uint32_t i = offsets[row]; i < offsets[row + 1]; ++i) {
            state.in_flight[ids[i]] = 1;
            raster[row] |= 1U << ids[i];
        }
        ++state.step_counter;
    }
    state.clock[1] = state.step_counter;
}

/// 1 if the first largest count is the label.
inline void score_accuracy(const std::byte* readout, const std::byte* target, std::byte* score) {
    const auto* counts = reinterpret_cast<const std::uint32_t*>(readout);
    std::int32_t best = 0;
    for (std::int32_t j = 1; j < static_cast<std::int32_t>(num_neurons); ++j) {
        best = counts[j] > counts[best] ? j : best;
    }
    std::int32_t label = 0;
    std::memcpy(&label, target, sizeof(label));
    const std::uint32_t correct = best == label ? 1 : 0;
    std::memcpy(score, &correct, sizeof(correct));
}

/// The bin of the label and the first largest count.
inline void score_matrix(const std::byte* readout, const std::byte* target, std::byte* score) {
    const auto* counts = reinterpret_cast<const std::uint32_t*>(readout);
    const auto best = static_cast<std::uint32_t>(std::max_element(counts, counts + num_neurons) - counts);
    std::uint32_t label = 0;
    std::memcpy(&label, target, sizeof(label));
    const std::uint32_t bin = label * num_neurons + best;
    std::memcpy(score, &bin, sizeof(bin));
}

inline void score_square_error(const std::byte* readout, const std::byte* target, std::byte* score) {
    const auto* sum = reinterpret_cast<const float*>(readout);
    const auto* wanted = reinterpret_cast<const float*>(target);
    float error = 0.0F;
    for (std::uint32_t j = 0; j < num_neurons; ++j) {
        error += (sum[j] - wanted[j]) * (sum[j] - wanted[j]);
    }
    std::memcpy(score, &error, sizeof(error));
}

inline std::vector<mlgenn::ResetRange> resets() {
    using mlgenn::ResetClass;
    return {
        {.offset = offsetof(State, v),
         .bytes = sizeof(State::v),
         .reset_class = ResetClass::variable,
         .constants_offset = offsetof(Constants, v)},
        {.offset = offsetof(State, in_syn), .bytes = sizeof(State::in_syn), .reset_class = ResetClass::synaptic},
        {.offset = offsetof(State, in_flight), .bytes = sizeof(State::in_flight), .reset_class = ResetClass::in_flight},
        {.offset = offsetof(State, counts),
         .bytes = sizeof(State::counts) + sizeof(State::sum),
         .reset_class = ResetClass::readout}};
}

inline std::vector<mlgenn::InputPlan> input_plans() {
    using mlgenn::InputPlan;
    return {{.population = "values",
             .shape = {2, 2},
             .num_neurons = num_neurons,
             .kind = InputPlan::Kind::values,
             .workspace_offset = offsetof(State, x)},
            {.population = "events",
             .shape = {4},
             .num_neurons = num_neurons,
             .kind = InputPlan::Kind::events,
             .offsets_argument = 0,
             .ids_argument = 1}};
}

inline std::vector<mlgenn::OutputPlan> output_plans() {
    using mlgenn::Storage;
    return {{.population = "counts",
             .readout = "spike_count",
             .shape = {4},
             .num_neurons = num_neurons,
             .storage = Storage::u32,
             .workspace_offset = offsetof(State, counts)},
            {.population = "sum",
             .readout = "sum_var",
             .shape = {2, 2},
             .num_neurons = num_neurons,
             .storage = Storage::f32,
             .workspace_offset = offsetof(State, sum)},
            {.population = "clock",
             .readout = "var",
             .shape = {2},
             .num_neurons = 2,
             .storage = Storage::u32,
             .workspace_offset = offsetof(State, clock)}};
}

inline std::vector<mlgenn::StatePlan> state_plans() {
    using mlgenn::ResetClass;
    using mlgenn::Storage;
    return {{.population = "sum", .variable = "V", .shape = {2, 2}, .workspace_offset = offsetof(State, v)},
            {.population = "sum",
             .connection = "input_to_sum",
             .variable = "in_syn",
             .shape = {2, 2},
             .workspace_offset = offsetof(State, in_syn),
             .reset_class = ResetClass::synaptic},
            {.population = "counts",
             .variable = "Scount",
             .shape = {4},
             .storage = Storage::u32,
             .workspace_offset = offsetof(State, counts),
             .reset_class = ResetClass::readout}};
}

inline std::vector<mlgenn::RecordingPlan> recording_plans() {
    using mlgenn::Storage;
    return {{.key = "events.spikes",
             .population = "events",
             .shape = {4},
             .num_neurons = num_neurons,
             .spikes = true,
             .storage = Storage::u32,
             .row_bytes = 4,
             .argument = 2},
            {.key = "v",
             .population = "sum",
             .shape = {2, 2},
             .num_neurons = num_neurons,
             .variable = "V",
             .storage = Storage::f32,
             .row_bytes = num_neurons * sizeof(float),
             .argument = 3},
            {.key = "narrow",
             .population = "counts",
             .shape = {4},
             .num_neurons = num_neurons,
             .variable = "count",
             .storage = Storage::u16,
             .row_bytes = (num_neurons + 1) * sizeof(std::uint16_t),
             .argument = 4}};
}

inline std::vector<mlgenn::MetricPlan> metric_plans() {
    using mlgenn::ScoreKind;
    using mlgenn::TargetKind;
    return {{.metric = "sparse_categorical_accuracy",
             .name = "sparse_categorical_accuracy",
             .output = 0,
             .entry_point = "score_0"},
            {.metric = "mean_square_error",
             .name = "mean_square_error",
             .output = 1,
             .entry_point = "score_1",
             .target = TargetKind::values,
             .score = ScoreKind::sum,
             .divisor = num_neurons},
            {.metric = "confusion_matrix",
             .name = "matrix",
             .output = 0,
             .entry_point = "score_2",
             .score = ScoreKind::histogram,
             .bins = {num_neurons, num_neurons}}};
}

inline mlgenn::ExecutionPlan plan() {
    mlgenn::ExecutionPlan plan;
    plan.network = "counting";
    plan.backend = "by hand";
    plan.num_timesteps = num_timesteps;
    const Constants constants;
    const auto bytes = std::as_bytes(std::span(&constants, 1));
    plan.constants = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    plan.workspace_bytes = sizeof(State);
    plan.num_arguments = 5;
    plan.step_counter_offset = offsetof(State, step_counter);
    plan.resets = resets();
    plan.inputs = input_plans();
    plan.outputs = output_plans();
    plan.recordings = recording_plans();
    plan.states = state_plans();
    plan.metrics = metric_plans();
    return plan;
}

inline std::vector<mlgenn::CpuScoreFunction> scores() {
    return {score_accuracy, score_square_error, score_matrix};
}

inline mlgenn::CompiledNetwork make(std::uint32_t num_threads, std::uint32_t batch_size,
                                    mlgenn::ResetOptions reset = {}, mlgenn::CallDefaults defaults = {}) {
    return {plan(), mlgenn::make_cpu_executor(plan(), run, scores(), num_threads, batch_size, nullptr), reset,
            batch_size, std::move(defaults)};
}

/// Different values and events in every example.
inline mlgenn::Inputs inputs(std::size_t num_examples) {
    std::vector<float> values;
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint64_t> offsets{0};
    for (std::size_t example = 0; example < num_examples; ++example) {
        for (std::uint32_t j = 0; j < num_neurons; ++j) {
            values.push_back(static_cast<float>(example % 7) + 0.25F * static_cast<float>(j));
        }
        for (std::size_t event = 0; event < example % 5; ++event) {
            times.push_back(static_cast<float>((example * 3 + event * 2) % num_timesteps));
            ids.push_back(static_cast<std::uint32_t>((example + event) % num_neurons));
        }
        // The last step's events are still in flight when the example ends.
        times.push_back(num_timesteps - 1);
        ids.push_back(static_cast<std::uint32_t>(example % num_neurons));
        offsets.push_back(times.size());
    }
    return {{"values", mlgenn::DenseInput{mlgenn::Array::from(values, {num_examples, 2, 2})}},
            {"events",
             mlgenn::SpikeInput{mlgenn::Array::from(times), mlgenn::Array::from(ids), mlgenn::Array::from(offsets)}}};
}

}  // namespace counting_network
