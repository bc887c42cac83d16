// SPDX-License-Identifier: Apache-2.0
// Metrics of the catalogue on predictions.
#include "tests/reference/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/reference/flush_subnormals.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {
namespace {

/// One example's readouts and target.
struct Example {
    std::vector<float> outputs;
    std::size_t label = 0;
    std::vector<float> targets;
};

std::size_t answer(const Example& example) {
    return static_cast<std::size_t>(std::max_element(example.outputs.begin(), example.outputs.end()) -
                                    example.outputs.begin());
}

/// Neurons by falling readout, equal ones by index.
bool is_among_largest(const Example& example, std::size_t k) {
    std::vector<std::size_t> order(example.outputs.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return example.outputs[a] > example.outputs[b]; });
    return std::find(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), example.label) !=
           order.begin() + static_cast<std::ptrdiff_t>(k);
}

float sum_of_differences(const Example& example, bool squared) {
    const FlushSubnormals mode;
    volatile float sum = 0.0F;
    for (std::size_t j = 0; j < example.outputs.size(); ++j) {
        const volatile float difference = example.outputs[j] - example.targets[j];
        const volatile float term = squared ? difference * difference : std::fabs(difference);
        sum = sum + term;
    }
    return sum;
}

std::vector<Example> examples_of(const Array& outputs, const Array& targets) {
    const std::size_t num_examples = outputs.shape().front();
    const std::size_t width = outputs.size() / num_examples;
    const bool labels = targets.shape().size() == 1;
    std::vector<Example> examples(num_examples);
    for (std::size_t e = 0; e < num_examples; ++e) {
        for (std::size_t j = 0; j < width; ++j) {
            examples[e].outputs.push_back(static_cast<float>(outputs.value(e * width + j)));
            if (!labels) {
                examples[e].targets.push_back(static_cast<float>(targets.value(e * width + j)));
            }
        }
        examples[e].label = labels ? static_cast<std::size_t>(targets.value(e)) : 0;
    }
    return examples;
}

double fraction(const std::vector<Example>& examples, const std::function<bool(const Example&)>& counts) {
    return static_cast<double>(std::count_if(examples.begin(), examples.end(), counts)) /
           static_cast<double>(examples.size());
}

}  // namespace

MetricValue reference_metric(const ModelSpec& metric, const Array& outputs, const Array& targets) {
    const std::vector<Example> examples = examples_of(outputs, targets);
    const std::size_t width = examples.front().outputs.size();
    const auto is_right = [](const Example& example) { return answer(example) == example.label; };
    if (metric.model == "sparse_categorical_accuracy") {
        return {fraction(examples, is_right), {}};
    }
    if (metric.model == "top_k_accuracy") {
        const auto k = static_cast<std::size_t>(*metric.params.at("k").get_if<double>());
        return {fraction(examples, [&](const Example& example) { return is_among_largest(example, k); }), {}};
    }
    if (metric.model == "confusion_matrix") {
        MetricValue result{fraction(examples, is_right), std::vector<std::uint64_t>(width * width)};
        for (const Example& example : examples) {
            ++result.matrix[example.label * width + answer(example)];
        }
        return result;
    }
    if (metric.model == "mean_square_error" || metric.model == "mean_absolute_error") {
        long double sum = 0.0;
        for (const Example& example : examples) {
            sum += sum_of_differences(example, metric.model == "mean_square_error");
        }
        return {static_cast<double>(sum) / (static_cast<double>(examples.size()) * static_cast<double>(width)), {}};
    }
    throw Unsupported("metric '" + metric.model + "'");
}

}  // namespace mlgenn::reference
