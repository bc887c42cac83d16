// SPDX-License-Identifier: Apache-2.0
// Targets that a metric cannot compare with are refused before anything runs, for every metric of the catalogue.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "compiler/models/catalogue.h"
#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"

namespace mlgenn {
namespace {

/// An output of shape [2, 3] that is scored with one metric.
class Scored {
public:
    explicit Scored(const MetricSpec& metric) : network_(compile(metric)) {}

    std::string message_for(const Array& targets) {
        try {
            static_cast<void>(
                network_.evaluate({{"input", DenseInput{Array(DType::f32, {4, 1})}}}, {{"output", targets}}));
        } catch (const DescriptionError& error) {
            return error.what();
        }
        return "no error";
    }

private:
    static CompiledNetwork compile(const MetricSpec& metric) {
        Network network;
        network.populations = {
            {.name = "input", .shape = {1}, .neuron = "binary_spike_input"},
            {.name = "output", .shape = {2, 3}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
        network.connections = {{.source = "input", .target = "output", .connectivity = {"dense", {{"weight", 1.0}}}}};
        network.metric_models = {{.name = "of_label", .params = {}, .code = "score = label;"},
                                 {.name = "of_values", .params = {}, .code = "score = target(5);"},
                                 {.name = "of_nothing", .params = {}, .code = "score = output(5);"}};
        CompilerOptions options;
        options.example_timesteps = 2;
        options.cache_dir = "off";
        options.metrics = {{"output", {metric}}};
        return InferenceCompiler(options).compile(network);
    }

    CompiledNetwork network_;
};

Array labels(const std::vector<double>& values) {
    return Array::from(values);
}

void expect_labels(const std::string& metric) {
    SCOPED_TRACE(metric);
    Scored scored(metric);
    const std::string shape = " found, but metric '" + metric + "' expects [4]\n    give one label per example";
    EXPECT_EQ(scored.message_for(labels({0, 1, 2})), "target 'output': shape [3]" + shape);
    EXPECT_EQ(scored.message_for(Array(DType::i32, {4, 1})), "target 'output': shape [4, 1]" + shape);
    EXPECT_EQ(scored.message_for(Array(DType::f32, {4, 2, 3})), "target 'output': shape [4, 2, 3]" + shape);
    const std::string remedy = "\n    use whole numbers from 0 to 5";
    EXPECT_EQ(scored.message_for(labels({0, 6, -1, 2})),
              "target 'output': label 6 of example 1 is not one of the 6 classes (wrong labels: 2 of 4)" + remedy);
    EXPECT_EQ(
        scored.message_for(labels({0, 1, 2, 0.5})),
        "target 'output': label 0.500000 of example 3 is not one of the 6 classes (wrong labels: 1 of 4)" + remedy);
    EXPECT_EQ(scored.message_for(labels({0, 1, 2, NAN})),
              "target 'output': label nan of example 3 is not one of the 6 classes (wrong labels: 1 of 4)" + remedy);
    EXPECT_EQ(scored.message_for(labels({0, 1, 5, 5})), "no error");
    EXPECT_EQ(scored.message_for(Array(DType::u8, {4})), "no error") << "any number type";
}

void expect_values(const std::string& metric) {
    SCOPED_TRACE(metric);
    Scored scored(metric);
    const std::string shape = " found, but metric '" + metric +
                              "' expects [4, 2, 3]\n    give values of shape (examples, population shape...)";
    EXPECT_EQ(scored.message_for(labels({0, 1, 2, 3})), "target 'output': shape [4]" + shape);
    EXPECT_EQ(scored.message_for(Array(DType::f32, {4, 6})), "target 'output': shape [4, 6]" + shape);
    EXPECT_EQ(scored.message_for(Array(DType::f32, {5, 2, 3})), "target 'output': shape [5, 2, 3]" + shape);
    EXPECT_EQ(scored.message_for(Array(DType::f64, {4, 2, 3})), "no error") << "any number type";
}

TEST(MetricTargetErrors, EveryMetricOfTheCatalogueChecksItsTargets) {
    for (const models::MetricModel& model : models::metric_models()) {
        if (model.target == TargetKind::label) {
            expect_labels(model.entry.name);
        } else {
            expect_values(model.entry.name);
        }
    }
}

TEST(MetricTargetErrors, CodeChecksTheTargetsThatItUses) {
    expect_labels("of_label");
    expect_values("of_values");
    Scored scored("of_nothing");
    EXPECT_EQ(scored.message_for(Array(DType::f32, {9})), "no error") << "targets that nobody looks at";
}

}  // namespace
}  // namespace mlgenn
