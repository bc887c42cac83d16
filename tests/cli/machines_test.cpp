// SPDX-License-Identifier: Apache-2.0
// The program on machines that lack CUDA, or a part of it: it starts, says in one line what is missing, and does what
// can be done without.
#include <cstdlib>
#include <ostream>

#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using testing::HasSubstr;

constexpr const char* no_driver = "no CUDA driver: libno_such_driver.so cannot be loaded";
constexpr const char* no_nvrtc =
    "NVRTC was not found (tried libno_such_nvrtc.so): install the CUDA toolkit, or set MLGENN_LIBNVRTC to its "
    "libnvrtc.so";
constexpr const char* some_nvrtc = "NVRTC 0.1, sm_75 ... sm_90";

struct Machine {
    const char* name;
    bool has_driver;
    bool has_nvrtc;
    std::string reason;

    friend std::ostream& operator<<(std::ostream& stream, const Machine& machine) { return stream << machine.name; }
};

std::vector<Machine> machines() {
    return {{"WithoutCuda", false, false, std::string(no_driver) + "; " + no_nvrtc},
            {"WithoutADriver", false, true, std::string(no_driver) + "; " + some_nvrtc},
            {"WithoutNvrtc", true, false, std::string("stand-in GPU, driver 13.0, but ") + no_nvrtc}};
}

class Machines : public CliTest, public testing::WithParamInterface<Machine> {
protected:
    Machines() {
        ::setenv("MLGENN_LIBCUDA", GetParam().has_driver ? MLGENN_STAND_IN_CUDA : "libno_such_driver.so", 1);
        ::setenv("MLGENN_LIBNVRTC", GetParam().has_nvrtc ? MLGENN_STAND_IN_NVRTC : "libno_such_nvrtc.so", 1);
    }
    ~Machines() override {
        ::unsetenv("MLGENN_LIBCUDA");
        ::unsetenv("MLGENN_LIBNVRTC");
    }
};

TEST_P(Machines, AreToldInOneLineWhatIsMissing) {
    EXPECT_THAT(output_of({"list", "backends"}), HasSubstr("\ncuda      no         " + GetParam().reason + "\n"));
    const nlohmann::json backends = json_of({"list", "backends"});
    ASSERT_FALSE(backends.empty());
    const nlohmann::json expected{{"name", "cuda"}, {"available", false}, {"detail", GetParam().reason}};
    EXPECT_EQ(backends.back(), expected);
}

TEST_P(Machines, CannotRunOnAGpu) {
    for (const char* command : {"predict", "evaluate", "stream"}) {
        std::vector<std::string> arguments{command, "tiny.json", "--input", "x.npy", "--backend", "cuda"};
        if (command == std::string("evaluate")) {
            arguments.insert(arguments.end(), {"--target", "labels.npy"});
        }
        const cli::ProcessResult result = run(arguments);
        EXPECT_EQ(result.exit_code, 2) << command;
        EXPECT_EQ(result.out, "") << command;
        EXPECT_EQ(result.err, "mlgenn-compile: no back end can run here: cuda: " + GetParam().reason + "\n") << command;
    }
}

TEST_P(Machines, CheckAndRunOnTheProcessor) {
    EXPECT_THAT(output_of({"check", "tiny.json"}), HasSubstr("the description is valid"));
    if (json_of({"list", "backends"})[0]["name"] != "llvm") {
        GTEST_SKIP() << "this build has no back end for processors";
    }
    const nlohmann::json run = json_of({"predict", "tiny.json", "--input", "x.npy"});
    EXPECT_EQ(run["backend"], "llvm");
}

TEST_P(Machines, MakeGpuCodeWhereThereIsNvrtc) {
    const cli::ProcessResult result = run({"compile", "tiny.json", "--backend", "cuda", "--target", "sm_90"});
    if (GetParam().has_nvrtc) {
        EXPECT_EQ(result.exit_code, 0) << result.err;
        EXPECT_THAT(result.out, HasSubstr(" for sm_90\n"));
    } else {
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_EQ(result.err, std::string("mlgenn-compile: no back end can build code here: cuda: ") + no_nvrtc + "\n");
    }
}

TEST_P(Machines, MeasureTheCompilationOfGpuCode) {
    std::vector<std::string> arguments{"bench",    "tiny.json", "--input",   "x.npy", "--backend",      "cuda",
                                       "--target", "sm_90",     "--repeats", "1",     "--compile-runs", "1"};
    if (!GetParam().has_nvrtc) {
        const cli::ProcessResult result = run(arguments);
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_EQ(result.err, std::string("mlgenn-compile: no back end can build code here: cuda: ") + no_nvrtc + "\n");
        return;
    }
    EXPECT_THAT(
        output_of(arguments),
        testing::AllOf(HasSubstr("; back end cuda\n\nCompilation in a fresh process (cold: empty cache), and its "
                                 "memory\nnetwork "),
                       testing::EndsWith("\n\nonly compilation was measured, there is no device to run on: " +
                                         GetParam().reason + "\n")));
    const nlohmann::json json = json_of(arguments);
    EXPECT_EQ(json["device_missing"], GetParam().reason);
    const nlohmann::json& result = json["results"][0];
    EXPECT_EQ(result["schedule"], "whole_sequence");
    EXPECT_FALSE(result.contains("speed"));
    EXPECT_GT(result["compile"]["cold_ms"][0].get<double>(), result["compile"]["warm_ms"][0].get<double>());
    EXPECT_GT(result["compile"]["warm_cpu_ms"][0].get<double>(), 0.0);
    EXPECT_GT(result["compile"]["cold_peak_bytes"].get<std::uint64_t>(), 1000000U);
}

INSTANTIATE_TEST_SUITE_P(Cli, Machines, testing::ValuesIn(machines()),
                         [](const testing::TestParamInfo<Machine>& machine) { return machine.param.name; });

TEST_F(CliTest, CodeForAGpuThatIsNotThereNeedsATarget) {
    ::setenv("MLGENN_LIBCUDA", "libno_such_driver.so", 1);
    ::setenv("MLGENN_LIBNVRTC", MLGENN_STAND_IN_NVRTC, 1);
    const cli::ProcessResult result = run({"compile", "tiny.json", "--backend", "cuda"});
    ::unsetenv("MLGENN_LIBCUDA");
    ::unsetenv("MLGENN_LIBNVRTC");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.err, std::string("mlgenn-compile: the CUDA back end has no native target here: ") + no_driver +
                              "\n    name one, for example sm_90\n");
}

}  // namespace
}  // namespace mlgenn::cli_test
