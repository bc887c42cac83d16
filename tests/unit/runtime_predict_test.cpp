// SPDX-License-Identifier: Apache-2.0
// Predicting with code written by hand: the same results for any number of threads and any batch size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mlgenn/errors.h"
#include "runtime/src/input_readers.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CallbackFunctions;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::Inputs;
using mlgenn::InternalError;
using mlgenn::Predictions;
using mlgenn::Shape;
using mlgenn::runtime::DenseReader;
using testing::ElementsAre;

template <class T>
std::vector<T> row(const Array& array, std::size_t example) {
    const std::size_t size = array.size() / array.shape().front();
    const auto values = array.as<T>().subspan(example * size, size);
    return {values.begin(), values.end()};
}

void expect_equal(const Predictions& left, const Predictions& right) {
    for (const char* output : {"counts", "sum"}) {
        const auto left_bytes = left.outputs.at(output).bytes();
        const auto right_bytes = right.outputs.at(output).bytes();
        EXPECT_TRUE(std::equal(left_bytes.begin(), left_bytes.end(), right_bytes.begin(), right_bytes.end())) << output;
    }
    for (const char* trace : {"v", "narrow"}) {
        const auto left_values = left.recordings.traces.at(trace).as<float>();
        const auto right_values = right.recordings.traces.at(trace).as<float>();
        EXPECT_TRUE(std::equal(left_values.begin(), left_values.end(), right_values.begin(), right_values.end()))
            << trace;
    }
    const auto& left_spikes = left.recordings.spikes.at("events.spikes");
    const auto& right_spikes = right.recordings.spikes.at("events.spikes");
    ASSERT_EQ(left_spikes.size(), right_spikes.size());
    for (std::size_t example = 0; example < left_spikes.size(); ++example) {
        EXPECT_EQ(left_spikes[example].steps, right_spikes[example].steps);
        EXPECT_EQ(left_spikes[example].ids, right_spikes[example].ids);
    }
}

TEST(RuntimePredict, OneExampleByHand) {
    CompiledNetwork network = counting_network::make(1, 1);
    const Inputs inputs{{"values", mlgenn::DenseInput{Array::from(std::vector<float>{1, 0, 0, 2}, {1, 2, 2})}},
                        {"events", mlgenn::SpikeInput{Array::from(std::vector<float>{0, 1, 1, 4.5F}),
                                                      Array::from(std::vector<std::uint32_t>{3, 3, 0, 1}),
                                                      Array::from(std::vector<std::uint32_t>{0, 4})}}};
    const Predictions result = network.predict(inputs);
    EXPECT_EQ(result.outputs.at("counts").shape(), (Shape{1, 4}));
    EXPECT_EQ(result.outputs.at("sum").shape(), (Shape{1, 2, 2}));
    // The event at 4.5 ms is due in step 5, the last one, and does not arrive any more.
    EXPECT_THAT(row<std::uint32_t>(result.outputs.at("counts"), 0), ElementsAre(1, 0, 0, 2));
    // v: 10 + t and in_syn: 2 - 2^-t.
    EXPECT_FLOAT_EQ(row<float>(result.outputs.at("sum"), 0)[0], 81.0F + 10.03125F);
    EXPECT_THAT(row<float>(result.recordings.traces.at("v"), 0),
                testing::AllOf(testing::SizeIs(24), testing::Contains(48.0F), testing::Contains(88.0F)));
    EXPECT_EQ(result.recordings.traces.at("v").shape(), (Shape{1, 6, 2, 2}));
    EXPECT_THAT(row<float>(result.recordings.traces.at("narrow"), 0),
                ElementsAre(0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 2, 1, 0, 0, 2, 1, 0, 0, 2, 1, 0, 0, 2));
    const mlgenn::SpikeRecord& spikes = result.recordings.spikes.at("events.spikes").at(0);
    EXPECT_THAT(spikes.steps, ElementsAre(0, 1, 1, 5));
    EXPECT_THAT(spikes.ids, ElementsAre(3, 0, 3, 1));
    EXPECT_GT(result.seconds, 0.0);
}

TEST(RuntimePredict, AnyNumberOfThreadsAndAnyBatchSize) {
    constexpr std::size_t num_examples = 103;
    const Inputs inputs = counting_network::inputs(num_examples);
    CompiledNetwork reference = counting_network::make(1, 1);
    const Predictions expected = reference.predict(inputs);
    for (const std::uint32_t num_threads : {1, 2, 5}) {
        for (const std::uint32_t batch_size : {1, 3, 7, 128}) {
            CompiledNetwork network = counting_network::make(num_threads, batch_size);
            expect_equal(network.predict(inputs), expected);
            std::size_t last_done = 0;
            expect_equal(network.predict(
                             inputs, {.batch_size = 1 + batch_size / 2,
                                      .callbacks = {CallbackFunctions{
                                          .on_progress = [&](std::size_t done, std::size_t) { last_done = done; }}}}),
                         expected);
            EXPECT_EQ(last_done, num_examples);
        }
    }
}

