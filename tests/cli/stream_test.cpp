// SPDX-License-Identifier: Apache-2.0
// stream: examples one after another, lines from a pipe, snapshots, and what is wrong with all of them.
#include <sstream>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tests/cli/cli_test_support.h"
#include "tools/mlgenn_compile/stream_input.h"

namespace mlgenn::cli_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Stream : public CliTest {
protected:
    /// The JSON lines that the program prints.
    [[nodiscard]] std::vector<nlohmann::json> lines_of(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "stream");
        std::vector<nlohmann::json> lines;
        std::istringstream text(output_of(arguments));
        for (std::string line; std::getline(text, line);) {
            lines.push_back(nlohmann::json::parse(line));
        }
        return lines;
    }

    static std::vector<std::vector<int>> outputs_of(const std::vector<nlohmann::json>& lines) {
        std::vector<std::vector<int>> outputs;
        for (const nlohmann::json& line : lines) {
            if (line.contains("outputs")) {
                outputs.push_back(line["outputs"]["out"].get<std::vector<int>>());
            }
        }
        return outputs;
    }
};

TEST_F(Stream, PlaysExamplesOneAfterAnother) {
    const auto lines = lines_of({"tiny.json", "--input", "x.npy"});
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[2]["step"], 12);
    EXPECT_EQ(lines[3]["latency"]["steps"], 12);
    // The input's potential and the spike of each example's last step reach the next example.
    EXPECT_THAT(outputs_of(lines), ElementsAre(ElementsAre(3, 0), ElementsAre(2, 3), ElementsAre(4, 4)));
}

TEST_F(Stream, GoesOnFromASnapshot) {
    const auto whole = lines_of({"tiny.json", "--input", "x.npy", "--every", "3", "--record", "out.spikes"});
    auto parts = lines_of({"tiny.json", "--input", "x.npy", "--every", "3", "--record", "out.spikes", "--steps", "6",
                           "--snapshot", "state.bin"});
    const auto rest =
        lines_of({"tiny.json", "--input", "x.npy", "--every", "3", "--record", "out.spikes", "--restore", "state.bin"});
    ASSERT_EQ(whole.size(), 5U);
    ASSERT_EQ(parts.size(), 3U);
    ASSERT_EQ(rest.size(), 3U);
    EXPECT_EQ(parts[0], whole[0]);
    EXPECT_EQ(parts[1], whole[1]);
    EXPECT_EQ(rest[0], whole[2]);
    EXPECT_EQ(rest[1], whole[3]);
}

TEST_F(Stream, RefusesDamagedSnapshots) {
    static_cast<void>(lines_of({"tiny.json", "--input", "x.npy", "--snapshot", "state.bin"}));
    std::string bytes = read("state.bin");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write("damaged.bin", bytes);
    const auto damaged = run({"stream", "tiny.json", "--input", "x.npy", "--restore", "damaged.bin"});
    EXPECT_EQ(damaged.exit_code, 1);
    EXPECT_THAT(damaged.err, HasSubstr("snapshot for network 'tiny': its checksum is "));
    const auto missing = run({"stream", "tiny.json", "--input", "x.npy", "--restore", "missing.bin"});
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_THAT(missing.err, HasSubstr("missing.bin: the snapshot cannot be read"));
}

TEST_F(Stream, NeedsOneSourceOfInput) {
    const auto nothing = run({"stream", "tiny.json"});
    EXPECT_EQ(nothing.exit_code, 1);
    EXPECT_THAT(nothing.err, HasSubstr("stream: there is no input"));
    const auto both = run({"stream", "tiny.json", "--stdin", "--input", "x.npy"});
    EXPECT_THAT(both.err, HasSubstr("stream: input comes from files and from standard input"));
}

TEST_F(Stream, ExamplesOfPredictGoOnWithStreaming) {
    const nlohmann::json json = json_of({"predict", "tiny.json", "--input", "x.npy", "--streaming"});
    EXPECT_EQ(json["outputs"]["out"]["values"].get<std::vector<int>>(), (std::vector<int>{3, 0, 2, 3, 4, 4}));
}

class StreamLines : public Stream {
protected:
    [[nodiscard]] std::string message_of(const std::string& line) {
        try {
            static_cast<void>(cli::follow_line(session_, line, 7));
        } catch (const DescriptionError& error) {
            return error.diagnostics()[0].where + ": " + error.diagnostics()[0].problem;
        }
        return "nothing was thrown";
    }

    Session session_ = InferenceCompiler({.example_timesteps = 4, .cache_dir = "off"})
                           .compile(load_network(file("tiny.json")).network)
                           .open_session();
};

TEST_F(StreamLines, PushAndRun) {
    EXPECT_EQ(cli::follow_line(session_, R"({"input": "in", "values": [1, 0], "step": 1})", 1), 0U);
    EXPECT_EQ(cli::follow_line(session_, R"({"input": "in", "values": [0, 1], "time_ms": 2.5})", 2), 0U);
    EXPECT_EQ(cli::follow_line(session_, R"({"run": 4})", 3), 4U);
    session_.step(5);
    EXPECT_EQ(session_.window_output("out").to_i64(), (std::vector<std::int64_t>{2, 0}));
    EXPECT_EQ(session_.output("out").to_i64(), (std::vector<std::int64_t>{0, 1}));
}

TEST_F(StreamLines, SayWhichLineIsWrong) {
    const std::string where = "standard input, line 7: ";
    EXPECT_EQ(message_of("run 4"), where + "it is no JSON object");
    EXPECT_EQ(message_of(R"({"run": -1})"), where + "'run' is -1, expected a whole number from 0 to 4294967295");
    EXPECT_EQ(message_of(R"({"run": 1, "input": "in"})"), where + "'input' is not understood here");
    EXPECT_EQ(message_of(R"({"ids": [1]})"), where + "'input' is missing, or no text");
    EXPECT_EQ(message_of(R"({"input": "in"})"), where + "it has neither 'ids' nor 'values'");
    EXPECT_EQ(message_of(R"({"input": "in", "values": 3})"), where + "'values' is no list");
    EXPECT_EQ(message_of(R"({"input": "in", "values": ["a", 1]})"), where + "'values' holds \"a\", expected a number");
    EXPECT_EQ(message_of(R"({"input": "in", "ids": [1.5]})"), where + "'ids' holds 1.5, expected numbers of neurons");
    EXPECT_EQ(message_of(R"({"input": "in", "ids": [1]})"),
              "input 'in': spike events found, but the population's model takes values");
}

}  // namespace
}  // namespace mlgenn::cli_test
