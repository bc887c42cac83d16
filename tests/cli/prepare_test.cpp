// SPDX-License-Identifier: Apache-2.0
// convert, checkpoints and prepared inputs.
#include "mlgenn/network_io.h"
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using testing::HasSubstr;

using Convert = CliTest;
using Checkpoints = CliTest;
using PreparedInputs = CliTest;

TEST_F(Convert, WritesADescriptionThatComputesTheSame) {
    EXPECT_EQ(output_of({"convert", "tiny.json", "-o", "copy.json"}), "wrote copy.json\n");
    const nlohmann::json json = json_of({"predict", "copy.json", "--input", "x.npy"});
    EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(), expected_counts);
}

TEST_F(Convert, DrawsWithASeed) {
    nlohmann::ordered_json description = tiny_description();
    description["connections"][0]["connectivity"]["params"]["weight"] = {{"initialiser", "normal"}, {"sd", 2.0}};
    write("random.json", description.dump());
    static_cast<void>(output_of({"convert", "random.json", "-o", "kept.json"}));
    EXPECT_THAT(read("kept.json"), HasSubstr("\"initialiser\": \"normal\""));
    static_cast<void>(output_of({"convert", "random.json", "--draw", "--seed", "5", "-o", "drawn.json"}));
    const nlohmann::json random = json_of({"predict", "random.json", "--seed", "5", "--input", "x.npy"});
    const nlohmann::json drawn = json_of({"predict", "drawn.json", "--input", "x.npy"});
    EXPECT_EQ(random["outputs"], drawn["outputs"]);
    EXPECT_EQ(load_npz(file("drawn.npz"), "in_to_out.weight").shape(), (Shape{2, 2}));
}

TEST_F(Checkpoints, ReplaceTheWeightsOfTheDescription) {
    nlohmann::ordered_json description = tiny_description();
    const auto weight = description["connections"][0]["connectivity"]["params"]["weight"];
    description["connections"][0]["connectivity"]["params"]["weight"] = 0;
    write("untrained.json", description.dump());
    std::filesystem::create_directory(file("trained"));
    std::vector<float> flat;
    for (const auto& row : weight) {
        for (const auto& value : row) {
            flat.push_back(value.get<float>());
        }
    }
    save_npy(file("trained/9-Conn_Pop0_Pop1-g.npy"), Array::from(flat));
    const std::vector<std::string> predict = {"predict",      "untrained.json", "--input",           "x.npy",
                                              "--checkpoint", "trained",        "--checkpoint-keys", "9"};
    const cli::ProcessResult refused = run(predict);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("perhaps Pop0=in, Pop1=out"));
    std::vector<std::string> named = predict;
    named.insert(named.end(), {"--checkpoint-name", "Pop0=in", "--checkpoint-name", "Pop1=out"});
    EXPECT_EQ(json_of(named)["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(), expected_counts);
}

TEST_F(PreparedInputs, EncodeValuesAsSpikes) {
    nlohmann::ordered_json description = tiny_description();
    description["populations"][0]["neuron"] = "spike_input";
    write("spikes.json", description.dump());
    save_npy(file("pixels.npy"), Array::from(std::vector<std::uint8_t>{255, 0, 128, 255}, {2, 2}));
    const nlohmann::json encoded = json_of({"predict", "spikes.json", "--input", "pixels.npy", "--encode",
                                            "linear_latency:max_time=2", "--record", "in.spikes", "-o", "results"});
    EXPECT_EQ(encoded["examples"], 2);
    EXPECT_EQ(load_npz(file("results/in.spikes.npz"), "steps").to_i64(), (std::vector<std::int64_t>{0, 0, 1}));
    const cli::ProcessResult wrong =
        run({"predict", "spikes.json", "--input", "pixels.npy", "--encode", "linear_latency:maxtime=2"});
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_THAT(wrong.err, HasSubstr("--encode: 'linear_latency:maxtime=2' has no max_time"));
}

TEST_F(PreparedInputs, TakeStepsAndSensorEvents) {
    nlohmann::ordered_json description = tiny_description();
    description["populations"][0]["neuron"] = "spike_input";
    description["dt"] = 0.7;
    write("spikes.json", description.dump());
    const std::vector<std::pair<std::string, Array>> steps = {
        {"times", Array::from(std::vector<std::uint32_t>{1, 3, 3})},
        {"ids", Array::from(std::vector<std::uint32_t>{0, 1, 1})},
        {"offsets", Array::from(std::vector<std::uint32_t>{0, 3})}};
    save_npz(file("steps.npz"), steps);
    static_cast<void>(output_of({"predict", "spikes.json", "--input-events", "steps.npz", "--time-unit", "steps",
                                 "--duplicates", "drop", "--record", "in.spikes", "-o", "results"}));
    EXPECT_EQ(load_npz(file("results/in.spikes.npz"), "steps").to_i64(), (std::vector<std::int64_t>{1, 3}));
    const cli::ProcessResult refused =
        run({"predict", "spikes.json", "--input-events", "steps.npz", "--time-unit", "steps", "--max-spikes", "2"});
    EXPECT_THAT(refused.err, HasSubstr("have 3 spikes together, more than 2"));
    const cli::ProcessResult too_many = run(
        {"predict", "spikes.json", "--input-events", "steps.npz", "--time-unit", "steps", "--max-input-events", "2"});
    EXPECT_THAT(too_many.err, HasSubstr("input 'in': example 0 has 3 events, but the network was compiled for at most "
                                        "2 per example"));
    const std::vector<std::pair<std::string, Array>> events = {
        {"t", Array::from(std::vector<std::int64_t>{100, 200, 1500})},
        {"x", Array::from(std::vector<std::int64_t>{1, 1, 0})},
        {"offsets", Array::from(std::vector<std::int64_t>{0, 3})}};
    save_npz(file("events.npz"), events);
    static_cast<void>(output_of({"predict", "spikes.json", "--sensor-events", "events.npz", "--histogram-thresh", "1",
                                 "--record", "in.spikes", "-o", "sensors"}));
    EXPECT_EQ(load_npz(file("sensors/in.spikes.npz"), "steps").to_i64(), (std::vector<std::int64_t>{0, 2}));
}

}  // namespace
}  // namespace mlgenn::cli_test
