// SPDX-License-Identifier: Apache-2.0
// predict and evaluate: values, files and machine-readable output.
#include <csignal>

#include "mlgenn/network_io.h"
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Predict = CliTest;
using Evaluate = CliTest;

std::vector<std::uint32_t> values_of(const Array& array) {
    const auto values = array.as<std::uint32_t>();
    return {values.begin(), values.end()};
}

TEST_F(Predict, PrintsATableOfExamples) {
    EXPECT_THAT(output_of({"predict", "tiny.json", "--input", "x.npy"}),
                testing::StartsWith("out: uint32 [3, 2]\n"
                                    "example  argmax  [0]  [1]\n"
                                    "      0       0    3    0\n"
                                    "      1       1    1    3\n"
                                    "      2       0    3    3\n"
                                    "\n"
                                    "compiled in "));
}

TEST_F(Predict, PrintsJsonWithTheValues) {
    const nlohmann::json json = json_of({"predict", "tiny.json", "--input", "in=x.npy"});
    EXPECT_EQ(json["network"], "tiny");
    EXPECT_EQ(json["examples"], 3);
    EXPECT_EQ(json["outputs"]["out"]["shape"], nlohmann::json({3, 2}));
    EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(), expected_counts);
}

TEST_F(Predict, WritesOneOutputAsNpy) {
    const std::string text = output_of({"predict", "tiny.json", "--input", "x.npy", "-o", "y.npy"});
    EXPECT_THAT(text, HasSubstr("wrote y.npy\n"));
    const Array output = load_array(file("y.npy"));
    EXPECT_EQ(output.shape(), (Shape{3, 2}));
    EXPECT_EQ(values_of(output), expected_counts);
    EXPECT_THAT(names_in("."), ElementsAre("cache", "labels.npy", "tiny.json", "x.npy", "y.npy"));
}

TEST_F(Predict, SelectsWhatIsRecordedToAFile) {
    const std::string text =
        output_of({"predict", "tiny.json", "--input", "x.npy", "--record", "out.spikes[1]", "--record", "in.V[::2]",
                   "--record", "out.spike_counts", "--record", "in_to_out.g[[0,1]][-1]", "--record-examples", "0:1,2",
                   "--record-to", "run.npz"});
    EXPECT_THAT(text, HasSubstr("example  argmax"));
    EXPECT_THAT(text, HasSubstr("wrote run.npz\n"));
    EXPECT_THAT(text, HasSubstr("out.spikes[1]"));
    // Neuron 1 spikes in example 2 only, in steps 1, 2 and 3.
    EXPECT_EQ(load_npz(file("run.npz"), "out.spikes[1].offsets").to_i64(), (std::vector<std::int64_t>{0, 0, 3}));
    EXPECT_EQ(load_npz(file("run.npz"), "out.spikes[1].times").to_i64(), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(load_npz(file("run.npz"), "out.spike_counts").to_i64(), (std::vector<std::int64_t>{3, 0, 3, 3}));
    EXPECT_EQ(load_npz(file("run.npz"), "in.V[::2]").shape(), (Shape{2, 4, 1}));
    EXPECT_EQ(load_npz(file("run.npz"), "in_to_out.g[[0,1]][-1]").to_i64(), (std::vector<std::int64_t>{0, 1, 0, 1}));
}

TEST_F(Predict, ExplainsRecordingsThatItCannotMake) {
    const auto error_of = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"predict", "tiny.json", "--input", "x.npy"});
        const cli::ProcessResult result = run(options);
        EXPECT_EQ(result.exit_code, 1);
        return result.err;
    };
    EXPECT_THAT(error_of({"--record", "out.spikes[1]"}),
                HasSubstr("--record out.spikes[1]: selections go to a file of their own\n"
                          "    name an .npz file with --record-to\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes", "--record-examples", "0"}),
                HasSubstr("--record-examples: selections go to a file of their own\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes[x]", "--record-to", "run.npz"}),
                HasSubstr("--record out.spikes[x]: found 'x'\n    write an index, a slice or a list"));
    EXPECT_THAT(error_of({"--record", "out.spikes[2]", "--record-to", "run.npz"}),
                HasSubstr("neuron_filter: index 2 found, but there are 2 neurons\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes[0][1]", "--record-to", "run.npz"}), HasSubstr("2 filters found\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes[0", "--record-to", "run.npz"}), HasSubstr("found 'out.spikes[0'"));
    EXPECT_THAT(error_of({"--record", "out.spikes", "--record-to", "run.npy"}),
                HasSubstr("--record-to run.npy: recordings are written as .npz only\n"));
    EXPECT_THAT(error_of({"--record-to", "run.npz"}), HasSubstr("nothing is to be recorded\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes", "--record-to", "run.npz", "--record-examples", "3"}),
                HasSubstr("example 3 is to be recorded, but the call has 3 examples\n"));
    EXPECT_THAT(error_of({"--record", "out.spikes", "--record-to", "run.npz", "--record-examples", "2:1"}),
                HasSubstr("--record-examples: found '2:1'\n"));
    EXPECT_THAT(names_in("."), ElementsAre("cache", "labels.npy", "tiny.json", "x.npy"));
}

