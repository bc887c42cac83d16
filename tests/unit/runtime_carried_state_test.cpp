// SPDX-License-Identifier: Apache-2.0
// State that is carried from example to example goes along batch slots, for any number of threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "tests/unit/counting_network.h"

namespace {

using counting_network::num_timesteps;
using mlgenn::Array;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::Inputs;
using mlgenn::Predictions;
using mlgenn::ResetOptions;
using testing::ElementsAre;

constexpr ResetOptions carry_all{.time = false, .vars = false, .in_syn = false, .in_flight = false};

/// Examples first, first + stride, ... of the inputs.
Inputs every(const Inputs& inputs, std::size_t first, std::size_t stride, std::size_t num_examples) {
    const Array& all_values = std::get<mlgenn::DenseInput>(inputs.at("values")).values;
    const auto& all_events = std::get<mlgenn::SpikeInput>(inputs.at("events"));
    std::vector<float> values;
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint64_t> offsets{0};
    for (std::size_t example = first; example < num_examples; example += stride) {
        const auto own = all_values.as<float>().subspan(example * 4, 4);
        values.insert(values.end(), own.begin(), own.end());
        const auto begin = static_cast<std::size_t>(all_events.offsets.value(example));
        const auto end = static_cast<std::size_t>(all_events.offsets.value(example + 1));
        for (std::size_t event = begin; event < end; ++event) {
            times.push_back(all_events.times_ms.as<float>()[event]);
            ids.push_back(all_events.ids.as<std::uint32_t>()[event]);
        }
        offsets.push_back(times.size());
    }
    const std::size_t count = offsets.size() - 1;
    return {{"values", mlgenn::DenseInput{Array::from(values, {count, 2, 2})}},
            {"events", mlgenn::SpikeInput{Array::from(times), Array::from(ids), Array::from(offsets)}}};
}

std::vector<std::uint32_t> clock_of(const Predictions& predictions, std::size_t example) {
    const auto clock = predictions.outputs.at("clock").as<std::uint32_t>().subspan(example * 2, 2);
    return {clock.begin(), clock.end()};
}

std::vector<float> v_of(const Predictions& predictions, std::size_t example) {
    const auto v = predictions.recordings.traces.at("v").as<float>().subspan(example * 24, 24);
    return {v.begin(), v.end()};
}

/// Example `left_example` of `left` has the same results as `right_example` of `right`.
void expect_same_example(const Predictions& left, std::size_t left_example, const Predictions& right,
                         std::size_t right_example) {
    for (const char* output : {"counts", "sum", "clock"}) {
        const Array left_row = left.outputs.at(output).rows(left_example, left_example + 1);
        const Array right_row = right.outputs.at(output).rows(right_example, right_example + 1);
        EXPECT_TRUE(std::equal(left_row.bytes().begin(), left_row.bytes().end(), right_row.bytes().begin()))
            << output << " of example " << left_example;
    }
    EXPECT_EQ(v_of(left, left_example), v_of(right, right_example));
    const auto& left_spikes = left.recordings.spikes.at("events.spikes")[left_example];
    const auto& right_spikes = right.recordings.spikes.at("events.spikes")[right_example];
    EXPECT_EQ(left_spikes.steps, right_spikes.steps);
    EXPECT_EQ(left_spikes.ids, right_spikes.ids);
}

TEST(RuntimeCarriedState, EachKindIsCarriedByItself) {
    const Inputs two = counting_network::inputs(2);
    const auto run = [&](ResetOptions reset) {
        CompiledNetwork network = counting_network::make(1, 1, reset);
        return network.predict(two);
    };
    const Predictions fresh = run({});
    EXPECT_EQ(v_of(fresh, 1)[0], 10.0F + 1.0F);
    EXPECT_EQ(fresh.outputs.at("counts").as<std::uint32_t>()[4 + 0], 0U);
    EXPECT_EQ(clock_of(fresh, 1)[0], 0U);

    // Example 0 feeds 0.25 * 4 ... per step into v[1 ... 3], and 0 into v[0].
    const Predictions vars = run({.vars = false});
    EXPECT_EQ(v_of(vars, 1)[1], v_of(vars, 0)[21] + 1.25F * 2.0F);
    EXPECT_EQ(clock_of(vars, 1)[0], 0U);

    // Its event of the last step arrives in the next example.
    const Predictions in_flight = run({.in_flight = false});
    EXPECT_EQ(in_flight.outputs.at("counts").as<std::uint32_t>()[4 + 0], 1U);
    EXPECT_EQ(v_of(in_flight, 1), v_of(fresh, 1));

    const Predictions in_syn = run({.in_syn = false});
    EXPECT_GT(in_syn.outputs.at("sum").as<float>()[4 + 3], fresh.outputs.at("sum").as<float>()[4 + 3]);
    EXPECT_EQ(v_of(in_syn, 1), v_of(fresh, 1));

    const Predictions time = run({.time = false});
    EXPECT_THAT(clock_of(time, 0), ElementsAre(0, num_timesteps));
    EXPECT_THAT(clock_of(time, 1), ElementsAre(num_timesteps, 2 * num_timesteps));
    EXPECT_EQ(v_of(time, 1), v_of(fresh, 1));
    EXPECT_EQ(time.recordings.spikes.at("events.spikes")[1].steps,
              fresh.recordings.spikes.at("events.spikes")[1].steps);
}

TEST(RuntimeCarriedState, ReadoutsStartAfreshAllTheSame) {
    const Inputs inputs = counting_network::inputs(12);
    CompiledNetwork carrying = counting_network::make(1, 1, {.vars = false});
    CompiledNetwork independent = counting_network::make(1, 1);
    const std::vector<std::int64_t> counts = independent.predict(inputs).outputs.at("counts").to_i64();
    EXPECT_GT(*std::max_element(counts.begin(), counts.end()), 0);
    EXPECT_EQ(carrying.predict(inputs).outputs.at("counts").to_i64(), counts);
}

TEST(RuntimeCarriedState, SlotsAreIndependentChains) {
    constexpr std::size_t num_examples = 47;
    const Inputs inputs = counting_network::inputs(num_examples);
    for (const std::uint32_t num_threads : {1, 2, 5}) {
        for (const std::uint32_t batch_size : {1, 3, 20, 60}) {
            CompiledNetwork network = counting_network::make(num_threads, 60, carry_all);
            const Predictions together = network.predict(inputs, {.batch_size = batch_size});
            for (std::size_t slot = 0; slot < std::min<std::size_t>(batch_size, num_examples); ++slot) {
                CompiledNetwork alone = counting_network::make(1, 1, carry_all);
                const Predictions chain = alone.predict(every(inputs, slot, batch_size, num_examples));
                for (std::size_t link = 0; slot + link * batch_size < num_examples; ++link) {
                    expect_same_example(together, slot + link * batch_size, chain, link);
                }
            }
        }
    }
}

TEST(RuntimeCarriedState, GoesOnInTheNextCallUntilReset) {
    const Inputs inputs = counting_network::inputs(12);
    CompiledNetwork network = counting_network::make(2, 4, carry_all);
    const Predictions first = network.predict(inputs);
    const Predictions second = network.predict(inputs);
    EXPECT_THAT(clock_of(first, 11), ElementsAre(2 * num_timesteps, 3 * num_timesteps));
    EXPECT_THAT(clock_of(second, 0), ElementsAre(3 * num_timesteps, 4 * num_timesteps));
    network.reset();
    const Predictions afresh = network.predict(inputs);
    for (std::size_t example = 0; example < 12; ++example) {
        expect_same_example(afresh, example, first, example);
    }
    // A call of independent examples forgets as well.
    static_cast<void>(network.predict(inputs, {.reset = ResetOptions{}}));
    expect_same_example(network.predict(inputs), 0, first, 0);
}

TEST(RuntimeCarriedState, ProgressDoesNotChangeTheChains) {
    const Inputs inputs = counting_network::inputs(1003);
    CompiledNetwork network = counting_network::make(2, 5, carry_all);
    const Predictions expected = network.predict(inputs);
    network.reset();
    int calls = 0;
    const Predictions watched = network.predict(
        inputs, {.callbacks = {mlgenn::CallbackFunctions{.on_progress = [&](std::size_t, std::size_t) { ++calls; }}}});
    EXPECT_GT(calls, 10);
    for (std::size_t example = 0; example < 1003; ++example) {
        expect_same_example(watched, example, expected, example);
    }
}

TEST(RuntimeCarriedState, StepCounterGoesOnWhenTimeIsReset) {
    CompiledNetwork network = counting_network::make(1, 1, {.in_flight = false});
    const Predictions result = network.predict(counting_network::inputs(3));
    EXPECT_THAT(clock_of(result, 2), ElementsAre(0, 3 * num_timesteps));
}

TEST(RuntimeCarriedState, AFailedCallForgetsEverything) {
    const Inputs good = counting_network::inputs(12);
    Inputs bad = good;
    auto& events = std::get<mlgenn::SpikeInput>(bad["events"]);
    std::vector<std::int64_t> ids = events.ids.to_i64();
    ids.back() = 4;
    events.ids = Array::from(ids);
    CompiledNetwork network = counting_network::make(2, 4, carry_all);
    const Predictions first = network.predict(good);
    EXPECT_THROW(static_cast<void>(network.predict(bad)), DescriptionError);
    const Predictions again = network.predict(good);
    for (std::size_t example = 0; example < 12; ++example) {
        expect_same_example(again, example, first, example);
    }
}

TEST(RuntimeCarriedState, TimeMayNotOverflow) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.num_timesteps = 0xC0000000U;
    plan.inputs.resize(1);
    plan.recordings.clear();
    const auto run = [](const mlgenn::CpuRunArguments*) {};
    CompiledNetwork network(plan, mlgenn::make_cpu_executor(plan, run, counting_network::scores(), 1, 1, nullptr),
                            carry_all, 1);
    Inputs inputs = counting_network::inputs(1);
    inputs.erase("events");
    static_cast<void>(network.predict(inputs));
    try {
        static_cast<void>(network.predict(inputs));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("time goes on from step 3221225472, and 1 examples of 3221225472 "
                                                     "steps would pass step 4294967295"));
    }
}

}  // namespace