TEST(RuntimePredict, ValuesOfEveryTypeAreScaledInDouble) {
    CompiledNetwork network = counting_network::make(2, 4);
    Inputs inputs = counting_network::inputs(2);
    const auto v_with = [&](Array values, double scale) {
        inputs["values"] = mlgenn::DenseInput{std::move(values), scale};
        return row<float>(network.predict(inputs).recordings.traces.at("v"), 1);
    };
    const auto check = [&](const auto& values, double scale) {
        const std::vector<float> v = v_with(Array::from(values, {2, 2, 2}), scale);
        EXPECT_EQ(v[0], 10.0F + static_cast<float>(static_cast<double>(values[4]) * scale));
        EXPECT_EQ(v[3], 40.0F + 4.0F * static_cast<float>(static_cast<double>(values[7]) * scale));
    };
    check(std::vector<std::uint8_t>{0, 1, 2, 3, 200, 5, 6, 255}, 0.01);
    check(std::vector<std::int8_t>{0, 1, 2, 3, -100, 5, 6, 127}, 0.01);
    check(std::vector<std::int16_t>{0, 1, 2, 3, -1000, 5, 6, 1}, 1.0);
    check(std::vector<std::int64_t>{0, 1, 2, 3, 4000000001, 5, 6, 3}, 1e-9);
    check(std::vector<float>{0, 1, 2, 3, 0.3F, 5, 6, 0.7F}, 1.0);
    check(std::vector<float>{0, 1, 2, 3, 0.3F, 5, 6, 0.7F}, 0.1);
    check(std::vector<double>{0, 1, 2, 3, 0.1, 5, 6, 1e-3}, 3.0);
}

TEST(RuntimePredict, ScalingRoundsOnce) {
    constexpr double scale = 1.0 / 255.0;
    int num_different_in_float = 0;
    const auto check = [&](const auto& values) {
        const DenseReader reader({Array::from(values, {1, values.size()}), scale}, values.size());
        std::vector<float> scratch;
        const std::span<const float> converted = reader.read(0, scratch);
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_EQ(converted[i], static_cast<float>(static_cast<double>(values[i]) * scale)) << i;
            const volatile float in_float = static_cast<float>(values[i]) * static_cast<float>(scale);
            num_different_in_float += converted[i] != in_float ? 1 : 0;
        }
    };
    std::vector<std::uint8_t> bytes(256);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    check(bytes);
    EXPECT_GT(num_different_in_float, 0);
    num_different_in_float = 0;
    std::vector<double> numbers(256);
    std::iota(numbers.begin(), numbers.end(), 0.1);
    check(numbers);
    EXPECT_GT(num_different_in_float, 0);
}

TEST(RuntimePredict, TimesAndIdsOfOtherTypes) {
    CompiledNetwork network = counting_network::make(1, 4);
    Inputs inputs = counting_network::inputs(2);
    const Predictions expected = network.predict(inputs);
    const auto& events = std::get<mlgenn::SpikeInput>(inputs.at("events"));
    std::vector<std::int32_t> times;
    for (const float time : events.times_ms.to_f32()) {
        times.push_back(static_cast<std::int32_t>(time));
    }
    const std::vector<std::int64_t> ids = events.ids.to_i64();
    const std::vector<std::int64_t> offsets = events.offsets.to_i64();
    inputs["events"] = mlgenn::SpikeInput{Array::from(times), Array::from(ids), Array::from(offsets)};
    expect_equal(network.predict(inputs), expected);
}

TEST(RuntimePredict, ProgressRunsOnTheCallingThreadAndMayThrow) {
    CompiledNetwork network = counting_network::make(2, 10);
    const Inputs inputs = counting_network::inputs(1005);
    std::vector<std::size_t> done;
    const auto caller = std::this_thread::get_id();
    static_cast<void>(network.predict(
        inputs, {.callbacks = {CallbackFunctions{.on_progress = [&](std::size_t examples, std::size_t all) {
                     EXPECT_EQ(all, 1005U);
                     EXPECT_EQ(std::this_thread::get_id(), caller);
                     done.push_back(examples);
                 }}}}));
    ASSERT_GT(done.size(), 10U);
    EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
    EXPECT_EQ(done.back(), 1005U);
    EXPECT_EQ(done.front() % 10, 0U);
    int calls = 0;
    EXPECT_THROW(static_cast<void>(
                     network.predict(inputs, {.callbacks = {CallbackFunctions{.on_progress =
                                                                                  [&](std::size_t, std::size_t) {
                                                                                      ++calls;
                                                                                      throw std::out_of_range("enough");
                                                                                  }}}})),
                 std::out_of_range);
    EXPECT_EQ(calls, 1);
    CompiledNetwork reference = counting_network::make(1, 1);
    expect_equal(network.predict(inputs), reference.predict(inputs));
}

