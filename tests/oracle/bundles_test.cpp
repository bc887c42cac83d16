// SPDX-License-Identifier: Apache-2.0
// Compiled networks on the benchmark bundles: the outputs that GeNN recorded for them.
#include <gtest/gtest.h>

#include "mlgenn/compiler.h"
#include "tests/support/compare.h"
#include "tests/support/shared_data.h"
#include "tools/bench_support/bundles.h"

namespace mlgenn::oracle {
namespace {

using bench::Bundle;

std::string relative_folder(const std::string& name) {
    return "data/bench/" + name;
}

CompilerOptions options_for(const Bundle& bundle, Accumulation accumulation) {
    CompilerOptions options;
    options.example_timesteps = bundle.timesteps;
    options.dt = bundle.dt;
    options.accumulation = accumulation;
    options.cache_dir = "off";
    for (const auto& [population, counts] : bundle.clean.counts) {
        options.recordings.push_back({.population = population});
    }
    return options;
}

void expect_counts(const bench::BundleReference& expected, const Predictions& found) {
    for (const auto& [population, counts] : expected.counts) {
        const auto& examples = found.recordings.spikes.at(population + ".spikes");
        const std::size_t num_neurons = counts.shape().at(1);
        Array totals(DType::u16, {examples.size(), num_neurons});
        for (std::size_t e = 0; e < examples.size(); ++e) {
            for (const std::uint32_t id : examples[e].ids) {
                totals.as_mutable<std::uint16_t>()[e * num_neurons + id] += 1;
            }
        }
        EXPECT_EQ(test_support::difference(counts, totals, 0.0), std::nullopt) << population;
    }
}

void expect_reference(const bench::BundleReference& expected, const Predictions& found) {
    EXPECT_EQ(test_support::difference(expected.readout, found.outputs.at("output"), 0.0), std::nullopt);
    expect_counts(expected, found);
}

std::size_t argmax(const Array& readout, std::size_t example) {
    const std::size_t width = readout.size() / readout.shape().at(0);
    std::size_t best = 0;
    for (std::size_t j = 1; j < width; ++j) {
        best = readout.value(example * width + j) > readout.value(example * width + best) ? j : best;
    }
    return best;
}

TEST(BundlesCompiled, MnistReadoutsOfAllExamplesAreTheRecordedOnes) {
    const auto folder = test_support::shared_path(relative_folder("mnist"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("mnist"));
    }
    const Bundle bundle = bench::load_bundle(*folder);
    CompilerOptions options = options_for(bundle, Accumulation::ordered);
    options.batch_size = 128;
    expect_reference(bundle.clean, InferenceCompiler(options).compile(bundle.network).predict(bundle.inputs));
    // Integer sums move a few hidden spikes, but no readout.
    options.accumulation = Accumulation::exact;
    options.recordings.clear();
    const Predictions exact = InferenceCompiler(options).compile(bundle.network).predict(bundle.inputs);
    EXPECT_EQ(test_support::difference(bundle.clean.readout, exact.outputs.at("output"), 0.0), std::nullopt);
}

TEST(BundlesCompiled, MnistLeaksAsMlgennDoes) {
    const auto folder = test_support::shared_path(relative_folder("mnist"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("mnist"));
    }
    const Bundle bundle = bench::load_bundle(*folder);
    CompilerOptions options = options_for(bundle, Accumulation::ordered);
    options.compatibility = Compatibility::mlgenn_2_4;
    options.recordings.clear();
    CompiledNetwork compiled = InferenceCompiler(options).compile(bundle.network);
    EXPECT_EQ(test_support::difference(bundle.sequential.value().readout,
                                       compiled.predict(bundle.inputs).outputs.at("output"), 0.0),
              std::nullopt);
    compiled.reset();
    const Evaluation evaluation = compiled.evaluate(bundle.inputs, bundle.targets);
    EXPECT_EQ(evaluation.metric("output", "sparse_categorical_accuracy").num_correct, 9744U);
}

TEST(BundlesCompiled, ShdIsBitForBitInOrderedMode) {
    const auto folder = test_support::shared_path(relative_folder("shd256"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("shd256"));
    }
    const Bundle bundle = bench::load_bundle(*folder);
    CompilerOptions options = options_for(bundle, Accumulation::ordered);
    expect_reference(bundle.clean, InferenceCompiler(options).compile(bundle.network).predict(bundle.inputs));
    options.compatibility = Compatibility::mlgenn_2_4;
    expect_reference(bundle.sequential.value(),
                     InferenceCompiler(options).compile(bundle.network).predict(bundle.inputs));
}

TEST(BundlesCompiled, ShdInExactModeDecidesAlike) {
    const auto folder = test_support::shared_path(relative_folder("shd256"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("shd256"));
    }
    const Bundle bundle = bench::load_bundle(*folder);
    const Predictions found =
        InferenceCompiler(options_for(bundle, Accumulation::exact)).compile(bundle.network).predict(bundle.inputs);
    double num_spikes = 0.0;
    double expected_spikes = 0.0;
    const Array& counts = bundle.clean.counts.at("hidden");
    for (std::size_t i = 0; i < counts.size(); ++i) {
        expected_spikes += counts.value(i);
    }
    for (std::size_t e = 0; e < bundle.num_examples; ++e) {
        EXPECT_EQ(argmax(found.outputs.at("output"), e), argmax(bundle.clean.readout, e)) << "example " << e;
        num_spikes += static_cast<double>(found.recordings.spikes.at("hidden.spikes")[e].ids.size());
    }
    EXPECT_NEAR(num_spikes / expected_spikes, 1.0, 0.001);
}

TEST(BundlesCompiled, ConvCifarCountsAreTheRecordedOnes) {
    const auto folder = test_support::shared_path(relative_folder("conv_cifar"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("conv_cifar"));
    }
    const Bundle bundle = bench::load_bundle(*folder);
    for (const Accumulation accumulation : {Accumulation::exact, Accumulation::ordered}) {
        CompilerOptions options = options_for(bundle, accumulation);
        expect_reference(bundle.clean, InferenceCompiler(options).compile(bundle.network).predict(bundle.inputs));
    }
}

}  // namespace
}  // namespace mlgenn::oracle
