// SPDX-License-Identifier: Apache-2.0
// Inputs that do not fit the network are refused before anything runs, with both numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CompiledNetwork;
using mlgenn::DenseInput;
using mlgenn::DescriptionError;
using mlgenn::DType;
using mlgenn::Inputs;
using mlgenn::SpikeInput;

SpikeInput events(std::vector<float> times, std::vector<std::int32_t> ids, std::vector<std::int32_t> offsets) {
    return {Array::from(times), Array::from(ids), Array::from(offsets)};
}

struct BadInput {
    const char* name;
    std::function<void(Inputs&)> change;
    const char* message;
};

constexpr const char* offsets_remedy =
    "\n    example e owns events offsets[e] .. offsets[e + 1] - 1: give examples + 1 ascending integers from 0 to the "
    "number of events";

class RuntimeInputErrors : public testing::TestWithParam<BadInput> {};

TEST_P(RuntimeInputErrors, NameWhatIsWrong) {
    CompiledNetwork network = counting_network::make(2, 4);
    Inputs inputs = counting_network::inputs(2);
    GetParam().change(inputs);
    std::string expected = GetParam().message;
    if (expected.find('\n') == std::string::npos) {
        expected += offsets_remedy;
    }
    try {
        static_cast<void>(network.predict(inputs));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(error.what(), expected);
    }
}

std::vector<BadInput> bad_dense_inputs() {
    return {
        {"Missing", [](Inputs& inputs) { inputs.erase("values"); },
         "input 'values': missing: nothing was given for this population\n"
         "    give values of shape [examples, 2, 2]"},
        {"Unknown", [](Inputs& inputs) { inputs["value"] = inputs["values"]; },
         "input 'value': network 'counting' has no input population of this name\n"
         "    its input populations are: 'values', 'events'"},
        {"Flat",
         [](Inputs& inputs) {
             inputs["values"] = DenseInput{Array(DType::u8, {2, 4})};
         },
         "input 'values': shape [2, 4] found, but [examples, 2, 2] expected\n"
         "    give (examples, population shape...)"},
        {"NoExampleDimension",
         [](Inputs& inputs) {
             inputs["values"] = DenseInput{Array(DType::u8, {2, 2})};
         },
         "input 'values': shape [2, 2] found, but [examples, 2, 2] expected\n"
         "    give (examples, population shape...)"},
        {"OtherNumberOfExamples",
         [](Inputs& inputs) {
             inputs["values"] = DenseInput{Array(DType::u8, {3, 2, 2})};
         },
         "input 'events': 2 examples found, but input 'values' has 3\n"
         "    give all inputs the same number of examples"},
        {"NoExamples",
         [](Inputs& inputs) {
             inputs["values"] = DenseInput{Array(DType::u8, {0, 2, 2})};
             inputs["events"] = events({}, {}, {0});
         },
         "network 'counting': 0 examples given, but at least 1 is needed\n"
         "    give at least one example"},
        {"EventsForValues", [](Inputs& inputs) { inputs["values"] = inputs["events"]; },
         "input 'values': spike events found, but the population's model takes values of shape [examples, 2, 2]\n"
         "    pass a DenseInput"},
        {"ValuesForEvents", [](Inputs& inputs) { inputs["events"] = inputs["values"]; },
         "input 'events': dense values of shape [2, 2, 2] found, but the population's model takes spike events\n"
         "    pass a SpikeInput (times_ms, ids, offsets)"},
        {"ScaleNotANumber",
         [](Inputs& inputs) { std::get<DenseInput>(inputs["values"]).scale = std::numeric_limits<double>::infinity(); },
         "input 'values': scale inf found, but a finite number is needed\n"
         "    leave the scale out, or give a finite one"},
    };
}

