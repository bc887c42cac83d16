// SPDX-License-Identifier: Apache-2.0
// Recorders of single calls: what they select, what they give, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "runtime/src/selection.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CallbackData;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::ExampleFilter;
using mlgenn::IndexList;
using mlgenn::NeuronFilter;
using mlgenn::Predictions;
using mlgenn::Shape;
using mlgenn::Slice;
using mlgenn::SpikeRecorder;
using mlgenn::SpikeTrains;
using mlgenn::VarRecorder;
using testing::ElementsAre;

constexpr std::size_t num_examples = 9;

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

std::vector<std::uint32_t> selected(const NeuronFilter& filter, const Shape& shape) {
    std::vector<mlgenn::Diagnostic> problems;
    std::vector<std::uint32_t> neurons = mlgenn::runtime::selected_neurons(filter, shape, "filter", problems);
    EXPECT_TRUE(problems.empty()) << problems[0].text();
    return neurons;
}

std::string selection_error(const NeuronFilter& filter, const Shape& shape) {
    std::vector<mlgenn::Diagnostic> problems;
    static_cast<void>(mlgenn::runtime::selected_neurons(filter, shape, "filter", problems));
    return problems.size() == 1 ? problems[0].text() : std::to_string(problems.size()) + " findings";
}

TEST(Filters, NeuronsAsInNumPy) {
    EXPECT_THAT(selected({}, {2, 2}), ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(selected(3, {2, 2}), ElementsAre(3));
    EXPECT_THAT(selected(-1, {5}), ElementsAre(4));
    EXPECT_THAT(selected({4, 0, 4}, {5}), ElementsAre(0, 4));
    EXPECT_THAT(selected(std::vector<std::size_t>{1, 2}, {5}), ElementsAre(1, 2));
    EXPECT_THAT(selected({true, false, false, true}, {2, 2}), ElementsAre(0, 3));
    EXPECT_THAT(selected(Slice{.step = 2}, {5}), ElementsAre(0, 2, 4));
    EXPECT_THAT(selected(Slice{.start = -3, .stop = -1}, {5}), ElementsAre(2, 3));
    EXPECT_THAT(selected(Slice{.start = 3, .stop = 2}, {5}), ElementsAre());
    using Dimensions = std::vector<NeuronFilter::Dimension>;
    EXPECT_THAT(selected(Dimensions{Slice{}, Slice{.start = 1}}, {2, 3}), ElementsAre(1, 2, 4, 5));
    EXPECT_THAT(selected(Dimensions{IndexList{0, 1}, IndexList{2, 0}}, {2, 3}), ElementsAre(2, 3));
    EXPECT_THAT(selected(Dimensions{IndexList{0, 1}, IndexList{2}}, {2, 3}), ElementsAre(2, 5));
    EXPECT_THAT(selected(Dimensions{IndexList{1}, Slice{}, IndexList{0, 1}}, {2, 2, 2}), ElementsAre(4, 5, 6, 7));
}

TEST(Filters, WhatDoesNotFitIsAnErrorWithBothNumbers) {
    EXPECT_EQ(selection_error(5, {5}),
              "filter: index 5 found, but there are 5 neurons\n    use 0 to 4, or -5 to -1 from the end");
    EXPECT_EQ(selection_error({0, -6}, {5}),
              "filter: index -6 found, but there are 5 neurons\n    use 0 to 4, or -5 to -1 from the end");
    EXPECT_EQ(selection_error({true, false}, {2, 2}),
              "filter: 2 truth values found, but the population has 4 neurons\n"
              "    give one per neuron, in row-major order");
    EXPECT_EQ(selection_error(Slice{.stop = 6}, {5}),
              "filter: a slice with bound 6 found, but there are 5 neurons\n"
              "    use bounds from 0 to 5, or from -5 to -1 from the end");
    EXPECT_EQ(selection_error(Slice{.step = 0}, {5}),
              "filter: a slice with step 0 found\n    use a step of at least 1");
    EXPECT_EQ(selection_error(Slice{}, {2, 2}),
              "filter: a slice found for a population of shape [2, 2]\n"
              "    give one slice or list of indices for each of its 2 dimensions");
    using Dimensions = std::vector<NeuronFilter::Dimension>;
    EXPECT_EQ(selection_error(Dimensions{Slice{}}, {2, 2}),
              "filter: 1 dimensions found, but the population has shape [2, 2]\n"
              "    give one slice or list of indices for each of its 2 dimensions");
    EXPECT_EQ(selection_error(Dimensions{Slice{}, IndexList{2}}, {2, 2}),
              "filter, dimension 1: index 2 found, but there are 2 neurons\n"
              "    use 0 to 1, or -2 to -1 from the end");
    EXPECT_EQ(selection_error(Dimensions{IndexList{0, 1, 1}, IndexList{0, 1}}, {2, 2}),
              "filter: lists of 3 and 2 indices found for different dimensions\n"
              "    give lists of the same length, or of one index: they go together element by element");
}

/// Spikes and traces that a call without filters returns.
struct Everything {
    Predictions result = counting_network::make(1, 1).predict(counting_network::inputs(num_examples));

    [[nodiscard]] const mlgenn::SpikeRecord& spikes(std::size_t example) const {
        return result.recordings.spikes.at("events.spikes").at(example);
    }
    [[nodiscard]] float trace(const std::string& key, std::size_t example, std::size_t step, std::size_t j) const {
        return result.recordings.traces.at(key).as<float>()[(example * 6 + step) * 4 + j];
    }
};

void expect_spikes(const SpikeTrains& trains, const std::vector<std::size_t>& examples,
                   const std::vector<std::uint32_t>& neurons) {
    const Everything all;
    ASSERT_EQ(trains.times.size(), examples.size());
    ASSERT_EQ(trains.ids.size(), examples.size());
    std::size_t num_spikes = 0;
    for (std::size_t k = 0; k < examples.size(); ++k) {
        std::vector<double> times;
        std::vector<std::int32_t> ids;
        const mlgenn::SpikeRecord& record = all.spikes(examples[k]);
        for (std::size_t s = 0; s < record.ids.size(); ++s) {
            if (std::find(neurons.begin(), neurons.end(), record.ids[s]) != neurons.end()) {
                times.push_back(record.steps[s]);
                ids.push_back(static_cast<std::int32_t>(record.ids[s]));
            }
        }
        EXPECT_EQ(trains.times[k], times) << "example " << examples[k];
        EXPECT_EQ(trains.ids[k], ids) << "example " << examples[k];
        num_spikes += ids.size();
    }
    EXPECT_GT(num_spikes, 0U);
}

TEST(Recorders, SpikesOfSelectedExamplesAndNeurons) {
    for (const unsigned num_threads : {1U, 3U}) {
        for (const std::uint32_t batch_size : {1U, 4U}) {
            CompiledNetwork network = counting_network::make(num_threads, batch_size);
            const CallbackData data = network
                                          .predict(counting_network::inputs(num_examples),
                                                   {.callbacks = {SpikeRecorder{.population = "events"},
                                                                  SpikeRecorder{.population = "events",
                                                                                .key = "some",
                                                                                .example_filter = {7, 2},
                                                                                .neuron_filter = Slice{.step = 2}},
                                                                  SpikeRecorder{.population = "events",
                                                                                .key = "first",
                                                                                .example_filter = {true, false, true},
                                                                                .neuron_filter = {1, 3}}}})
                                          .callback_data;
            EXPECT_EQ(data.size(), 3U);
            expect_spikes(std::get<SpikeTrains>(data.at("events.spikes")), {0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 2, 3});
            expect_spikes(std::get<SpikeTrains>(data.at("some")), {2, 7}, {0, 2});
            expect_spikes(std::get<SpikeTrains>(data.at("first")), {0, 2}, {1, 3});
        }
    }
}

TEST(Recorders, CountsWithoutTimes) {
    CompiledNetwork network = counting_network::make(2, 4);
    const CallbackData data =
        network
            .predict(
                counting_network::inputs(num_examples),
                {.callbacks = {SpikeRecorder{
                     .population = "events", .example_filter = 5, .neuron_filter = {3, 1}, .record_counts = true}}})
            .callback_data;
    const Everything all;
    const auto& counts = std::get<std::vector<Array>>(data.at("events.spike_counts"));
    ASSERT_EQ(counts.size(), 1U);
    const std::vector<std::uint32_t>& ids = all.spikes(5).ids;
    EXPECT_EQ(counts[0].shape(), (Shape{2}));
    EXPECT_THAT(counts[0].as<std::uint32_t>(),
                ElementsAre(std::count(ids.begin(), ids.end(), 1U), std::count(ids.begin(), ids.end(), 3U)));
    EXPECT_GT(ids.size(), 0U);
}

TEST(Recorders, VariablesOfEveryStorage) {
    for (const mlgenn::HookLevel level : {mlgenn::HookLevel::test, mlgenn::HookLevel::timestep}) {
        CompiledNetwork network = counting_network::make(2, 4);
        mlgenn::CallbackFunctions hooks;
        if (level == mlgenn::HookLevel::timestep) {
            hooks.on_timestep_end = [](std::uint32_t) {};
        }
        const CallbackData data =
            network
                .predict(counting_network::inputs(num_examples),
                         {.callbacks = {VarRecorder{.population = "sum",
                                                    .variable = "v",
                                                    .example_filter = {0, 8},
                                                    .neuron_filter =
                                                        NeuronFilter({NeuronFilter::Dimension(IndexList{1}), Slice{}})},
                                        VarRecorder{.population = "counts", .variable = "count", .key = "c"}, hooks}})
                .callback_data;
        const Everything all;
        const auto& v = std::get<std::vector<Array>>(data.at("sum.v"));
        const auto& counts = std::get<std::vector<Array>>(data.at("c"));
        ASSERT_EQ(v.size(), 2U);
        ASSERT_EQ(counts.size(), num_examples);
        EXPECT_EQ(v[1].shape(), (Shape{6, 2}));
        EXPECT_EQ(counts[3].shape(), (Shape{6, 4}));
        for (std::size_t step = 0; step < 6; ++step) {
            for (std::size_t j = 0; j < 2; ++j) {
                EXPECT_EQ(v[1].as<float>()[step * 2 + j], all.trace("v", 8, step, 2 + j));
            }
            for (std::size_t j = 0; j < 4; ++j) {
                EXPECT_EQ(counts[3].as<float>()[step * 4 + j], all.trace("narrow", 3, step, j));
            }
        }
    }
}

TEST(Recorders, WhatIsNotReturnedIsOnlyRecordedOnRequest) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    for (mlgenn::RecordingPlan& recording : plan.recordings) {
        recording.returned = false;
    }
    CompiledNetwork network(
        plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 2, 3, nullptr), {}, 3);
    const Predictions result =
        network.predict(counting_network::inputs(num_examples),
                        {.callbacks = {SpikeRecorder{.population = "events", .example_filter = {1}}}});
    EXPECT_TRUE(result.recordings.spikes.empty());
    EXPECT_TRUE(result.recordings.traces.empty());
    expect_spikes(std::get<SpikeTrains>(result.callback_data.at("events.spikes")), {1}, {0, 1, 2, 3});
    EXPECT_EQ(result.outputs.at("sum").as<float>()[5], Everything().result.outputs.at("sum").as<float>()[5]);
}