TEST_F(Evaluate, DrawsAProgressBarWithMetrics) {
    const cli::ProcessResult result =
        run({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy", "--progress"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.err, HasSubstr("3/3 batches  out sparse_categorical_accuracy: "));
}

TEST_F(Predict, WritesOutputsAndRecordingsToAFolder) {
    const std::string text = output_of(
        {"predict", "tiny.json", "--input", "x.npy", "--record", "out.spikes", "--record", "in.V", "-o", "results"});
    EXPECT_THAT(names_in("results"), ElementsAre("in.V.npy", "out.npy", "out.spikes.npz"));
    EXPECT_EQ(load_array(file("results/in.V.npy")).shape(), (Shape{3, 4, 2}));
    // Example 0: neuron 0 in steps 1, 2, 3. Example 1: neuron 0 in step 2, neuron 1 in steps 1, 2, 3.
    const Array offsets = load_npz(file("results/out.spikes.npz"), "offsets");
    EXPECT_EQ(offsets.to_i64(), (std::vector<std::int64_t>{0, 3, 7, 13}));
    const Array steps = load_npz(file("results/out.spikes.npz"), "steps");
    EXPECT_EQ(steps.rows(0, 7).to_i64(), (std::vector<std::int64_t>{1, 2, 3, 1, 2, 2, 3}));
    const Array ids = load_npz(file("results/out.spikes.npz"), "ids");
    EXPECT_EQ(ids.rows(0, 7).to_i64(), (std::vector<std::int64_t>{0, 0, 0, 1, 0, 1, 1}));
}

TEST_F(Predict, RecordedSpikesCanBeFedBackAsEvents) {
    const std::string first =
        output_of({"predict", "tiny.json", "--input", "x.npy", "--record", "in.spikes", "-o", "all.npz"});
    auto description = tiny_description();
    description["populations"][0]["neuron"] = "spike_input";
    write("events.json", description.dump());
    const nlohmann::json json = json_of({"predict", "events.json", "--input-events", "all.npz:in.spikes"});
    EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(), expected_counts);
}

TEST_F(Predict, ScalesAndCutsInputs) {
    save_npy(file("bytes.npy"), Array::from(std::vector<std::uint8_t>{100, 0, 50, 100, 100, 100}, {3, 2}));
    const nlohmann::json json =
        json_of({"predict", "tiny.json", "--input", "bytes.npy", "--input-scale", "0.01", "--first", "2"});
    EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(),
              (std::vector<std::uint32_t>{3, 0, 1, 3}));
}

TEST_F(Predict, CommandLineOverridesTimesteps) {
    const nlohmann::json json = json_of({"predict", "tiny.json", "--input", "x.npy", "--timesteps", "11"});
    EXPECT_EQ(json["timesteps"], 11);
    EXPECT_EQ(json["outputs"]["out"]["values"][0], 10);
}

