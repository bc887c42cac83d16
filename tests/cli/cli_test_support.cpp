// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_test_support.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "mlgenn/network_io.h"

namespace mlgenn::cli_test {

using Json = nlohmann::ordered_json;

CliTest::CliTest() {
    write("tiny.json", tiny_description().dump(2));
    save_npy(file("x.npy"), Array::from(std::vector<float>{1.0F, 0.0F, 0.5F, 1.0F, 1.0F, 1.0F}, {3, 2}));
    save_npy(file("labels.npy"), Array::from(std::vector<std::int64_t>{0, 1, 1}));
}

Json CliTest::tiny_description() {
    const Json fires{{"model", "integrate_fire"}, {"params", {{"v_thresh", 1.0}}}};
    Json input = fires;
    input["model"] = "integrate_fire_input";
    const Json weight = Json::array({Json::array({1.0, 0.0}), Json::array({0.0, 1.0})});
    return {{"format", "mlgenn-network"},
            {"version", 1},
            {"name", "tiny"},
            {"dt", 1.0},
            {"example_timesteps", 4},
            {"populations",
             Json::array({{{"name", "in"}, {"shape", {2}}, {"neuron", input}},
                          {{"name", "out"}, {"shape", {2}}, {"neuron", fires}, {"readout", "spike_count"}}})},
            {"connections", Json::array({{{"source", "in"},
                                          {"target", "out"},
                                          {"connectivity", {{"model", "dense"}, {"params", {{"weight", weight}}}}}}})}};
}

cli::ProcessResult CliTest::run(const std::vector<std::string>& arguments) const {
    // env: a folder and a cache per call, without changing those of the test program.
    std::vector<std::string> all{"env", "-C", folder_.path().string(), "MLGENN_CACHE_DIR=" + file("cache").string(),
                                 MLGENN_COMPILE_PROGRAM};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return cli::run_process(all);
}

std::string CliTest::output_of(const std::vector<std::string>& arguments) const {
    const cli::ProcessResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
}

nlohmann::json CliTest::json_of(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    const std::string text = output_of(arguments);
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << text;
    return json;
}

void CliTest::write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
}

std::string CliTest::read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(file(name), std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> CliTest::names_in(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(file(folder))) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mlgenn::cli_test