std::string call_error(std::vector<mlgenn::CallbackSpec> callbacks, std::size_t max_bytes = 1U << 20U) {
    CompiledNetwork network = counting_network::make(2, 4);
    return message_of([&] {
        static_cast<void>(network.predict(counting_network::inputs(num_examples),
                                          {.callbacks = std::move(callbacks), .max_recorded_bytes = max_bytes}));
    });
}

TEST(Recorders, MistakesAreFoundBeforeAnythingRuns) {
    EXPECT_EQ(call_error({SpikeRecorder{.population = "sum"}}),
              "SpikeRecorder 'sum.spikes': the network was not compiled to record spikes of population 'sum'\n"
              "    it records: 'events.spikes', 'sum.V', 'counts.count'\n"
              "    set record_spikes of the population, or give the compiler this callback");
    EXPECT_EQ(call_error({VarRecorder{.population = "sum", .variable = "A"}}),
              "VarRecorder 'sum.A': the network was not compiled to record variable 'A' of population 'sum'\n"
              "    it records: 'events.spikes', 'sum.V', 'counts.count'\n"
              "    give the compiler this callback, or add the variable to its recordings");
    EXPECT_EQ(call_error({VarRecorder{.population = "sum"}}),
              "VarRecorder 'sum.': it names no variable\n    name one, \"V\" for example");
    EXPECT_EQ(call_error({mlgenn::ConnVarRecorder{.connection = "a_to_b"}}),
              "ConnVarRecorder 'a_to_b.g': the network was not compiled to give variable 'g' of connection 'a_to_b'\n"
              "    give the compiler this callback, or add the variable to its recorded_connections");
    EXPECT_EQ(
        call_error({SpikeRecorder{.population = "events", .example_filter = 9}}),
        "SpikeRecorder 'events.spikes', example_filter: example 9 is to be recorded, but the call has 9 examples\n"
        "    name examples by their position in the data, from 0");
    EXPECT_EQ(call_error({SpikeRecorder{.population = "events", .neuron_filter = 4}}),
              "SpikeRecorder 'events.spikes', neuron_filter: index 4 found, but there are 4 neurons\n"
              "    use 0 to 3, or -4 to -1 from the end");
    EXPECT_EQ(call_error({SpikeRecorder{.population = "events", .key = "k"},
                          VarRecorder{.population = "sum", .variable = "V", .key = "k"}}),
              "VarRecorder 'k': another recorder has the same key\n    give every recorder a key of its own");
}