std::vector<BadInput> bad_spike_inputs() {
    return {
        {"MoreTimesThanIds",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1}, {0, 1, 1});
         },
         "input 'events': times_ms of shape [2] and ids of shape [1] found, but both must be [events]\n"
         "    give one time and one id per event"},
        {"FloatIds", [](Inputs& inputs) { std::get<SpikeInput>(inputs["events"]).ids = Array(DType::f32, {3}); },
         "input 'events': ids are float32, but integers are needed\n"
         "    convert the ids to an integer type"},
        {"OffsetsStartLate",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 1}, {1, 1, 2});
         },
         "input 'events': offsets[0] is 1, but must be 0"},
        {"OffsetsDescend",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 1}, {0, 3, 2});
         },
         "input 'events': offsets[1] is 3 and offsets[2] is 2, but offsets must ascend"},
        {"OffsetsEndEarly",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 1}, {0, 1, 1});
         },
         "input 'events': the last of 3 offsets is 1, but there are 2 events"},
        {"OffsetsEndLate",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 1}, {0, 1, 3});
         },
         "input 'events': the last of 3 offsets is 3, but there are 2 events"},
        {"NegativeOffset",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 1}, {0, -1, 2});
         },
         "input 'events': offsets[0] is 0 and offsets[1] is -1, but offsets must ascend"},
        {"NoOffsets", [](Inputs& inputs) { inputs["events"] = events({}, {}, {}); },
         "input 'events': offsets of shape [0] and type int32 found, but integers of shape [examples + 1] expected"},
        {"IdTooLarge",
         [](Inputs& inputs) {
             inputs["events"] = events({1, 2}, {1, 4}, {0, 1, 2});
         },
         "input 'events': event 1 (example 1) has id 4, but the population has 4 neurons\n"
         "    use ids from 0 to 3"},
        {"TimeNotANumber",
         [](Inputs& inputs) {
             inputs["events"] = events({1, std::numeric_limits<float>::quiet_NaN()}, {1, 1}, {0, 1, 2});
         },
         "input 'events': event 1 (example 1) has time NaN\n"
         "    give every event a time in ms"},
    };
}

const auto case_name = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Dense, RuntimeInputErrors, testing::ValuesIn(bad_dense_inputs()), case_name);
INSTANTIATE_TEST_SUITE_P(Events, RuntimeInputErrors, testing::ValuesIn(bad_spike_inputs()), case_name);

TEST(RuntimeInputs, AllProblemsAreReportedAtOnce) {
    CompiledNetwork network = counting_network::make(1, 4);
    try {
        static_cast<void>(network.evaluate({{"nobody", DenseInput{}}}, {}));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(error.diagnostics().size(), 4U) << error.what();
    }
}

TEST(RuntimeInputs, BatchSizeIsBoundedByTheCompiledOne) {
    CompiledNetwork network = counting_network::make(1, 4);
    for (const std::uint32_t batch_size : {0, 5}) {
        try {
            static_cast<void>(network.predict(counting_network::inputs(2), {.batch_size = batch_size}));
            ADD_FAILURE() << "no error";
        } catch (const DescriptionError& error) {
            EXPECT_EQ(std::string(error.what()),
                      "batch_size: " + std::to_string(batch_size) +
                          " found, but the network 'counting' was compiled for batches of 4\n"
                          "    use 1 to 4, or compile with a larger batch size");
        }
    }
}

TEST(RuntimeInputs, FramesHaveADimensionOfTheirOwn) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.inputs = {{.population = "values",
                    .shape = {2},
                    .num_neurons = 2,
                    .num_frames = 3,
                    .workspace_offset = offsetof(counting_network::State, x)}};
    plan.recordings.clear();
    const auto run = [](const mlgenn::CpuRunArguments* arguments) {
        auto& state = *reinterpret_cast<counting_network::State*>(arguments->workspace);
        // Frame 2 follows frames 0 and 1 of two neurons each.
        state.sum[0] = state.v[0];
        state.sum[1] = state.v[1];
    };
    CompiledNetwork network(plan, mlgenn::make_cpu_executor(plan, run, counting_network::scores(), 1, 1, nullptr), {},
                            1);
    const auto predict = [&](Array values) { return network.predict({{"values", DenseInput{values}}}); };
    const mlgenn::Predictions result =
        predict(Array::from(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {2, 3, 2}));
    EXPECT_EQ(result.outputs.at("sum").as<float>()[4], 10.0F);
    EXPECT_EQ(result.outputs.at("sum").as<float>()[5], 11.0F);
    try {
        static_cast<void>(predict(Array(DType::f32, {2, 2})));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "input 'values': shape [2, 2] found, but [examples, 3, 2] expected\n"
                     "    give (examples, frames, population shape...)");
    }
}

}  // namespace
