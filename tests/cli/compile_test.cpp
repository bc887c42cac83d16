// SPDX-License-Identifier: Apache-2.0
// compile, list and bench on a small network.
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Compile = CliTest;
using List = CliTest;
using Bench = CliTest;

TEST_F(Compile, SummarisesAndFindsItsCodeInTheCacheTheSecondTime) {
    const nlohmann::json cold = json_of({"compile", "tiny.json"});
    const nlohmann::json warm = json_of({"compile", "tiny.json"});
    EXPECT_EQ(cold["cache_hit"], false);
    EXPECT_EQ(warm["cache_hit"], true);
    EXPECT_EQ(cold["cache_key"], warm["cache_key"]);
    EXPECT_EQ(cold["num_synapses"], 4);
    EXPECT_THAT(output_of({"compile", "tiny.json"}), HasSubstr("\ntimesteps     4 of 1 ms\n"));
}

TEST_F(Compile, NoCacheLeavesNothingBehind) {
    const nlohmann::json json = json_of({"compile", "tiny.json", "--no-cache"});
    EXPECT_EQ(json["cache_hit"], false);
    EXPECT_FALSE(std::filesystem::exists(file("cache")));
}

TEST_F(Compile, WritesStagesIntoAFolder) {
    const std::string text = output_of({"compile", "tiny.json", "--emit", "ir,llvm,asm,object", "-o", "stages"});
    EXPECT_THAT(names_in("stages"), ElementsAre("tiny.ir", "tiny.ll", "tiny.o", "tiny.s"));
    EXPECT_THAT(read("stages/tiny.ll"), HasSubstr("define "));
    EXPECT_THAT(read("stages/tiny.o"), testing::StartsWith("\x7f"
                                                           "ELF"));
    EXPECT_THAT(text, HasSubstr("wrote stages/tiny.ll\n"));
}

TEST_F(Compile, StagesComeAlsoWhenTheCodeIsInTheCache) {
    const std::string cold = output_of({"compile", "tiny.json", "--emit", "asm"});
    const std::string warm = output_of({"compile", "tiny.json", "--emit", "asm"});
    EXPECT_FALSE(cold.empty());
    EXPECT_EQ(cold, warm);
}

TEST_F(Compile, PrintsTheIrAfterEveryPass) {
    const nlohmann::json passes = json_of({"list", "passes"});
    const std::string text = output_of({"compile", "tiny.json", "--print-after", "all"});
    ASSERT_FALSE(passes.empty());
    for (const auto& pass : passes) {
        EXPECT_THAT(text, HasSubstr("// after " + pass.get<std::string>() + "\n"));
    }
}

TEST_F(Compile, ExplainsSchedulesAndBuffers) {
    const std::string schedule = output_of({"compile", "tiny.json", "--explain", "schedule"});
    EXPECT_THAT(schedule, testing::AllOf(HasSubstr("sequential"), HasSubstr("layerwise")));
    EXPECT_THAT(output_of({"compile", "tiny.json", "--explain", "buffers"}), HasSubstr("in_to_out.weight"));
    const std::string memory = output_of({"compile", "tiny.json", "--explain", "memory", "--threads", "3"});
    EXPECT_THAT(memory, testing::StartsWith("threads  constants  state  inputs  outputs  recordings  all, bytes\n"));
    EXPECT_THAT(memory, testing::AllOf(HasSubstr("\n      3 "), HasSubstr("\nautomatic batch size: 3\n")));
}

TEST_F(List, ModelsMetricsSchedulesAndBackEnds) {
    EXPECT_THAT(output_of({"list", "models"}), testing::AllOf(HasSubstr("integrate_fire"), HasSubstr("conv2d")));
    EXPECT_THAT(output_of({"list", "metrics"}), HasSubstr("mean_square_error"));
    EXPECT_THAT(output_of({"list", "schedules"}), HasSubstr("sequential"));
    EXPECT_THAT(output_of({"list", "backends"}), HasSubstr("\ncuda "));
}

TEST_F(List, JsonNamesParametersAndDefaults) {
    const nlohmann::json models = json_of({"list", "models"});
    const auto found = std::find_if(models.begin(), models.end(),
                                    [](const nlohmann::json& model) { return model["name"] == "integrate_fire"; });
    ASSERT_NE(found, models.end());
    EXPECT_EQ((*found)["kind"], "neuron");
    const auto& parameters = (*found)["parameters"];
    const auto threshold = std::find_if(parameters.begin(), parameters.end(),
                                        [](const nlohmann::json& entry) { return entry["name"] == "v_thresh"; });
    ASSERT_NE(threshold, parameters.end());
    EXPECT_EQ((*threshold)["default"], 1.0);
}

TEST_F(Bench, MeasuresADescription) {
    const nlohmann::json json =
        json_of({"bench", "tiny.json", "--input", "x.npy", "--repeats", "2", "--compile-runs", "1", "--threads", "2"});
    ASSERT_EQ(json["results"].size(), 1U);
    const nlohmann::json& result = json["results"][0];
    EXPECT_EQ(result["network"], "tiny");
    EXPECT_EQ(result["accumulation"], "exact");
    EXPECT_EQ(result["speed"]["one_thread"]["cpu_ms"].size(), 2U);
    EXPECT_EQ(result["speed"]["all_threads"]["num_threads"], 2);
    // 4 + 4 + 2 + ... spikes of the input: 4, 2 + 4 and 4 + 4, each with two synapses; the output has none.
    EXPECT_DOUBLE_EQ(result["speed"]["synops_per_example"].get<double>(), 2.0 * (4 + 6 + 8) / 3.0);
    EXPECT_GT(result["compile"]["cold_ms"][0].get<double>(), result["compile"]["warm_ms"][0].get<double>());
    EXPECT_GT(result["compile"]["warm_peak_bytes"].get<std::uint64_t>(), 1000000U);
    EXPECT_GT(result["compile"]["cold_cpu_ms"][0].get<double>(), 0.0);
    EXPECT_FALSE(json.contains("device_missing"));
    // The first of three examples of four steps warms up.
    EXPECT_EQ(result["session"]["steps"], 8);
    EXPECT_GT(result["session"]["p99_us"].get<double>(), 0.0);
}

}  // namespace
}  // namespace mlgenn::cli_test
