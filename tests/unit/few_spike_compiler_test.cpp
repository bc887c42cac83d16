// SPDX-License-Identifier: Apache-2.0
// The few-spike compiler: layers of different depth, batches, both ways to run, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"

namespace mlgenn {
namespace {

using ::testing::HasSubstr;

constexpr int k = 8;
constexpr double alpha = 5.0;
const std::vector<float> numbers = {0.0F, 1.0F, 2.0F, 3.0F, 4.0F};

ModelSpec relu() {
    return {"few_spike_relu", {{"k", k}, {"alpha", alpha}}};
}

void connect(Network& network, const std::string& source, const std::string& target, double weight) {
    network.connections.push_back(
        {.source = source, .target = target, .connectivity = {"dense", {{"weight", weight}}}});
}

/// The input reaches the output over three, two and one hidden neurons, with a third of the weight each.
Network three_branches() {
    Network network;
    network.name = "branches";
    network.populations = {
        {.name = "input", .shape = {1}, .neuron = {"few_spike_relu_input", {{"k", k}, {"alpha", alpha}}}}};
    for (const int length : {3, 2, 1}) {
        std::string source = "input";
        for (int i = 0; i < length; ++i) {
            const std::string name = "branch" + std::to_string(length) + "_" + std::to_string(i);
            network.populations.push_back({.name = name, .shape = {1}, .neuron = relu()});
            connect(network, source, name, 1.0);
            source = name;
        }
    }
    network.populations.push_back({.name = "output", .shape = {1}, .neuron = relu(), .readout = ModelSpec("var")});
    for (const int length : {3, 2, 1}) {
        connect(network, "branch" + std::to_string(length) + "_" + std::to_string(length - 1), "output", 1.0 / 3.0);
    }
    return network;
}

Inputs given_numbers() {
    return {{"input", DenseInput{Array::from(numbers, {numbers.size(), 1})}}};
}

FewSpikeCompilerOptions options_for(const std::string& mode) {
    FewSpikeCompilerOptions options;
    options.few_spike = mode;
    options.cache_dir = "off";
    return options;
}

class FewSpikeModes : public ::testing::TestWithParam<std::string> {};

TEST_P(FewSpikeModes, BranchesOfDifferentDepthAreBalanced) {
    FewSpikeCompilerOptions options = options_for(GetParam());
    options.batch_size = 2;
    CompiledNetwork network = FewSpikeCompiler(options).compile(three_branches());
    const Array output = network.predict(given_numbers()).outputs.at("output");
    for (std::size_t e = 0; e < numbers.size(); ++e) {
        // All branches carry the same number, so the sum is that number but for the rounding of thirds.
        const double unit = alpha / 256.0;
        const double code = std::floor(static_cast<double>(numbers[e]) / unit) * unit;
        EXPECT_NEAR(output.value(e), code, 1e-5) << "example " << e;
    }
    EvaluateOptions evaluate;
    evaluate.metrics["output"] = {"mean_square_error"};
    const Evaluation evaluation =
        network.evaluate(given_numbers(), {{"output", Array::from(numbers, {5, 1})}}, evaluate);
    EXPECT_LT(evaluation.metric("output", "mean_square_error").value, 1e-3);
}

TEST_P(FewSpikeModes, RecordedSpikesCountFromTheirOwnPresentation) {
    FewSpikeCompilerOptions options = options_for(GetParam());
    options.recordings = {{.population = "input"}, {.population = "branch3_2"}, {.population = "output"}};
    const Recordings recorded = FewSpikeCompiler(options).compile(three_branches()).predict(given_numbers()).recordings;
    // 1 = 51 / 256 * alpha + a rest, and 51 is 110011.
    const std::vector<std::uint32_t> one = {2, 3, 6, 7};
    EXPECT_EQ(recorded.spikes.at("input.spikes")[1].steps, one);
    EXPECT_EQ(recorded.spikes.at("branch3_2.spikes")[1].steps, one);
    EXPECT_TRUE(recorded.spikes.at("output.spikes")[0].steps.empty());
    EXPECT_FALSE(recorded.spikes.at("output.spikes")[4].steps.empty());
}

INSTANTIATE_TEST_SUITE_P(Modes, FewSpikeModes, ::testing::Values("literal", "collapsed", "auto"),
                         [](const auto& parameter) { return parameter.param; });

TEST(FewSpikeCompiler, TakesTheStepsFromTheNeurons) {
    EXPECT_EQ(few_spike_steps(three_branches()), 8U);
    FewSpikeCompilerOptions options = options_for("auto");
    options.k = 8;
    EXPECT_NO_THROW(static_cast<void>(FewSpikeCompiler(options).compile(three_branches())));
}

TEST(FewSpikeCompiler, ExplainsHowTheNetworkRuns) {
    CompileReport report;
    const CompiledNetwork network = FewSpikeCompiler(options_for("collapsed")).compile(three_branches(), report);
    EXPECT_THAT(report.texts.at("schedule"), HasSubstr("few-spike literal: estimated cost"));
    EXPECT_THAT(report.texts.at("schedule"), HasSubstr("chosen: few-spike collapsed (asked for)"));
    EXPECT_THAT(network.plan().schedule, HasSubstr("few-spike collapsed"));
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

std::string compile_message(const FewSpikeCompilerOptions& options, const Network& network = three_branches()) {
    return message_of([&] { static_cast<void>(FewSpikeCompiler(options).compile(network)); });
}

TEST(FewSpikeCompiler, RefusesAnotherNumberOfSteps) {
    FewSpikeCompilerOptions options = options_for("auto");
    options.k = 10;
    EXPECT_EQ(compile_message(options),
              "option k: it is 10, but the neurons of 'branches' have k = 8\n"
              "    leave it out, or change the neurons");
    options.k.reset();
    options.example_timesteps = 500;
    EXPECT_THAT(compile_message(options),
                HasSubstr("option example_timesteps: it is 500, but 'branches' is a few-spike "
                          "network that presents an example for k = 8 steps"));
}

TEST(FewSpikeCompiler, RefusesNetworksWithoutFewSpikeNeurons) {
    Network network;
    network.populations = {
        {.name = "in", .shape = {2}, .neuron = "integrate_fire_input", .readout = ModelSpec("spike_count")}};
    EXPECT_EQ(compile_message(options_for("auto"), network),
              "network 'network': it has no few-spike neurons\n"
              "    use InferenceCompiler, or few_spike_relu and few_spike_relu_input in all populations");
}

TEST(FewSpikeCompiler, RefusesToCarryStateOver) {
    FewSpikeCompilerOptions options = options_for("auto");
    options.reset_time_between_batches = false;
    EXPECT_THAT(compile_message(options),
                HasSubstr("each example of the few-spike network 'branches' stands for itself"));
    CompiledNetwork network = FewSpikeCompiler(options_for("auto")).compile(three_branches());
    RunOptions run;
    run.reset = ResetOptions{.vars = false};
    EXPECT_THAT(message_of([&] { static_cast<void>(network.predict(given_numbers(), run)); }),
                HasSubstr("state is to be carried from example to example"));
}

TEST(FewSpikeCompiler, SaysWhyANetworkCannotRunCollapsed) {
    FewSpikeCompilerOptions options = options_for("collapsed");
    options.recordings = {{.population = "output", .variable = "V"}};
    EXPECT_EQ(
        compile_message(options),
        "option few_spike: network 'branches' cannot run collapsed: variable 'V' of 'output' is recorded in every "
        "step\n    use auto or literal");
    options.recordings.clear();
    options.accumulation = Accumulation::ordered;
    EXPECT_THAT(compile_message(options), HasSubstr("it needs exact accumulation"));
    options.few_spike = "both";
    EXPECT_THAT(compile_message(options), HasSubstr("there is no mode 'both'"));
}

TEST(FewSpikeCompiler, RefusesWeightsBeyondItsSums) {
    Network network = three_branches();
    network.connections[0].connectivity.params["weight"] = 1e30;
    EXPECT_THAT(compile_message(options_for("auto"), network),
                HasSubstr("population 'branch3_0': the weights of one neuron add up to"));
}

}  // namespace
}  // namespace mlgenn
