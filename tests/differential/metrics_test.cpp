// SPDX-License-Identifier: Apache-2.0
// Metrics of predictions of every back end, schedule, batch size and number of threads: the bits of the reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "compiler/models/catalogue.h"
#include "tests/differential/expect_same.h"
#include "tests/differential/random_data.h"
#include "tests/reference/metrics.h"
#include "tests/reference/reference_interpreter.h"

namespace mlgenn::differential {
namespace {

constexpr std::uint32_t timesteps = 12;

/// Spike counts of six neurons, which are often equal, and membrane voltages of five.
Network two_outputs() {
    Dice dice(5);
    Network network;
    network.populations = {
        {.name = "input", .shape = {20}, .neuron = "integrate_fire_input"},
        {.name = "counts", .shape = {6}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")},
        {.name = "voltages", .shape = {5}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input",
                            .target = "counts",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 6}, -0.2, 0.4)}}}},
                           {.source = "input",
                            .target = "voltages",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 5}, -0.5, 0.5)}}}}};
    // The mean over examples of the largest difference, and of the label's distance from the first neuron's count.
    network.metric_models = {
        {.name = "largest_difference",
         .params = {{"scale", 1.0}},
         .code = "for (unsigned int j = 0; j < num_neurons; j++) score = fmax(score, scale * fabs(output(j) - "
                 "target(j)));"},
        {.name = "label_distance",
         .params = {},
         .code = "if (label > 2) score = fabs((float)label - output(0)); else score = output(label) / dt;"},
        {.name = "rate",
         .params = {},
         .code =
             "for (int j = 0; j < num_neurons; j++) score += output(j); score /= num_neurons * num_timesteps * dt;"},
        {.name = "beyond", .params = {}, .code = "score = output(num_neurons);"}};
    return network;
}

const std::vector<MetricSpec> label_metrics = {"sparse_categorical_accuracy", "top_k_accuracy(k=1)",
                                               "top_k_accuracy(k=3)", "confusion_matrix"};
const std::vector<MetricSpec> value_metrics = {"mean_square_error", "mean_absolute_error"};

std::vector<ModelSpec> reference_specs(bool labels) {
    if (!labels) {
        return {"mean_square_error", "mean_absolute_error"};
    }
    return {"sparse_categorical_accuracy",
            {"top_k_accuracy", {{"k", 1}}},
            {"top_k_accuracy", {{"k", 3}}},
            "confusion_matrix"};
}

Array labels_below(std::size_t classes) {
    std::vector<std::uint32_t> labels;
    for (std::size_t e = 0; e < num_examples; ++e) {
        labels.push_back(static_cast<std::uint32_t>((3 * e + 1) % classes));
    }
    return Array::from(labels);
}

/// Code's scores, on predictions of the reference.
float code_score(const std::string& name, const Array& outputs, const Array& targets, std::size_t example) {
    const std::size_t width = outputs.shape().back();
    const auto output = [&](std::size_t j) { return static_cast<float>(outputs.value(example * width + j)); };
    if (name == "largest_difference") {
        float score = 0.0F;
        for (std::size_t j = 0; j < width; ++j) {
            score =
                std::max(score, 0.5F * std::abs(output(j) - static_cast<float>(targets.value(example * width + j))));
        }
        return score;
    }
    if (name == "label_distance") {
        const auto label = static_cast<std::size_t>(targets.value(example));
        return label > 2 ? std::abs(static_cast<float>(label) - output(0)) : output(label) / 1.0F;
    }
    float sum = 0.0F;
    for (std::size_t j = 0; j < width; ++j) {
        sum += output(j);
    }
    return sum / static_cast<float>(width * timesteps);
}

double mean_code_score(const std::string& name, const Array& outputs, const Array& targets) {
    long double sum = 0.0;
    for (std::size_t e = 0; e < num_examples; ++e) {
        sum += code_score(name, outputs, targets, e);
    }
    return static_cast<double>(sum) / static_cast<double>(num_examples);
}

