// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using Check = CliTest;

TEST_F(Check, SummarisesAValidDescription) {
    EXPECT_EQ(output_of({"check", "tiny.json"}),
              "tiny.json: the description is valid\n"
              "tiny: 2 populations, 4 neurons, 1 connection, 4 synapses; 4 timesteps per example of 1 ms\n"
              "\n"
              "population  shape  neurons  model                              readout\n"
              "in          [2]          2  integrate_fire_input (v_thresh=1)\n"
              "out         [2]          2  integrate_fire (v_thresh=1)        spike_count\n"
              "\n"
              "connection  from  to   synapses  connectivity                   synapse  delay\n"
              "in_to_out   in    out         4  dense (weight=float64 [2, 2])  delta        0\n");
}

TEST_F(Check, PrintsJson) {
    const nlohmann::json json = json_of({"check", "tiny.json"});
    EXPECT_EQ(json["network"], "tiny");
    EXPECT_EQ(json["populations"].size(), 2U);
    EXPECT_EQ(json["populations"][1]["readout"], "spike_count");
    EXPECT_EQ(json["connections"][0]["num_synapses"], 4);
}

TEST_F(Check, ReportsAllProblemsAtOnce) {
    auto description = tiny_description();
    description["populations"][0]["neuron"]["params"]["v_tresh"] = 1.0;
    description["connections"][0]["target"] = "output";
    write("broken.json", description.dump());
    const cli::ProcessResult result = run({"check", "broken.json"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, testing::HasSubstr("did you mean 'v_thresh'?"));
    EXPECT_THAT(result.err, testing::HasSubstr("broken.json: /connections/0/target: "));
    EXPECT_THAT(result.err, testing::EndsWith("\n2 problems\n"));
}

TEST_F(Check, MissingFileIsTheUsersProblem) {
    const cli::ProcessResult result = run({"check", "nowhere.json"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, testing::StartsWith("nowhere.json: "));
}

}  // namespace
}  // namespace mlgenn::cli_test
