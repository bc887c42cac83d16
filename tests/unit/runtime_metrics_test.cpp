// SPDX-License-Identifier: Apache-2.0
// Several metrics per output, functions as metrics, results by name and results so far.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "runtime/src/example_feeder.h"
#include "runtime/src/metric_choice.h"
#include "runtime/src/scoring.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::EvaluateOptions;
using mlgenn::Evaluation;
using mlgenn::MetricFunctions;
using mlgenn::MetricResult;
using mlgenn::Targets;

constexpr std::size_t num_examples = 23;

Array labels(std::size_t count = num_examples) {
    std::vector<std::int64_t> values;
    for (std::size_t example = 0; example < count; ++example) {
        values.push_back(static_cast<std::int64_t>(example % 4));
    }
    return Array::from(values);
}

/// Mean of all outputs.
double mean_output(const Array& outputs, const Array&) {
    double sum = 0.0;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        sum += outputs.value(k);
    }
    return sum / static_cast<double>(outputs.size());
}

double no_targets(const Array&, const Array& targets) {
    return targets.empty() ? 1.0 : 0.0;
}

std::string message_of(CompiledNetwork& network, const Targets& targets, const EvaluateOptions& options) {
    try {
        static_cast<void>(network.evaluate(counting_network::inputs(num_examples), targets, options));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

EvaluateOptions naming(std::map<std::string, std::vector<std::string>> names, MetricFunctions functions = {}) {
    EvaluateOptions options;
    options.metrics = std::move(names);
    options.metric_functions = std::move(functions);
    return options;
}

TEST(RuntimeMetrics, SeveralPerOutputInTheOrderOfTheirNames) {
    CompiledNetwork network = counting_network::make(2, 4);
    const Evaluation result = network.evaluate(
        counting_network::inputs(num_examples), {{"counts", labels()}},
        naming({{"counts", {"matrix", "mean", "sparse_categorical_accuracy"}}}, {{"mean", mean_output}}));
    ASSERT_EQ(result.metrics.size(), 3U);
    EXPECT_EQ(result.metrics[0].metric, "matrix");
    EXPECT_EQ(result.metrics[1].metric, "mean");
    EXPECT_EQ(result.metrics[2].metric, "sparse_categorical_accuracy");
    EXPECT_EQ(&result.metric("counts", "mean"), &result.metrics[1]);
    EXPECT_EQ(&result.metric("matrix"), &result.metrics[0]);
    EXPECT_EQ(&result.metric("confusion_matrix"), &result.metrics[0]) << "by its name in the catalogue";
    EXPECT_EQ(result.downloaded_bytes, 0U) << "nothing has to come from the host's own memory";
}

TEST(RuntimeMetrics, AMatrixHasARowPerLabel) {
    CompiledNetwork network = counting_network::make(3, 5);
    const Array counts = network.predict(counting_network::inputs(num_examples)).outputs.at("counts");
    std::vector<std::uint64_t> expected(16);
    for (std::size_t example = 0; example < num_examples; ++example) {
        const auto own = counts.as<std::uint32_t>().subspan(example * 4, 4);
        ++expected[example % 4 * 4 + static_cast<std::size_t>(std::max_element(own.begin(), own.end()) - own.begin())];
    }
    const Evaluation result = network.evaluate(counting_network::inputs(num_examples), {{"counts", labels()}},
                                               naming({{"counts", {"sparse_categorical_accuracy", "matrix"}}}));
    const MetricResult& matrix = result.metric("matrix");
    EXPECT_EQ(matrix.values.shape(), (mlgenn::Shape{4, 4}));
    const auto found = matrix.values.as<std::uint64_t>();
    EXPECT_EQ(std::vector<std::uint64_t>(found.begin(), found.end()), expected);
    EXPECT_EQ(matrix.value, result.metrics[0].value) << "the fraction on the diagonal";
    EXPECT_EQ(matrix.num_correct, result.metrics[0].num_correct);
}

TEST(RuntimeMetrics, AResultThatIsNotOneIsAnError) {
    Evaluation result;
    result.metrics = {{.output = "a", .metric = "x", .model = "m"},
                      {.output = "b", .metric = "x", .model = "m"},
                      {.output = "b", .metric = "y", .model = "m"}};
    EXPECT_EQ(&result.metric("a", "m"), &result.metrics[0]);
    EXPECT_EQ(&result.metric("y"), &result.metrics[2]);
    const auto message = [&](const auto& find) -> std::string {
        try {
            find();
        } catch (const DescriptionError& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_EQ(message([&] { static_cast<void>(result.metric("x")); }),
              "metric 'x': there are 2 results of this name\n    the results are: 'a: x', 'b: x', 'b: y'");
    EXPECT_EQ(message([&] { static_cast<void>(result.metric("b", "m")); }),
              "metric 'm' of 'b': there are 2 results of this name\n    the results are: 'a: x', 'b: x', 'b: y'");
    EXPECT_EQ(message([&] { static_cast<void>(result.metric("c", "x")); }),
              "metric 'x' of 'c': it was not evaluated\n    the results are: 'a: x', 'b: x', 'b: y'");
}

TEST(RuntimeMetrics, FunctionsSeeAllPredictionsAndTheTargetsAsTheyAre) {
    CompiledNetwork network = counting_network::make(2, 4, {}, {.metric_functions = {{"registered", mean_output}}});
    const mlgenn::Inputs inputs = counting_network::inputs(num_examples);
    const Array sums = network.predict(inputs).outputs.at("sum");
    Array seen_outputs;
    Array seen_targets;
    int calls = 0;
    const Array targets = Array::from(std::vector<std::uint8_t>(num_examples * 3), {num_examples, 3});
    const Evaluation result = network.evaluate(inputs, {{"sum", targets}},
                                               naming({}, {{"mine", [&](const Array& outputs, const Array& given) {
                                                                ++calls;
                                                                seen_outputs = outputs;
                                                                seen_targets = given;
                                                                return 2.5;
                                                            }}}));
    ASSERT_EQ(result.metrics.size(), 1U) << "the call's functions come before the registered ones";
    EXPECT_EQ(result.metric("mine").value, 2.5);
    EXPECT_EQ(result.metric("mine").num_examples, num_examples);
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(
        std::equal(seen_outputs.bytes().begin(), seen_outputs.bytes().end(), sums.bytes().begin(), sums.bytes().end()));
    EXPECT_EQ(seen_targets.shape(), targets.shape());
    EXPECT_EQ(seen_targets.dtype(), mlgenn::DType::u8);
    EXPECT_EQ(network.evaluate(inputs, {{"sum", targets}}).metrics[0].metric, "registered");
}

TEST(RuntimeMetrics, FunctionsNeedNoTargetAndMayThrow) {
    CompiledNetwork network = counting_network::make(1, 4);
    const mlgenn::Inputs inputs = counting_network::inputs(num_examples);
    EXPECT_EQ(network.evaluate(inputs, {}, naming({{"sum", {"none"}}}, {{"none", no_targets}})).metric("none").value,
              1.0);
    const auto fails = [](const Array&, const Array&) -> double { throw std::runtime_error("no score"); };
    EXPECT_THROW(static_cast<void>(network.evaluate(inputs, {}, naming({{"sum", {"f"}}}, {{"f", fails}}))),
                 std::runtime_error);
    EXPECT_EQ(network.evaluate(inputs, {{"counts", labels()}}).metrics.size(), 1U) << "usable afterwards";
}

TEST(RuntimeMetrics, MeanOverExamplesGivesOneExampleAtATime) {
    CompiledNetwork network = counting_network::make(1, 4);
    const auto score = [](const Array& output, const Array& target) {
        EXPECT_EQ(output.shape(), (mlgenn::Shape{2, 2}));
        EXPECT_EQ(target.shape(), mlgenn::Shape{});
        return output.value(3) * target.value(0);
    };
    const mlgenn::Inputs inputs = counting_network::inputs(num_examples);
    const Array sums = network.predict(inputs).outputs.at("sum");
    double expected = 0.0;
    for (std::size_t example = 0; example < num_examples; ++example) {
        expected += sums.value(example * 4 + 3) * labels().value(example);
    }
    const Evaluation result =
        network.evaluate(inputs, {{"sum", labels()}}, naming({}, {{"product", mlgenn::mean_over_examples(score)}}));
    EXPECT_EQ(result.metric("product").value, expected / num_examples);
}

TEST(RuntimeMetrics, NamesThatCannotBeScoredAreReported) {
    CompiledNetwork network = counting_network::make(1, 4, {}, {.metric_functions = {{"registered", mean_output}}});
    EXPECT_EQ(message_of(network, {{"counts", labels()}}, naming({{"counts", {"matrix", "matrix"}}})),
              "metric 'matrix' of 'counts': it is named twice\n    name it once");
    EXPECT_EQ(message_of(network, {{"counts", labels()}}, naming({{"counts", {"matrix"}}}, {{"matrix", mean_output}})),
              "metric 'matrix' of 'counts': a function has this name, and so has a metric that was compiled for this "
              "output\n    give the function another name");
    EXPECT_EQ(message_of(network, {}, naming({{"hidden", {"registered"}}})),
              "metrics of 'hidden': network 'counting' has no output population of this name\n"
              "    its output populations are: 'counts', 'sum', 'clock'");
    EXPECT_EQ(message_of(network, {}, naming({{"counts", {"matrix"}}})),
              "metric 'matrix' of 'counts': there is no target of this name\n    targets were given for: none");
    EXPECT_EQ(message_of(network, {{"counts", labels(7)}}, naming({{"counts", {"registered"}}})),
              "target 'counts': shape [7] found, but metric 'registered' expects 23 examples\n"
              "    give one target per example, examples first");
}

TEST(RuntimeMetrics, ResultsSoFarAreThoseOfTheExamplesSoFar) {
    namespace runtime = mlgenn::runtime;
    const mlgenn::ExecutionPlan plan = counting_network::plan();
    const auto executor =
        mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 2, 4, nullptr);
    const mlgenn::Inputs inputs = counting_network::inputs(num_examples);
    const Array values = Array::from(std::vector<float>(num_examples * 4, 3.0F), {num_examples, 2, 2});
    const Targets targets = {{"counts", labels()}, {"sum", values}};
    const MetricFunctions functions = {{"mean", mean_output}};
    const std::map<std::string, std::vector<std::string>> names = {{"counts", {"matrix", "mean"}},
                                                                   {"sum", {"mean_square_error"}}};
    std::vector<mlgenn::Diagnostic> problems;
    runtime::Scoring scoring(plan,
                             runtime::choose_metrics(plan, targets, {names, functions, {}}, num_examples, problems),
                             num_examples, executor->num_workers());
    ASSERT_TRUE(problems.empty());
    runtime::ReadoutStore predictions(plan, num_examples, scoring.outputs_for_functions());
    runtime::Recorder recorder(plan, num_examples, executor->num_workers(), {}, 1U << 30U);
    runtime::ExampleFeeder feeder(plan, inputs, executor->num_workers(), recorder, &predictions, &scoring);
    CompiledNetwork whole = counting_network::make(1, 4);
    for (const MetricResult& nothing_yet : scoring.results(0, predictions)) {
        EXPECT_NE(nothing_yet.value, nothing_yet.value) << "NaN";
    }
    for (std::size_t begin = 0; begin < num_examples; begin += 8) {
        const std::size_t end = std::min(begin + 8, num_examples);
        feeder.start_at(begin);
        executor->run(
            {.num_examples = end - begin, .first_example = begin, .batch_size = 4, .reset = std::vector<bool>(5, true)},
            feeder);
        scoring.collect(*executor);
        const std::vector<MetricResult> so_far = scoring.results(end, predictions);
        const Evaluation expected =
            whole.evaluate(counting_network::inputs(end), {{"counts", labels(end)}, {"sum", values.rows(0, end)}},
                           naming(names, functions));
        ASSERT_EQ(so_far.size(), expected.metrics.size());
        for (std::size_t k = 0; k < so_far.size(); ++k) {
            EXPECT_EQ(so_far[k].value, expected.metrics[k].value) << so_far[k].metric << " after " << end;
            EXPECT_EQ(so_far[k].num_examples, end);
        }
    }
}

}  // namespace