TEST(Recorders, MemoryIsLimitedBeforeItIsTaken) {
    const std::string returned = call_error({}, 1000);
    EXPECT_THAT(returned, testing::HasSubstr("bytes are needed for what the call records, but at most 1000 are "
                                             "allowed\n    select fewer examples or neurons, or raise "
                                             "max_recorded_bytes"));
    mlgenn::ExecutionPlan plan = counting_network::plan();
    for (mlgenn::RecordingPlan& recording : plan.recordings) {
        recording.returned = false;
    }
    CompiledNetwork network(
        plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 2, 3, nullptr), {}, 3);
    const auto recording = [&](const VarRecorder& recorder, std::size_t limit) {
        return message_of([&] {
            static_cast<void>(network.predict(counting_network::inputs(num_examples),
                                              {.callbacks = {recorder}, .max_recorded_bytes = limit}));
        });
    };
    constexpr std::size_t one_example = 6 * 4 * sizeof(float) + sizeof(Array);
    const VarRecorder all{.population = "sum", .variable = "V"};
    const VarRecorder one{.population = "sum", .variable = "V", .example_filter = 4};
    EXPECT_EQ(recording(all, num_examples * one_example), "nothing was thrown");
    EXPECT_EQ(recording(all, num_examples * one_example - 1),
              "recording 'sum.V': " + std::to_string(num_examples * one_example) +
                  " bytes are needed for what the call records, but at most " +
                  std::to_string(num_examples * one_example - 1) +
                  " are allowed\n    select fewer examples or neurons, or raise max_recorded_bytes");
    EXPECT_EQ(recording(one, one_example), "nothing was thrown");
}

TEST(Recorders, SpikesBeyondTheLimitStopTheRunAndNothingElse) {
    for (const unsigned num_threads : {1U, 4U}) {
        mlgenn::ExecutionPlan plan = counting_network::plan();
        for (mlgenn::RecordingPlan& recording : plan.recordings) {
            recording.returned = false;
        }
        CompiledNetwork network(
            plan,
            mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), num_threads, 3, nullptr),
            {}, 3);
        const std::size_t for_lists = num_examples * 2 * sizeof(std::vector<double>);
        const auto run = [&](std::size_t limit) {
            return network.predict(
                counting_network::inputs(num_examples),
                {.callbacks = {SpikeRecorder{.population = "events", .key = "k"}}, .max_recorded_bytes = limit});
        };
        EXPECT_THAT(message_of([&] { static_cast<void>(run(for_lists + 12)); }),
                    testing::AllOf(testing::StartsWith("recording 'k': "),
                                   testing::HasSubstr("at most " + std::to_string(for_lists + 12) + " are allowed")));
        expect_spikes(std::get<SpikeTrains>(run(1U << 20U).callback_data.at("k")), {0, 1, 2, 3, 4, 5, 6, 7, 8},
                      {0, 1, 2, 3});
    }
}

}  // namespace
