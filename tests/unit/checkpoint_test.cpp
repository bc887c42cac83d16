// SPDX-License-Identifier: Apache-2.0
// Folders of mlGeNN's numpy serialiser.
#include "mlgenn/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

using testing::HasSubstr;

std::vector<float> counting(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = 0.5F * static_cast<float>(i);
    }
    return values;
}

class Checkpoint : public testing::Test {
protected:
    Checkpoint() {
        network_.populations = {
            {.name = "input", .shape = {3}, .neuron = "spike_input"},
            {.name = "hidden", .shape = {4}, .neuron = "leaky_integrate_fire"},
            {.name = "output", .shape = {2}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
        network_.connections = {{.source = "input", .target = "hidden", .connectivity = "dense"},
                                {.source = "hidden", .target = "output", .connectivity = {"dense", {{"weight", 0.0}}}}};
    }

    void save(const std::string& name, const Array& array) { save_npy(folder_.path() / (name + ".npy"), array); }

    void save_all(const std::string& prefix, const std::string& first, const std::string& second) {
        save(prefix + first + "-g", Array::from(counting(12)));
        save(prefix + second + "-g", Array::from(std::vector<double>(8, 0.25), {4, 2}));
    }

    CheckpointReport load(const std::vector<std::string>& keys, const CheckpointOptions& options = {}) {
        return load_checkpoint(network_, folder_.path(), keys, options);
    }

    std::string error_of(const std::vector<std::string>& keys, const CheckpointOptions& options = {}) {
        try {
            load(keys, options);
        } catch (const DescriptionError& error) {
            return error.what();
        }
        return "no error";
    }

    TempFolder folder_;
    Network network_;
};

TEST_F(Checkpoint, GivesFlatAndShapedWeights) {
    save_all("9-", "Conn_input_hidden", "hidden_to_output");
    save("8-Conn_input_hidden-g", Array::from(std::vector<float>(5)));
    const CheckpointReport report = load({"9"});
    EXPECT_EQ(report.loaded.size(), 2U);
    EXPECT_TRUE(report.remarks.empty());
    const Array& weight = *network_.connections[0].connectivity.params.at("weight").get_if<Array>();
    EXPECT_EQ(weight.shape(), (Shape{3, 4}));
    EXPECT_EQ(weight.value(7), 3.5);
    EXPECT_EQ(network_.connections[1].connectivity.params.at("weight").get_if<Array>()->value(3), 0.25);
}

TEST_F(Checkpoint, GivesBiasesAndRoundedDelays) {
    save_all("", "input_to_hidden", "hidden_to_output");
    save("output-Bias", Array::from(std::vector<float>{0.5F, -0.5F}));
    save("input_to_hidden-d", Array::from(std::vector<float>{0, 1.5F, 2.5F, 3, 4, 5, 6, 7, 8, 9, 10, 11.2F}));
    const CheckpointReport report = load({});
    EXPECT_EQ(network_.populations[2].neuron.params.at("bias").get_if<Array>()->value(1), -0.5);
    const Array& delays = *network_.connections[0].delay.get_if<Array>();
    EXPECT_EQ(delays.shape(), (Shape{3, 4}));
    EXPECT_EQ(delays.to_i64(), (std::vector<std::int64_t>{0, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    std::size_t num_rounded = 0;
    for (const auto& array : report.loaded) {
        num_rounded += array.num_rounded;
    }
    EXPECT_EQ(num_rounded, 3U);
}

TEST_F(Checkpoint, GivesListsOfSynapses) {
    network_.connections[0].connectivity = {"fixed_probability", {{"p", 0.5}, {"weight", 1.0}}};
    save("a-b-input_to_hidden-pre_ind", Array::from(std::vector<std::uint32_t>{0, 2}));
    save("a-b-input_to_hidden-post_ind", Array::from(std::vector<std::uint32_t>{3, 1}));
    save("a-b-input_to_hidden-g", Array::from(std::vector<float>{1.0F, 2.0F}));
    save("a-b-hidden_to_output-g", Array::from(std::vector<float>(8)));
    load({"a", "b"});
    EXPECT_EQ(network_.connections[0].connectivity.model, "sparse");
    EXPECT_EQ(network_.connections[0].connectivity.params.at("weight").get_if<Array>()->value(1), 2.0);
}

TEST_F(Checkpoint, NamesOfTheCheckpointCanBeMapped) {
    save_all("9-", "Conn_Pop0_Pop1", "conn-2");
    const CheckpointReport report =
        load({"9"}, {.names = {{"Pop0", "input"}, {"Pop1", "hidden"}, {"conn-2", "hidden_to_output"}}});
    EXPECT_EQ(report.loaded.size(), 2U);
    EXPECT_THAT(error_of({"9"}, {.names = {{"Pop0", "inputt"}}}),
                HasSubstr("checkpoint name 'Pop0': there is no population or connection 'inputt'\n    did you mean "
                          "'input'?"));
}

TEST_F(Checkpoint, ReportsWhatIsUnusedMissingOrOfTheWrongSize) {
    save("9-Conn_Pop0_Pop1-g", Array::from(counting(12)));
    save("9-Conn_Pop1_Pop2-g", Array::from(counting(8)));
    const std::string found = error_of({"9"});
    EXPECT_THAT(found, HasSubstr("9-Conn_Pop0_Pop1-g.npy: is not used: the network has no 'Conn_Pop0_Pop1'\n    mlGeNN "
                                 "numbers populations without a name in the order of their creation: say which is "
                                 "which, perhaps Pop0=input, Pop1=hidden, Pop2=output"));
    EXPECT_THAT(found, HasSubstr("has no weights (g) for connection 'hidden_to_output'"));
}

TEST_F(Checkpoint, SizesMustFit) {
    save_all("", "input_to_hidden", "hidden_to_output");
    save("hidden_to_output-g", Array::from(counting(8), {2, 4}));
    const Network before = network_;
    EXPECT_THAT(error_of({}), HasSubstr("hidden_to_output-g.npy: has shape [2, 4], expected [4, 2] or 8 values in one "
                                        "dimension\n    it is for connection 'hidden_to_output', weight"));
    EXPECT_EQ(network_.connections[0].connectivity.params.count("weight"), 0U) << "the network was changed";
}

TEST_F(Checkpoint, LenientLoadsKeepWhatIsNotThere) {
    save("9-input_to_hidden-g", Array::from(counting(12)));
    save("9-input_to_hidden-eGrad", Array::from(counting(12)));
    const CheckpointReport report = load({"9"}, {.strict = false});
    ASSERT_EQ(report.remarks.size(), 2U);
    EXPECT_THAT(report.remarks[0].text(), HasSubstr("connection 'input_to_hidden' has no variable 'eGrad'"));
    EXPECT_THAT(report.remarks[1].text(), HasSubstr("no weights (g) for connection 'hidden_to_output'"));
    EXPECT_EQ(*network_.connections[1].connectivity.params.at("weight").get_if<double>(), 0.0);
}

TEST_F(Checkpoint, OfOtherKeysNamesThem) {
    save_all("12-", "input_to_hidden", "hidden_to_output");
    EXPECT_THAT(error_of({"9"}), HasSubstr("holds no file '9-<name>-<variable>.npy'\n    the first keys there are 12"));
    EXPECT_THAT(error_of({"no", "folder"}), HasSubstr("holds no file"));
}

}  // namespace
}  // namespace mlgenn::test