TEST(RuntimePredict, ABadExampleIsTheSameErrorForAnyNumberOfThreads) {
    const Inputs good = counting_network::inputs(200);
    Inputs bad = good;
    auto& events = std::get<mlgenn::SpikeInput>(bad["events"]);
    std::vector<std::int64_t> ids = events.ids.to_i64();
    const auto first = static_cast<std::size_t>(events.offsets.value(60));
    ids[first] = -3;
    ids[first + 50] = 99;
    events.ids = Array::from(ids);
    for (const std::uint32_t num_threads : {1, 2, 5}) {
        CompiledNetwork network = counting_network::make(num_threads, 16);
        try {
            static_cast<void>(network.predict(bad));
            ADD_FAILURE() << "no error";
        } catch (const DescriptionError& error) {
            EXPECT_EQ(std::string(error.what()), "input 'events': event " + std::to_string(first) +
                                                     " (example 60) has id -3, but the population has 4 neurons\n"
                                                     "    use ids from 0 to 3");
        }
        CompiledNetwork reference = counting_network::make(1, 1);
        expect_equal(network.predict(good), reference.predict(good));
    }
}

TEST(RuntimePredict, AMovedNetworkStillWorks) {
    CompiledNetwork first = counting_network::make(2, 4);
    const Inputs inputs = counting_network::inputs(9);
    const Predictions expected = first.predict(inputs);
    CompiledNetwork second = std::move(first);
    expect_equal(second.predict(inputs), expected);
    EXPECT_EQ(second.batch_size(), 4U);
    EXPECT_GE(second.memory_bytes(), sizeof(counting_network::State));
}

TEST(RuntimeCpuExecutor, WorkspaceAndConstantsAreAligned) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.inputs.clear();
    plan.recordings.clear();
    plan.inputs = {{.population = "values",
                    .shape = {2, 2},
                    .num_neurons = 4,
                    .workspace_offset = offsetof(counting_network::State, x)}};
    const auto run = [](const mlgenn::CpuRunArguments* arguments) {
        auto& state = *reinterpret_cast<counting_network::State*>(arguments->workspace);
        const auto& constants = *reinterpret_cast<const counting_network::Constants*>(arguments->constants);
        state.counts[0] = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&state) % 64);
        state.counts[1] = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&constants) % 64);
        state.counts[2] = static_cast<std::uint32_t>(constants.v[3]);
    };
    CompiledNetwork network(plan, mlgenn::make_cpu_executor(plan, run, counting_network::scores(), 2, 1, nullptr), {},
                            1);
    Inputs inputs = counting_network::inputs(3);
    inputs.erase("events");
    EXPECT_THAT(row<std::uint32_t>(network.predict(inputs).outputs.at("counts"), 2), ElementsAre(0, 0, 40, 0));
}

TEST(RuntimeCpuExecutor, SubnormalsAreFlushedInGeneratedCodeOnly) {
    const auto run = [](const mlgenn::CpuRunArguments* arguments) {
        auto& state = *reinterpret_cast<counting_network::State*>(arguments->workspace);
        const volatile float subnormal_operand = 1e-40F;
        const volatile float small = 1e-30F;
        state.sum[0] = subnormal_operand * 1e10F;
        state.sum[1] = small * 1e-10F;
    };
    mlgenn::ExecutionPlan plan = counting_network::plan();
    CompiledNetwork network(plan, mlgenn::make_cpu_executor(plan, run, counting_network::scores(), 1, 1, nullptr), {},
                            1);
    const Predictions result = network.predict(counting_network::inputs(1));
#if defined(__SSE__) || defined(__aarch64__)
    EXPECT_EQ(row<float>(result.outputs.at("sum"), 0)[0], 0.0F);
    EXPECT_EQ(row<float>(result.outputs.at("sum"), 0)[1], 0.0F);
#endif
    const volatile float small = 1e-30F;
    EXPECT_NE(small * 1e-10F, 0.0F);
}

TEST(RuntimeCpuExecutor, PlansThatContradictThemselvesAreRefused) {
    const auto refused = [](auto change) {
        mlgenn::ExecutionPlan plan = counting_network::plan();
        change(plan);
        EXPECT_THROW(static_cast<void>(mlgenn::make_cpu_executor(plan, counting_network::run,
                                                                 counting_network::scores(), 1, 1, nullptr)),
                     InternalError);
    };
    refused([](auto& plan) { plan.resets[0].offset = plan.workspace_bytes; });
    refused([](auto& plan) { plan.resets[0].bytes = std::numeric_limits<std::size_t>::max(); });
    refused([](auto& plan) { plan.resets[0].constants_offset = 17; });
    refused([](auto& plan) { plan.inputs[0].num_frames = 1000; });
    refused([](auto& plan) { plan.inputs[1].ids_argument = 5; });
    refused([](auto& plan) { plan.outputs[0].workspace_offset = plan.workspace_bytes - 15; });
    refused([](auto& plan) { plan.outputs[0].shape = {5}; });
    refused([](auto& plan) { plan.recordings[1].row_bytes = 15; });
    refused([](auto& plan) { plan.recordings[0].argument = 9; });
    refused([](auto& plan) { plan.metrics[0].output = 3; });
    refused([](auto& plan) { plan.metrics.pop_back(); });
    refused([](auto& plan) { plan.step_counter_offset = plan.workspace_bytes - 3; });
}

}  // namespace
