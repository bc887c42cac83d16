// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/results.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mlgenn::testing {
namespace {

void keep(Results& results, const std::string& name, const Array& array) {
    results[name] = {array.bytes().begin(), array.bytes().end()};
}

}  // namespace

Results run_network(const Network& network, const Inputs& inputs, const Targets& targets,
                    const CompilerOptions& options) {
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    Results results;
    const Predictions predictions = compiled.predict(inputs);
    for (const auto& [name, values] : predictions.outputs) {
        keep(results, name, values);
    }
    for (const auto& [name, values] : predictions.recordings.traces) {
        keep(results, name, values);
    }
    for (const auto& [name, records] : predictions.recordings.spikes) {
        for (std::size_t e = 0; e < records.size(); ++e) {
            keep(results, name + ".steps." + std::to_string(e), Array::from(records[e].steps));
            keep(results, name + ".ids." + std::to_string(e), Array::from(records[e].ids));
        }
    }
    if (!targets.empty()) {
        for (const MetricResult& metric : compiled.evaluate(inputs, targets).metrics) {
            keep(results, metric.metric, Array::from(std::vector<double>{metric.value}));
            keep(results, metric.metric + ".values", metric.values);
        }
    }
    return results;
}

void expect_same_bits(const Results& expected, const Results& actual, const std::string& what) {
    ASSERT_EQ(expected.size(), actual.size()) << what;
    for (const auto& [name, bytes] : expected) {
        EXPECT_TRUE(actual.at(name) == bytes) << what << ": " << name << " differs";
    }
}

bool has_spikes(const Results& results) {
    return std::any_of(results.begin(), results.end(), [](const auto& entry) {
        return entry.first.find(".spikes.ids.") != std::string::npos && !entry.second.empty();
    });
}

}  // namespace mlgenn::testing
