// SPDX-License-Identifier: Apache-2.0
// The examples of docs/callbacks.md (which tests/tooling/doc_examples.py compares with this file), compiled and run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "mlgenn/results_io.h"
#include "tests/support/temp_folder.h"

namespace {

class CountBatches final : public mlgenn::Callback {
public:
    [[nodiscard]] mlgenn::HookLevel level() const override { return mlgenn::HookLevel::batch; }
    void on_test_begin() override { batches_ = 0; }
    void on_batch_end(std::size_t, std::span<const mlgenn::MetricResult>) override { ++batches_; }
    std::optional<std::pair<std::string, mlgenn::CallbackValue>> data() override {
        return std::pair<std::string, mlgenn::CallbackValue>("batches", batches_);
    }

private:
    double batches_ = 0;
};

constexpr std::size_t num_examples = 5;

class CallbackDocument : public testing::Test {
protected:
    CallbackDocument() {
        std::vector<float> weights;
        for (std::size_t k = 0; k < 6 * 4; ++k) {
            weights.push_back(static_cast<float>((k * 5) % 7) / 8.0F);
        }
        network_.populations = {
            {.name = "input", .shape = {6}, .neuron = "integrate_fire_input"},
            {.name = "hidden", .neuron = "leaky_integrate_fire", .record_spikes = true},
            {.name = "output", .neuron = "integrate_fire", .readout = mlgenn::ModelSpec("spike_count")}};
        network_.connections = {
            {.source = "input",
             .target = "hidden",
             .connectivity = {"dense", {{"weight", mlgenn::Array::from(weights, {6, 4})}}}},
            {.source = "hidden", .target = "output", .connectivity = {"one_to_one", {{"weight", 0.5}}}}};
        options_.example_timesteps = 20;
        options_.batch_size = 2;
        options_.num_threads = 2;
        options_.cache_dir = "off";
        std::vector<float> x;
        for (std::size_t k = 0; k < num_examples * 6; ++k) {
            x.push_back(static_cast<float>((k * 11) % 13) / 16.0F);
        }
        inputs_ = {{"input", mlgenn::DenseInput{mlgenn::Array::from(x, {num_examples, 6})}}};
        targets_ = {{"output", mlgenn::Array::from(std::vector<std::uint8_t>{0, 1, 2, 3, 0})}};
    }

