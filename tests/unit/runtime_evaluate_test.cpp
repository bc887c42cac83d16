// SPDX-License-Identifier: Apache-2.0
// Evaluating: scores are summed exactly, and metrics and targets are checked first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::Evaluation;
using mlgenn::Inputs;
using mlgenn::Predictions;
using mlgenn::Targets;

constexpr std::size_t num_examples = 61;

std::vector<std::int64_t> labels() {
    std::vector<std::int64_t> result;
    for (std::size_t example = 0; example < num_examples; ++example) {
        result.push_back(static_cast<std::int64_t>(example % 3));
    }
    return result;
}

std::vector<double> values() {
    std::vector<double> result;
    for (std::size_t i = 0; i < num_examples * 4; ++i) {
        result.push_back(static_cast<double>(i) * 0.37);
    }
    return result;
}

TEST(RuntimeEvaluate, AgreesWithPredictions) {
    const Inputs inputs = counting_network::inputs(num_examples);
    CompiledNetwork reference = counting_network::make(1, 1);
    const Predictions predictions = reference.predict(inputs);
    const auto counts = predictions.outputs.at("counts").as<std::uint32_t>();
    const auto sums = predictions.outputs.at("sum").as<float>();
    std::uint64_t num_correct = 0;
    double error = 0.0;
    for (std::size_t example = 0; example < num_examples; ++example) {
        const auto own = counts.subspan(example * 4, 4);
        const auto best = std::max_element(own.begin(), own.end()) - own.begin();
        num_correct += best == labels()[example] ? 1 : 0;
        float own_error = 0.0F;
        for (std::size_t j = 0; j < 4; ++j) {
            const float difference = sums[example * 4 + j] - static_cast<float>(values()[example * 4 + j]);
            own_error += difference * difference;
        }
        error += static_cast<double>(own_error);
    }
    ASSERT_GT(num_correct, 0U);
    ASSERT_LT(num_correct, num_examples);
    for (const std::uint32_t num_threads : {1, 2, 5}) {
        for (const std::uint32_t batch_size : {1, 8, 100}) {
            CompiledNetwork network = counting_network::make(num_threads, batch_size);
            mlgenn::EvaluateOptions options;
            options.metrics = {{"counts", {"sparse_categorical_accuracy"}}, {"sum", {"mean_square_error"}}};
            const Evaluation result = network.evaluate(
                inputs, {{"counts", Array::from(labels())}, {"sum", Array::from(values(), {num_examples, 2, 2})}},
                options);
            const mlgenn::MetricResult& accuracy = result.metric("counts", "sparse_categorical_accuracy");
            EXPECT_EQ(accuracy.num_correct, num_correct);
            EXPECT_EQ(accuracy.num_examples, num_examples);
            EXPECT_EQ(accuracy.value, static_cast<double>(num_correct) / num_examples);
            EXPECT_EQ(result.metric("sum", "mean_square_error").value, error / (num_examples * 4.0));
            EXPECT_EQ(result.recordings.spikes.at("events.spikes").size(), num_examples);
            EXPECT_THROW(static_cast<void>(result.metric("sum", "nothing")), DescriptionError);
        }
    }
}

TEST(RuntimeEvaluate, AccuracyIsTheDefaultMetric) {
    CompiledNetwork network = counting_network::make(1, 4);
    const Evaluation result =
        network.evaluate(counting_network::inputs(num_examples), {{"counts", Array::from(labels())}});
    ASSERT_EQ(result.metrics.size(), 1U);
    EXPECT_EQ(result.metrics[0].metric, "sparse_categorical_accuracy");
}

struct BadCall {
    const char* name;
    Targets targets;
    std::map<std::string, std::vector<std::string>> metrics;
    const char* message;
};

class RuntimeEvaluateErrors : public testing::TestWithParam<BadCall> {};

TEST_P(RuntimeEvaluateErrors, NameWhatIsWrong) {
    CompiledNetwork network = counting_network::make(1, 4);
    mlgenn::EvaluateOptions options;
    options.metrics = GetParam().metrics;
    try {
        static_cast<void>(network.evaluate(counting_network::inputs(2), GetParam().targets, options));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(), GetParam().message);
    }
}

std::vector<BadCall> bad_calls() {
    const auto labels_of = [](std::vector<double> values) { return Array::from(values); };
    return {
        {"NoTargets",
         {},
         {},
         "network 'counting': 0 targets given, but an evaluation needs at least 1\n"
         "    give targets for an output population, or predict instead"},
        {"UnknownOutput",
         {{"hidden", labels_of({0, 1})}},
         {},
         "target 'hidden': network 'counting' has no output population of this name\n"
         "    its output populations are: 'counts', 'sum', 'clock'"},
        {"MetricNotCompiled",
         {{"counts", labels_of({0, 1})}},
         {{"counts", {"mean_square_error"}}},
         "target 'counts': metric 'mean_square_error' was not compiled for this output\n"
         "    its compiled metrics are: 'sparse_categorical_accuracy', 'matrix'; name others in the compiler's "
         "options"},
        {"NoMetricAtAll",
         {{"clock", labels_of({0, 1})}},
         {},
         "target 'clock': metric 'sparse_categorical_accuracy' was not compiled for this output\n"
         "    its compiled metrics are: none; name others in the compiler's options"},
        {"MetricWithoutTarget",
         {{"counts", labels_of({0, 1})}},
         {{"counts", {"sparse_categorical_accuracy"}}, {"sum", {"mean_square_error"}}},
         "metric 'mean_square_error' of 'sum': there is no target of this name\n"
         "    targets were given for: 'counts'"},
        {"TargetWithoutMetric",
         {{"counts", labels_of({0, 1})}, {"sum", Array(mlgenn::DType::f32, {2, 2, 2})}},
         {{"sum", {"mean_square_error"}}},
         "target 'counts': metrics were named, but none for this target\n"
         "    name a metric for every target, or none at all"},
        {"TooManyLabels",
         {{"counts", labels_of({0, 1, 2})}},
         {},
         "target 'counts': shape [3] found, but metric 'sparse_categorical_accuracy' expects [2]\n"
         "    give one label per example"},
        {"WrongValueShape",
         {{"sum", Array(mlgenn::DType::f32, {2, 4})}},
         {{"sum", {"mean_square_error"}}},
         "target 'sum': shape [2, 4] found, but metric 'mean_square_error' expects [2, 2, 2]\n"
         "    give values of shape (examples, population shape...)"},
        {"LabelTooLarge",
         {{"counts", labels_of({3, 4})}},
         {},
         "target 'counts': label 4 of example 1 is not one of the 4 classes (wrong labels: 1 of 2)\n"
         "    use whole numbers from 0 to 3"},
        {"NegativeLabel",
         {{"counts", labels_of({-1, -2})}},
         {},
         "target 'counts': label -1 of example 0 is not one of the 4 classes (wrong labels: 2 of 2)\n"
         "    use whole numbers from 0 to 3"},
        {"FractionalLabel",
         {{"counts", labels_of({0, 1.5})}},
         {},
         "target 'counts': label 1.500000 of example 1 is not one of the 4 classes (wrong labels: 1 of 2)\n"
         "    use whole numbers from 0 to 3"},
    };
}

INSTANTIATE_TEST_SUITE_P(Table, RuntimeEvaluateErrors, testing::ValuesIn(bad_calls()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