TEST_F(Predict, SaysWhenNobodyGivesTheTimesteps) {
    auto description = tiny_description();
    description.erase("example_timesteps");
    write("endless.json", description.dump());
    const cli::ProcessResult result = run({"predict", "endless.json", "--input", "x.npy"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err,
              "endless.json: it is not said for how many timesteps an example runs\n"
              "    give --timesteps N, or write \"example_timesteps\": N into the description\n");
}

TEST_F(Predict, WrongShapeIsTheUsersProblemAndLeavesNoFile) {
    save_npy(file("wide.npy"), Array(DType::f32, {3, 5}));
    const cli::ProcessResult result = run({"predict", "tiny.json", "--input", "wide.npy", "-o", "y.npy"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("[3, 5]"));
    EXPECT_FALSE(std::filesystem::exists(file("y.npy")));
}

TEST_F(Predict, UnwritableOutputIsNamed) {
    const cli::ProcessResult result = run({"predict", "tiny.json", "--input", "x.npy", "-o", "no/such/folder/y.npy"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, testing::StartsWith("no/such/folder/y.npy: cannot be written: No such file or directory"));
}

TEST_F(Predict, StopsBetweenExamplesWhenToldToAndLeavesNoFile) {
    save_npy(file("many.npy"), Array(DType::f32, {2000, 2}));
    const cli::ProcessResult result =
        cli::run_process({"timeout", "--preserve-status", "--signal=TERM", "0.5", "env", "-C", file(".").string(),
                          "MLGENN_CACHE_DIR=off", MLGENN_COMPILE_PROGRAM, "predict", "tiny.json", "--input", "many.npy",
                          "--timesteps", "1000000", "-o", "y.npy"});
    EXPECT_EQ(result.exit_code, 128 + SIGTERM) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(names_in("."), ElementsAre("labels.npy", "many.npy", "tiny.json", "x.npy"));
}

TEST_F(Predict, UnknownBackEndIsReported) {
    const cli::ProcessResult result = run({"predict", "tiny.json", "--input", "x.npy", "--backend", "abacus"});
    EXPECT_THAT(result.exit_code, testing::AnyOf(1, 2));
    EXPECT_THAT(result.err, HasSubstr("abacus"));
}

TEST_F(Predict, ModesThreadsAndBatchesAgree) {
    for (const char* mode : {"exact", "ordered", "fast"}) {
        for (const char* batch : {"1", "2", "3"}) {
            const nlohmann::json json = json_of({"predict", "tiny.json", "--input", "x.npy", "--accumulation", mode,
                                                 "--batch-size", batch, "--threads", batch});
            EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<std::uint32_t>>(), expected_counts) << mode;
            EXPECT_EQ(json["accumulation"], mode);
        }
    }
}

TEST_F(Evaluate, PrintsAccuracyWithTheCountBehindIt) {
    // The third example is a tie, and the first maximum wins: 0, where the label is 1.
    EXPECT_THAT(output_of({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy"}),
                testing::StartsWith("output  metric                         value  correct\n"
                                    "out     sparse_categorical_accuracy  66.67 %   2 of 3\n"
                                    "\n"
                                    "compiled in "));
}

TEST_F(Evaluate, PrintsJson) {
    const nlohmann::json json = json_of({"evaluate", "tiny.json", "--input", "x.npy", "--target", "out=labels.npy"});
    ASSERT_EQ(json["metrics"].size(), 1U);
    EXPECT_EQ(json["metrics"][0]["metric"], "sparse_categorical_accuracy");
    EXPECT_EQ(json["metrics"][0]["num_correct"], 2);
    EXPECT_EQ(json["metrics"][0]["num_examples"], 3);
}

TEST_F(Evaluate, OtherMetricsByName) {
    save_npy(file("values.npy"), Array::from(std::vector<float>{3, 0, 1, 3, 3, 0}, {3, 2}));
    const nlohmann::json json = json_of(
        {"evaluate", "tiny.json", "--input", "x.npy", "--target", "values.npy", "--metric", "mean_square_error"});
    EXPECT_DOUBLE_EQ(json["metrics"][0]["value"].get<double>(), 1.5);  // one of six values is off by 3
}

TEST_F(Evaluate, SeveralMetricsWithParametersNamesAndCode) {
    const nlohmann::json json =
        json_of({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy", "--metric", "confusion_matrix",
                 "--metric", "out=both: top_k_accuracy(k=2)", "--metric", "top_k_accuracy(k=1)", "--metric-code",
                 "own=score = output(label) / 2;", "--metric", "own"});
    const auto& metrics = json["metrics"];
    ASSERT_EQ(metrics.size(), 4U);
    // Counts 3 0, 1 3, 3 3; labels 0, 1, 1.
    EXPECT_EQ(metrics[0]["metric"], "confusion_matrix");
    EXPECT_EQ(metrics[0]["values"], nlohmann::json({{1, 0}, {1, 1}}));
    EXPECT_EQ(metrics[0]["num_correct"], 2);
    EXPECT_EQ(metrics[1]["metric"], "both");
    EXPECT_EQ(metrics[1]["num_correct"], 3);
    EXPECT_EQ(metrics[2]["metric"], "top_k_accuracy(k=1)");
    EXPECT_EQ(metrics[2]["num_correct"], 2);
    EXPECT_EQ(metrics[3]["value"], 1.5);
    EXPECT_EQ(metrics[3]["num_examples"], 3);
    EXPECT_FALSE(metrics[3].contains("num_correct"));
    EXPECT_EQ(json["downloaded_bytes"], 0) << "the processor has no memory of its own";
}

TEST_F(Evaluate, PrintsAMatrix) {
    EXPECT_THAT(output_of({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy", "--metric",
                           "confusion_matrix"}),
                testing::StartsWith("output  metric              value  correct\n"
                                    "out     confusion_matrix  66.67 %   2 of 3\n"
                                    "\n"
                                    "out, confusion_matrix\n"
                                    "label  0  1\n"
                                    "    0  1  0\n"
                                    "    1  1  1\n"
                                    "\n"
                                    "compiled in "));
}

TEST_F(Evaluate, MetricsOfTheDescription) {
    auto description = tiny_description();
    description["populations"][1]["metrics"] = {"sparse_categorical_accuracy",
                                                {{"model", "own"}, {"params", {{"scale", 4.0}}}, {"name", "scaled"}}};
    description["metric_models"] = {
        {{"name", "own"}, {"params", {{"scale", 1.0}}}, {"code", "score = scale * label;"}}};
    write("scored.json", description.dump());
    const nlohmann::json json = json_of({"evaluate", "scored.json", "--input", "x.npy", "--target", "labels.npy"});
    ASSERT_EQ(json["metrics"].size(), 2U);
    EXPECT_EQ(json["metrics"][0]["metric"], "sparse_categorical_accuracy");
    EXPECT_EQ(json["metrics"][1]["metric"], "scaled");
    EXPECT_DOUBLE_EQ(json["metrics"][1]["value"].get<double>(), 8.0 / 3.0);
}

TEST_F(Evaluate, CodeThatIsWrongIsShownWithAPlace) {
    const cli::ProcessResult result = run({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy",
                                           "--metric-code", "own=score = 1 +;", "--metric", "own"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, testing::AllOf(HasSubstr("line 1, column 12"), HasSubstr("score = 1 +;")));
}

TEST_F(Evaluate, UnknownMetricIsTheUsersProblem) {
    const cli::ProcessResult result =
        run({"evaluate", "tiny.json", "--input", "x.npy", "--target", "labels.npy", "--metric", "accuracy"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("accuracy"));
}

TEST_F(Evaluate, DifferentNumbersOfExamplesAreTheUsersProblem) {
    save_npy(file("two.npy"), Array::from(std::vector<std::int64_t>{0, 1}));
    const cli::ProcessResult result = run({"evaluate", "tiny.json", "--input", "x.npy", "--target", "two.npy"});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, testing::AllOf(HasSubstr("2"), HasSubstr("3")));
}

}  // namespace
}  // namespace mlgenn::cli_test