    mlgenn::Network network_;
    mlgenn::CompilerOptions options_;
    mlgenn::Inputs inputs_;
    mlgenn::Targets targets_;
};

TEST_F(CallbackDocument, ClassesAndFunctions) {
    double last = 0.0;
    const mlgenn::CallbackSpec watch = mlgenn::CallbackFunctions{
        .on_batch_end = [&](std::size_t, std::span<const mlgenn::MetricResult> metrics) { last = metrics[0].value; }};
    options_.callbacks = {std::make_shared<CountBatches>(), watch};
    mlgenn::CompiledNetwork compiled = mlgenn::InferenceCompiler(options_).compile(network_);
    for (int call = 0; call < 2; ++call) {
        const mlgenn::Evaluation evaluation = compiled.evaluate(inputs_, targets_);
        EXPECT_EQ(std::get<double>(evaluation.callback_data.at("batches")), 3.0);
        EXPECT_EQ(last, evaluation.metrics[0].value);
    }
}

TEST_F(CallbackDocument, StateIsSetInOneTimestep) {
    const mlgenn::CallbackSpec kick =
        mlgenn::CustomUpdate{.when = mlgenn::CustomUpdate::When::timestep_begin,
                             .update = [](mlgenn::RunContext& run, std::size_t) { run.fill("hidden", "V", 0.25); },
                             .filter = [](std::size_t timestep) { return timestep == 5; }};
    options_.callbacks = {mlgenn::VarRecorder{.population = "hidden", .variable = "V"}};
    mlgenn::CompiledNetwork compiled = mlgenn::InferenceCompiler(options_).compile(network_);
    const auto v_of = [&](const mlgenn::RunOptions& run) {
        return std::get<std::vector<mlgenn::Array>>(compiled.predict(inputs_, run).callback_data.at("hidden.V"));
    };
    const std::vector<mlgenn::Array> plain = v_of({});
    const std::vector<mlgenn::Array> kicked = v_of({.callbacks = {kick}});
    ASSERT_EQ(kicked.size(), num_examples);
    bool differs = false;
    for (std::size_t example = 0; example < num_examples; ++example) {
        for (std::size_t k = 0; k < 20 * 4; ++k) {
            const float before = plain[example].as<float>()[k];
            const float after = kicked[example].as<float>()[k];
            differs = differs || before != after;
            if (k < 5 * 4) {
                EXPECT_EQ(before, after) << "example " << example << ", value " << k;
            }
        }
    }
    EXPECT_TRUE(differs);
}

TEST_F(CallbackDocument, RecordersAndFiles) {
    mlgenn::CompilerOptions options = options_;
    options.recordings.push_back({.population = "hidden", .variable = "V", .returned = false});
    options.recorded_connections.push_back({.connection = "input_to_hidden", .variable = "g"});
    mlgenn::CompiledNetwork compiled = mlgenn::InferenceCompiler(options).compile(network_);
    mlgenn::RunOptions run;
    run.callbacks = {
        mlgenn::SpikeRecorder{.population = "hidden", .key = "spikes", .neuron_filter = mlgenn::Slice{.step = 2}},
        mlgenn::SpikeRecorder{.population = "hidden", .key = "counts", .record_counts = true},
        mlgenn::VarRecorder{.population = "hidden", .variable = "V", .example_filter = {0, 3}}};
    run.callbacks.emplace_back(std::make_shared<CountBatches>());
    run.callbacks.emplace_back(mlgenn::ConnVarRecorder{.connection = "input_to_hidden", .example_filter = 0});
    const mlgenn::Predictions result = compiled.predict(inputs_, run);
    EXPECT_TRUE(result.recordings.traces.empty());
    const auto& spikes = std::get<mlgenn::SpikeTrains>(result.callback_data.at("spikes"));
    const auto& counts = std::get<std::vector<mlgenn::Array>>(result.callback_data.at("counts"));
    ASSERT_EQ(spikes.ids.size(), num_examples);
    std::size_t num_spikes = 0;
    for (std::size_t example = 0; example < num_examples; ++example) {
        num_spikes += spikes.ids[example].size();
        for (const std::int32_t neuron : {0, 2}) {
            EXPECT_EQ(std::count(spikes.ids[example].begin(), spikes.ids[example].end(), neuron),
                      counts[example].as<std::uint32_t>()[static_cast<std::size_t>(neuron)]);
        }
    }
    EXPECT_GT(num_spikes, 0U);

    const mlgenn::test::TempFolder folder;
    const auto file = folder.path() / "run.npz";
    mlgenn::save_callback_data(file, result.callback_data);
    EXPECT_EQ(mlgenn::load_npz(file, "spikes.ids").size(), num_spikes);
    EXPECT_EQ(mlgenn::load_npz(file, "spikes.times").dtype(), mlgenn::DType::f64);
    EXPECT_EQ(mlgenn::load_npz(file, "spikes.offsets").to_i64().back(), static_cast<std::int64_t>(num_spikes));
    EXPECT_EQ(mlgenn::load_npz(file, "counts").shape(), (mlgenn::Shape{num_examples, 4}));
    EXPECT_EQ(mlgenn::load_npz(file, "hidden.V").shape(), (mlgenn::Shape{2, 20, 4}));
    EXPECT_EQ(mlgenn::load_npz(file, "input_to_hidden.g").shape(), (mlgenn::Shape{1, 6, 4}));
    EXPECT_EQ(mlgenn::load_npz(file, "batches").value(0), 3.0);
    const mlgenn::CallbackData clash{{"a", mlgenn::SpikeTrains{}}, {"a.ids", 1.0}};
    EXPECT_THROW(mlgenn::save_callback_data(file, clash), mlgenn::DescriptionError);
}

}  // namespace
