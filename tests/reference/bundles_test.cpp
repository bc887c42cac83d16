// SPDX-License-Identifier: Apache-2.0
// The reference interpreter on the benchmark bundles: the outputs that GeNN recorded for them.
#include <gtest/gtest.h>

#include "tests/reference/reference_interpreter.h"
#include "tests/support/compare.h"
#include "tests/support/shared_data.h"
#include "tools/bench_support/bundles.h"

namespace mlgenn::reference {
namespace {

using bench::Bundle;

std::string relative_folder(const std::string& name) {
    return "data/bench/" + name;
}

ReferenceResult run(const Bundle& bundle, Accumulation accumulation, const ResetOptions& reset = {}) {
    ReferenceOptions options;
    options.timesteps = bundle.timesteps;
    options.dt = bundle.dt;
    options.accumulation = accumulation;
    options.reset = reset;
    return run_reference(bundle.network, options, bundle.inputs);
}

/// Spikes of every neuron in the form of a bundle's counts.
Array counts_of(const std::vector<SpikeRecord>& examples, std::size_t num_neurons) {
    Array counts(DType::u16, {examples.size(), num_neurons});
    for (std::size_t e = 0; e < examples.size(); ++e) {
        for (const std::uint32_t id : examples[e].ids) {
            counts.as_mutable<std::uint16_t>()[e * num_neurons + id] += 1;
        }
    }
    return counts;
}

void expect_reference(const bench::BundleReference& expected, const ReferenceResult& found) {
    EXPECT_EQ(test_support::difference(expected.readout, found.outputs.at("output"), 0.0), std::nullopt);
    for (const auto& [population, counts] : expected.counts) {
        const Array found_counts = counts_of(found.recordings.spikes.at(population + ".spikes"), counts.shape().at(1));
        EXPECT_EQ(test_support::difference(counts, found_counts, 0.0), std::nullopt) << population;
    }
}

TEST(ReferenceOnBundles, MnistReadoutsAreTheRecordedOnes) {
    const auto folder = test_support::shared_path(relative_folder("mnist"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("mnist"));
    }
    const Bundle bundle = select_examples(bench::load_bundle(*folder), 0, 200);
    expect_reference(bundle.clean, run(bundle, Accumulation::ordered));
    expect_reference(bundle.clean, run(bundle, Accumulation::exact));
    expect_reference(bundle.sequential.value(), run(bundle, Accumulation::ordered, mlgenn_2_4_reset()));
}

TEST(ReferenceOnBundles, ShdIsBitForBitInOrderedMode) {
    const auto folder = test_support::shared_path(relative_folder("shd256"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("shd256"));
    }
    const Bundle bundle = select_examples(bench::load_bundle(*folder), 0, 4);
    expect_reference(bundle.clean, run(bundle, Accumulation::ordered));
    expect_reference(bundle.sequential.value(), run(bundle, Accumulation::ordered, mlgenn_2_4_reset()));
}

TEST(ReferenceOnBundles, ConvCifarCountsAreTheRecordedOnes) {
    const auto folder = test_support::shared_path(relative_folder("conv_cifar"));
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(relative_folder("conv_cifar"));
    }
    const Bundle bundle = select_examples(bench::load_bundle(*folder), 3, 1);
    expect_reference(bundle.clean, run(bundle, Accumulation::exact));
    expect_reference(bundle.clean, run(bundle, Accumulation::ordered));
}

}  // namespace
}  // namespace mlgenn::reference