class Metrics : public ::testing::Test {
protected:
    Metrics() {
        Dice dice(9);
        inputs_ = {{"input", values(dice, {20})}};
        reference::ReferenceOptions options;
        options.timesteps = timesteps;
        options.accumulation = Accumulation::exact;
        outputs_ = reference::run_reference(validated(two_outputs()), options, inputs_).outputs;
        values_ = weights(dice, {num_examples, 5}, -1.0, 1.0);
        labels_ = labels_below(6);
    }

    [[nodiscard]] static CompilerOptions options_of(const Variant& variant) {
        CompilerOptions options;
        options.example_timesteps = timesteps;
        options.batch_size = 7;
        options.backend = variant.backend;
        options.target = variant.target;
        options.schedule = variant.schedule;
        options.num_threads = variant.num_threads;
        options.cache_dir = "off";
        options.metrics = {{"counts", label_metrics}, {"voltages", value_metrics}};
        options.metrics["counts"].insert(options.metrics["counts"].end(), {"label_distance", "rate", "beyond"});
        options.metrics["voltages"].emplace_back("largest_difference(scale=0.5)");
        return options;
    }

    void expect_reference(const Evaluation& found, const std::string& output, bool labels) const {
        for (const ModelSpec& spec : reference_specs(labels)) {
            const auto expected = reference::reference_metric(spec, outputs_.at(output), labels ? labels_ : values_);
            const std::string name = spec.params.empty()                            ? spec.model
                                     : *spec.params.at("k").get_if<double>() == 1.0 ? "top_k_accuracy(k=1)"
                                                                                    : "top_k_accuracy(k=3)";
            const MetricResult& result = found.metric(output, name);
            EXPECT_EQ(result.value, expected.value) << name;
            if (!expected.matrix.empty()) {
                const auto counts = result.values.as<std::uint64_t>();
                EXPECT_EQ(std::vector<std::uint64_t>(counts.begin(), counts.end()), expected.matrix);
            }
        }
    }

    Inputs inputs_;
    std::map<std::string, Array> outputs_;
    Array values_;
    Array labels_;
};

TEST_F(Metrics, AgreeWithTheReference) {
    if (all_variants().empty()) {
        GTEST_SKIP() << "no back end can run here";
    }
    std::set<std::string> seen;
    for (const Variant& variant : all_variants()) {
        // Scores do not depend on how input is summed, nor on the instructions: one mode, and one target of the CPU.
        if (variant.accumulation != Accumulation::exact || !seen.insert(variant.backend + variant.schedule).second) {
            continue;
        }
        CompiledNetwork network = InferenceCompiler(options_of(variant)).compile(two_outputs());
        for (const std::uint32_t batch_size : {1U, 3U, 7U}) {
            SCOPED_TRACE(variant.text() + ", batches of " + std::to_string(batch_size));
            EvaluateOptions options;
            options.batch_size = batch_size;
            const Evaluation found = network.evaluate(inputs_, {{"counts", labels_}, {"voltages", values_}}, options);
            expect_reference(found, "counts", true);
            expect_reference(found, "voltages", false);
            for (const char* name : {"label_distance", "rate"}) {
                EXPECT_EQ(found.metric(name).value, mean_code_score(name, outputs_.at("counts"), labels_)) << name;
            }
            EXPECT_EQ(found.metric("largest_difference").value,
                      mean_code_score("largest_difference", outputs_.at("voltages"), values_));
            EXPECT_NE(found.metric("beyond").value, found.metric("beyond").value) << "NaN beyond the last neuron";
        }
    }
}

TEST_F(Metrics, AreAllCompared) {
    std::set<std::string> compared;
    for (const bool labels : {true, false}) {
        for (const ModelSpec& spec : reference_specs(labels)) {
            compared.insert(spec.model);
        }
    }
    for (const models::MetricModel& model : models::metric_models()) {
        EXPECT_EQ(compared.count(model.entry.name), 1U) << model.entry.name << " has no differential test";
    }
}

}  // namespace
}  // namespace mlgenn::differential
