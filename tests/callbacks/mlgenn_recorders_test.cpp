// SPDX-License-Identifier: Apache-2.0
// mlGeNN's own tests of its recorders: test_spike_recorder, test_var_recorder, test_conn_var_recorder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "mlgenn/compiler.h"

namespace mlgenn {
namespace {

constexpr std::size_t size = 10;

CompilerOptions options_for(std::uint32_t timesteps, std::uint32_t batch_size) {
    CompilerOptions options;
    options.example_timesteps = timesteps;
    options.batch_size = batch_size;
    options.cache_dir = "off";
    return options;
}

/// Every second neuron, or every second example, or all.
template <class Filter>
Filter every_second(bool filtered, std::size_t count) {
    std::vector<int> indices;
    for (std::size_t k = 0; k < count; k += 2) {
        indices.push_back(static_cast<int>(k));
    }
    return filtered ? Filter(indices) : Filter();
}

TEST(MlGeNNRecorders, SpikesAreTheInputs) {
    Network network;
    network.populations = {
        {.name = "input", .shape = {size}, .neuron = "spike_input", .record_spikes = true},
        {.name = "output", .shape = {size}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input", .target = "output", .connectivity = {"one_to_one", {{"weight", 1.0}}}}};
    CompiledNetwork compiled = InferenceCompiler(options_for(size, 1)).compile(network);
    // Neuron i spikes in steps 0 to i - 1.
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    for (std::uint32_t i = 0; i < size; ++i) {
        for (std::uint32_t step = 0; step < i; ++step) {
            times.push_back(static_cast<float>(step));
            ids.push_back(i);
        }
    }
    const Inputs inputs{{"input", SpikeInput{Array::from(times), Array::from(ids),
                                             Array::from(std::vector<std::uint64_t>{0, times.size()})}}};
    for (const bool filtered : {false, true}) {
        const auto filter = every_second<NeuronFilter>(filtered, size);
        const Predictions result = compiled.predict(
            inputs, {.callbacks = {
                         SpikeRecorder{.population = "input", .key = "spikes", .neuron_filter = filter},
                         SpikeRecorder{
                             .population = "input", .key = "counts", .neuron_filter = filter, .record_counts = true}}});
        const auto& spikes = std::get<SpikeTrains>(result.callback_data.at("spikes"));
        ASSERT_EQ(spikes.times.size(), 1U);
        std::vector<double> expected_times;
        std::vector<std::int32_t> expected_ids;
        for (std::uint32_t step = 0; step < size; ++step) {
            for (std::uint32_t i = step + 1; i < size; ++i) {
                if (!filtered || i % 2 == 0) {
                    expected_times.push_back(step);
                    expected_ids.push_back(static_cast<std::int32_t>(i));
                }
            }
        }
        EXPECT_EQ(spikes.times[0], expected_times);
        EXPECT_EQ(spikes.ids[0], expected_ids);
        const auto& counts = std::get<std::vector<Array>>(result.callback_data.at("counts"));
        ASSERT_EQ(counts.size(), 1U);
        const auto values = counts[0].as<std::uint32_t>();
        ASSERT_EQ(values.size(), filtered ? size / 2 : size);
        for (std::uint32_t k = 0; k < values.size(); ++k) {
            EXPECT_EQ(values[k], filtered ? 2 * k : k);
        }
        EXPECT_TRUE(result.recordings.spikes.empty());
    }
}

TEST(MlGeNNRecorders, VariablesAreInputsAndThresholds) {
    std::vector<double> thresholds;
    for (std::size_t i = 0; i < size; ++i) {
        thresholds.push_back(static_cast<double>(i));
    }
    std::vector<float> x;
    for (std::size_t k = 0; k < 5 * size; ++k) {
        x.push_back(static_cast<float>((k * 37) % 64) / 64.0F);
    }
    Network network;
    network.populations = {
        {.name = "input", .shape = {size}, .neuron = {"integrate_fire_input", {{"v_thresh", Array::from(thresholds)}}}},
        {.name = "output", .shape = {size}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input", .target = "output", .connectivity = {"one_to_one", {{"weight", 1.0}}}}};
    const Inputs inputs{{"input", DenseInput{Array::from(x, {5, size})}}};
    for (const std::uint32_t batch_size : {1U, 5U}) {
        for (const bool some_neurons : {false, true}) {
            for (const bool some_examples : {false, true}) {
                CompilerOptions options = options_for(2, batch_size);
                const auto neurons = every_second<NeuronFilter>(some_neurons, size);
                const auto examples = every_second<ExampleFilter>(some_examples, 5);
                options.callbacks = {VarRecorder{.population = "input",
                                                 .variable = "Input",
                                                 .key = "x",
                                                 .example_filter = examples,
                                                 .neuron_filter = neurons},
                                     VarRecorder{.population = "input",
                                                 .variable = "v_thresh",
                                                 .key = "threshold",
                                                 .example_filter = examples,
                                                 .neuron_filter = neurons},
                                     VarRecorder{.population = "output", .variable = "VAvg"}};
                const Predictions result = InferenceCompiler(options).compile(network).predict(inputs);
                const auto& recorded = std::get<std::vector<Array>>(result.callback_data.at("x"));
                const auto& threshold = std::get<std::vector<Array>>(result.callback_data.at("threshold"));
                ASSERT_EQ(recorded.size(), some_examples ? 3U : 5U);
                ASSERT_EQ(threshold.size(), recorded.size());
                for (std::size_t e = 0; e < recorded.size(); ++e) {
                    ASSERT_EQ(recorded[e].shape(), (Shape{2, some_neurons ? size / 2 : size}));
                    const std::size_t width = recorded[e].shape()[1];
                    for (std::size_t k = 0; k < 2 * width; ++k) {
                        const std::size_t neuron = (k % width) * (some_neurons ? 2 : 1);
                        EXPECT_EQ(recorded[e].as<float>()[k], x[e * (some_examples ? 2 : 1) * size + neuron]);
                        EXPECT_EQ(threshold[e].as<float>()[k], static_cast<float>(neuron));
                    }
                }
                // The readout is what its accumulator holds after the last step.
                const auto& means = std::get<std::vector<Array>>(result.callback_data.at("output.VAvg"));
                ASSERT_EQ(means.size(), 5U);
                for (std::size_t j = 0; j < size; ++j) {
                    EXPECT_EQ(means[3].as<float>()[size + j], result.outputs.at("output").as<float>()[3 * size + j]);
                }
            }
        }
    }
}

TEST(MlGeNNRecorders, ConnectionVariablesAreTheWeights) {
    std::vector<float> weight;
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            weight.push_back(static_cast<float>(i * j));
        }
    }
    Network network;
    network.populations = {
        {.name = "input", .shape = {size}, .neuron = "integrate_fire_input"},
        {.name = "output", .shape = {size}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", Array::from(weight, {size, size})}}}}};
    const Inputs inputs{{"input", DenseInput{Array(DType::f32, {5, size})}}};
    for (const std::uint32_t batch_size : {1U, 5U}) {
        CompilerOptions options = options_for(2, batch_size);
        options.recorded_connections = {{.connection = "input_to_output", .variable = "g"}};
        CompiledNetwork compiled = InferenceCompiler(options).compile(network);
        for (const bool some_sources : {false, true}) {
            for (const bool some_targets : {false, true}) {
                for (const bool some_examples : {false, true}) {
                    const Predictions result = compiled.predict(
                        inputs, {.callbacks = {ConnVarRecorder{
                                     .connection = "input_to_output",
                                     .variable = "g",
                                     .example_filter = every_second<ExampleFilter>(some_examples, 5),
                                     .src_neuron_filter = every_second<NeuronFilter>(some_sources, size),
                                     .trg_neuron_filter = every_second<NeuronFilter>(some_targets, size)}}});
                    const auto& recorded = std::get<std::vector<Array>>(result.callback_data.at("input_to_output.g"));
                    ASSERT_EQ(recorded.size(), some_examples ? 3U : 5U);
                    const std::size_t rows = some_sources ? size / 2 : size;
                    const std::size_t columns = some_targets ? size / 2 : size;
                    for (const Array& matrix : recorded) {
                        ASSERT_EQ(matrix.shape(), (Shape{rows, columns}));
                        for (std::size_t k = 0; k < rows * columns; ++k) {
                            const std::size_t i = k / columns * (some_sources ? 2 : 1);
                            const std::size_t j = k % columns * (some_targets ? 2 : 1);
                            EXPECT_EQ(matrix.as<float>()[k], static_cast<float>(i * j));
                        }
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace mlgenn
