// SPDX-License-Identifier: Apache-2.0
// Metrics in the compiler's options, in networks and in code: whole messages.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn {
namespace {

Network small_network() {
    Network network;
    network.populations = {
        {.name = "input", .shape = {1}, .neuron = "binary_spike_input"},
        {.name = "output", .shape = {3}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input", .target = "output", .connectivity = {"dense", {{"weight", 1.0}}}}};
    return network;
}

std::string message_of_options(const std::map<std::string, std::vector<MetricSpec>>& metrics,
                               const MetricFunctions& functions = {}) {
    CompilerOptions options;
    options.example_timesteps = 2;
    options.cache_dir = "off";
    options.metrics = metrics;
    options.metric_functions = functions;
    try {
        static_cast<void>(InferenceCompiler(options).compile(small_network()));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

std::string message_of_metric(const MetricSpec& metric) {
    return message_of_options({{"output", {metric}}});
}

std::string message_of_code(const std::string& code, std::map<std::string, double> params = {}) {
    Network network = small_network();
    network.metric_models = {{.name = "mine", .params = std::move(params), .code = code}};
    try {
        static_cast<void>(validated(network));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

TEST(MetricErrors, UnknownNames) {
    EXPECT_EQ(message_of_options({{"hidden", {"mean_square_error"}}}),
              "metrics of 'hidden': the network has no such output\n    name a population that has a readout");
    EXPECT_EQ(message_of_options({{"input", {"mean_square_error"}}}),
              "metrics of 'input': the network has no such output\n    name a population that has a readout");
    EXPECT_EQ(message_of_metric("mean_squared_error"),
              "population 'output', metrics.0: there is no metric 'mean_squared_error'\n"
              "    did you mean 'mean_square_error'?");
    EXPECT_EQ(message_of_metric(""),
              "population 'output', metrics.0: no metric is given\n"
              "    the metrics are sparse_categorical_accuracy, top_k_accuracy, confusion_matrix, mean_square_error, "
              "mean_absolute_error");
}

TEST(MetricErrors, Parameters) {
    EXPECT_EQ(message_of_metric("top_k_accuracy(k=0)"),
              "population 'output', metrics.0.k: found 0, expected a whole number >= 1\n"
              "    correct it (how many of the largest readouts count), or leave it out for 5");
    EXPECT_EQ(message_of_metric({"top_k_accuracy", {{"k", 1.5}}}),
              "population 'output', metrics.0.k: found 1.5, expected a whole number >= 1\n"
              "    correct it (how many of the largest readouts count), or leave it out for 5");
    EXPECT_EQ(message_of_metric("top_k_accuracy(n=2)"),
              "population 'output', metrics.0: top_k_accuracy has no parameter 'n'\n    its parameters are k");
    EXPECT_EQ(message_of_metric("top_k_accuracy(k=4)"),
              "population 'output', metrics.0: k is 4, but the output has 3 neurons, so every example would be right\n"
              "    set k to 3 or less");
    EXPECT_EQ(message_of_metric("top_k_accuracy(k=3)"), "no error");
}

TEST(MetricErrors, Text) {
    const std::string remedy = "\n    write METRIC, METRIC(PARAMETER=VALUE, ...) or NAME: METRIC";
    EXPECT_EQ(message_of_metric("top_k_accuracy(k=3"),
              "population 'output', metrics.0: found 'top_k_accuracy(k=3', expected ')' at the end" + remedy);
    EXPECT_EQ(message_of_metric("top_k_accuracy(3)"),
              "population 'output', metrics.0: found '3' between the parentheses, expected PARAMETER=VALUE" + remedy);
    EXPECT_EQ(message_of_metric("top_k_accuracy(k=2, k=3)"),
              "population 'output', metrics.0: the parameter 'k' is given twice" + remedy);
    EXPECT_EQ(message_of_metric(": top_k_accuracy"),
              "population 'output', metrics.0: found ': top_k_accuracy', which has no name before the ':'" + remedy);
    EXPECT_EQ(message_of_metric("(" + std::string(2000, 'x') + ")"),
              "population 'output', metrics.0: the text has 2002 bytes, expected at most 1024" + remedy);
    EXPECT_EQ(message_of_metric("top 3: top_k_accuracy(k=3)"),
              "population 'output', metrics.0: found the name 'top 3' for the results, expected a letter and then "
              "letters, digits or '_', at most 128 in all\n    choose another name");
    EXPECT_EQ(message_of_metric(" top3 : top_k_accuracy ( k = 3 ) "), "no error");
}

TEST(MetricErrors, Names) {
    EXPECT_EQ(message_of_options({{"output", {"top_k_accuracy(k=2)", "top_k_accuracy( k=2 )"}}}),
              "population 'output', metrics.1: there are two metrics of the name 'top_k_accuracy(k=2)'\n"
              "    leave one out, or name one's results: NAME: METRIC");
    EXPECT_EQ(message_of_options({{"output", {"a: top_k_accuracy(k=2)", "b: top_k_accuracy(k=2)"}}}), "no error");
    const MetricFunction function = [](const Array&, const Array&) { return 0.0; };
    EXPECT_EQ(message_of_options({}, {{"confusion_matrix", function}}),
              "option metric_functions: 'confusion_matrix' is a metric of the catalogue\n"
              "    give the function another name");
    EXPECT_EQ(message_of_options({}, {{"mine", MetricFunction()}}),
              "option metric_functions: 'mine' is empty\n    give a function, or leave it out");
}

TEST(MetricErrors, LimitsOfAMatrix) {
    CompilerOptions options;
    options.example_timesteps = 2;
    options.cache_dir = "off";
    options.metrics = {{"output", {"confusion_matrix"}}};
    Network network = small_network();
    network.populations[1].shape = {1025};
    try {
        static_cast<void>(InferenceCompiler(options).compile(network));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "population 'output', metrics.0: the output has 1025 neurons, and the matrix holds at most 1024 "
                     "classes\n    count on the predictions instead");
    }
}

TEST(MetricErrors, PopulationsWithoutReadout) {
    Network network = small_network();
    network.populations[1].readout.reset();
    network.populations[1].metrics = {"mean_square_error"};
    try {
        static_cast<void>(validated(network));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "population 'output', metrics: metrics score what a readout gives back, and the population has "
                     "none\n    give it a readout, or leave the metrics out");
    }
}

TEST(MetricErrors, InDescriptionsPointIntoTheFile) {
    const std::string text = R"json({"format": "mlgenn-network", "version": 1,
        "metric_models": [{"name": "mine", "code": "score = output(0) + W;"}],
        "populations": [
            {"name": "input", "shape": 1, "neuron": "binary_spike_input"},
            {"name": "output", "shape": 3, "neuron": "leaky_integrate", "readout": "avg_var",
             "metrics": ["top_k_accuracy(k=9)", {"model": "top_k_accuracy", "params": {"k": "x"}, "name": "top"}, 7,
                         {"model": "mine", "title": 1}]}],
        "connections": [{"source": "input", "target": "output",
                         "connectivity": {"model": "dense", "params": {"weight": 1}}}]})json";
    try {
        static_cast<void>(parse_network(text, "net.json", "."));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "net.json: /populations/1/metrics/2: found 7, expected a model's name, or {\"model\": ..., "
                     "\"params\": ...}\n"
                     "    correct it\n"
                     "net.json: /populations/1/metrics/3: unknown key 'title'\n"
                     "    the keys are model, params, name\n"
                     "net.json: /metric_models/0/code: line 1, column 21: there is no 'W'\n"
                     "    score = output(0) + W;\n"
                     "                        ^\n"
                     "    the names are dt, label, num_neurons, num_timesteps, score\n"
                     "net.json: /populations/1/metrics/0: k is 9, but the output has 3 neurons, so every example would "
                     "be right\n"
                     "    set k to 3 or less\n"
                     "net.json: /populations/1/metrics/1/params/k: found 'x', expected a whole number >= 1\n"
                     "    correct it (how many of the largest readouts count), or leave it out for 5");
    }
}

TEST(MetricErrors, InCodePointAtThePlace) {
    EXPECT_EQ(message_of_code("float sum = 0;\nscore = output(sum);"),
              "metric 'mine', code: line 2, column 16: 'output' takes the number of a neuron, found float\n"
              "    score = output(sum);\n"
              "                   ^\n"
              "    convert it with (int)");
    EXPECT_EQ(message_of_code("score = target(0, 1);"),
              "metric 'mine', code: line 1, column 9: 'target' takes the number of a neuron, found 2 arguments\n"
              "    score = target(0, 1);\n"
              "            ^\n"
              "    write target(j)");
    EXPECT_EQ(
        message_of_code("score = label + target(0);"),
        "metric 'mine', code: line 1, column 1: the code uses both 'label' and target(...), but an output has one "
        "kind of target\n"
        "    score = label + target(0);\n"
        "    ^\n"
        "    compare with either of them");
    EXPECT_EQ(message_of_code("float x = output(0);"),
              "metric 'mine', code: line 1, column 1: the code never assigns 'score'\n"
              "    float x = output(0);\n"
              "    ^\n"
              "    write score = ...;");
    EXPECT_EQ(message_of_code("score = gennrand_uniform();"),
              "metric 'mine', code: line 1, column 1: not supported: random numbers in a metric\n"
              "    score = gennrand_uniform();\n"
              "    ^\n"
              "    score what the network gives");
    EXPECT_EQ(message_of_code("label = 1;"),
              "metric 'mine', code: line 1, column 1: 'label' is given by the simulation and cannot be assigned\n"
              "    label = 1;\n"
              "    ^\n"
              "    assign to a variable of the model, or to one that the code declares");
    EXPECT_EQ(message_of_code("score = 1;", {{"dt", 1.0}}),
              "metric 'mine', dt: 'dt' is given by the evaluation\n    choose another name");
    EXPECT_EQ(message_of_code("score = dt * num_timesteps + num_neurons + k;", {{"k", 2.0}}), "no error");
}

TEST(MetricErrors, NamesOfCode) {
    Network network = small_network();
    network.metric_models = {{.name = "mean_square_error", .params = {}, .code = "score = 1;"},
                             {.name = "1st", .params = {}, .code = "score = 1;"}};
    try {
        static_cast<void>(validated(network));
        ADD_FAILURE() << "no error";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "metric 'mean_square_error', name: 'mean_square_error' is a built-in metric\n"
                     "    choose another name\n"
                     "metric_models[1], name: found '1st', expected a letter and then letters, digits or '_', at most "
                     "128 in all\n    choose another name");
    }
}

}  // namespace
}  // namespace mlgenn
