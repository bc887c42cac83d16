// SPDX-License-Identifier: Apache-2.0
// The shipped example reaches the accuracy that its README states, in every mode; in ordered mode with the very
// readouts that an independent forward pass gives.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "mlgenn/compiler.h"
#include "mlgenn/network_io.h"

namespace mlgenn {
namespace {

const std::filesystem::path folder = std::filesystem::path(MLGENN_SOURCE_DIR) / "docs" / "examples" / "yin_yang";

Inputs test_spikes() {
    const auto part = [](const char* name) { return load_npz(folder / "test_spikes.npz", name); };
    return {{"input", SpikeInput{part("times"), part("ids"), part("offsets")}}};
}

CompiledNetwork compiled(Accumulation accumulation, const std::string& schedule) {
    const NetworkFile file = load_network(folder / "network.json");
    const InferenceCompiler compiler({.example_timesteps = file.example_timesteps.value(),
                                      .dt = file.dt.value(),
                                      .batch_size = 128,
                                      .accumulation = accumulation,
                                      .schedule = schedule,
                                      .cache_dir = "off"});
    return compiler.compile(file.network);
}

struct Mode {
    const char* name;
    Accumulation accumulation;
    const char* schedule;
};

std::string name_of_mode(const testing::TestParamInfo<Mode>& info) {
    return info.param.name;
}

class YinYang : public testing::TestWithParam<Mode> {};

TEST_P(YinYang, ReachesTheStatedAccuracy) {
    CompiledNetwork network = compiled(GetParam().accumulation, GetParam().schedule);
    const Evaluation evaluation = network.evaluate(test_spikes(), {{"output", load_npy(folder / "test_labels.npy")}});
    const MetricResult& accuracy = evaluation.metric("output", "sparse_categorical_accuracy");
    EXPECT_EQ(accuracy.num_examples, 2000U);
    EXPECT_EQ(accuracy.num_correct, 1952U);
}

INSTANTIATE_TEST_SUITE_P(AllModes, YinYang,
                         testing::Values(Mode{"ExactAuto", Accumulation::exact, "auto"},
                                         Mode{"ExactSequential", Accumulation::exact, "sequential"},
                                         Mode{"ExactLayerwise", Accumulation::exact, "layerwise"},
                                         Mode{"OrderedAuto", Accumulation::ordered, "auto"},
                                         Mode{"OrderedSequential", Accumulation::ordered, "sequential"},
                                         Mode{"OrderedLayerwise", Accumulation::ordered, "layerwise"},
                                         Mode{"FastAuto", Accumulation::fast, "auto"}),
                         name_of_mode);

class YinYangReadouts : public testing::TestWithParam<Mode> {};

TEST_P(YinYangReadouts, EqualTheIndependentForwardPassInOrderedMode) {
    const Array expected = load_npy(folder / "expected_readout.npy");
    const Predictions predictions = compiled(GetParam().accumulation, GetParam().schedule).predict(test_spikes());
    const Array& output = predictions.outputs.at("output");
    ASSERT_EQ(output.shape(), expected.shape());
    ASSERT_EQ(output.dtype(), expected.dtype());
    const auto got = output.as<float>();
    const auto want = expected.as<float>();
    for (std::size_t k = 0; k < got.size(); ++k) {
        ASSERT_EQ(std::memcmp(&got[k], &want[k], sizeof(float)), 0)
            << "example " << k / 3 << ", output " << k % 3 << ": " << got[k] << " instead of " << want[k];
    }
}

INSTANTIATE_TEST_SUITE_P(AllSchedules, YinYangReadouts,
                         testing::Values(Mode{"Sequential", Accumulation::ordered, "sequential"},
                                         Mode{"Layerwise", Accumulation::ordered, "layerwise"}),
                         name_of_mode);

}  // namespace
}  // namespace mlgenn
