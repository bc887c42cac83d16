// SPDX-License-Identifier: Apache-2.0
// Building without loading: no device is needed, every form of the code can be shown, and memory is known beforehand.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "mlgenn/errors.h"
#include "tests/gpu/networks.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/message_of.h"

namespace mlgenn::testing {
namespace {

namespace fs = std::filesystem;

/// The stand-in compiler and no driver at all.
class Build : public StandInGpu {
protected:
    [[nodiscard]] CompilerOptions options(const std::string& target) const {
        CompilerOptions options;
        options.example_timesteps = case_.timesteps;
        options.backend = "cuda";
        options.target = target;
        options.cache_dir = MLGENN_TEST_CACHE;
        return options;
    }
    [[nodiscard]] CompileReport emit(const std::string& target, std::vector<std::string> kinds) const {
        CompileReport report;
        (void)InferenceCompiler(options(target)).build(case_.network, report, {std::move(kinds), {}});
        return report;
    }
    NetworkCase case_ = network_case("dense_if");
    EnvironmentVariable no_driver_{"MLGENN_LIBCUDA", "libno_such_driver.so"};
};

TEST_F(Build, NeedsNoDevice) {
    CompileReport report;
    const BuiltNetwork built = InferenceCompiler(options("sm_90")).build(case_.network, report, {{"cuda", "ptx"}, {}});
    EXPECT_EQ(built.target, "sm_90");
    EXPECT_GT(built.code.size(), 1000U);
    EXPECT_EQ(built.plan.backend, "cuda");
    EXPECT_NE(report.texts.at("cuda").find("run_network("), std::string::npos);
    EXPECT_FALSE(report.texts.at("ptx").empty());
    EXPECT_EQ(report.stages.back().name, "build");
}

TEST_F(Build, NativeTargetNeedsADevice) {
    EXPECT_EQ(message_of<BackendError>([&] { (void)emit("native", {}); }),
              "the CUDA back end has no native target here: no CUDA driver: libno_such_driver.so cannot be loaded\n"
              "    name one, for example sm_90");
}

TEST_F(Build, NeedsNvrtc) {
    const EnvironmentVariable nvrtc("MLGENN_LIBNVRTC", "libno_such_nvrtc.so");
    EXPECT_EQ(
        message_of<BackendError>([&] { (void)emit("sm_90", {}); }),
        "no back end can build code here: cuda: NVRTC was not found (tried libno_such_nvrtc.so): install the CUDA "
        "toolkit, or set MLGENN_LIBNVRTC to its libnvrtc.so");
}

TEST_F(Build, PtxHasNoMachineCode) {
    EXPECT_EQ(message_of<BackendError>([&] { (void)emit("compute_80", {"cubin"}); }),
              "there is no cubin for compute_80, which is PTX\n    choose a target such as sm_80");
}

TEST_F(Build, OriginCommentsChangeCommentsOnly) {
    CompilerOptions commented = options("sm_90");
    commented.origin_comments = true;
    CompileReport report;
    (void)InferenceCompiler(commented).build(case_.network, report, {{"cuda"}, {}});
    const std::string plain = emit("sm_90", {"cuda"}).texts.at("cuda");
    std::string text = report.texts.at("cuda");
    EXPECT_NE(text, plain);
    std::size_t comments = 0;
    for (std::size_t at = 0; (at = text.find(";  // ", at)) != std::string::npos; ++comments) {
        text.erase(at + 1, text.find('\n', at) - at - 1);
    }
    EXPECT_EQ(text, plain);
    EXPECT_GT(comments, 10U);
}

TEST_F(Build, SassComesFromTheDisassemblerThatIsNamed) {
    const fs::path script = fs::path(::testing::TempDir()) / ("mlgenn_nvdisasm_" + std::to_string(::getpid()));
    std::ofstream(script) << "#!/bin/sh\necho sass of \"$(wc -c < \"$1\")\" bytes\n";
    fs::permissions(script, fs::perms::owner_all);
    const EnvironmentVariable named("MLGENN_NVDISASM", script.c_str());
    const CompileReport report = emit("sm_90", {"cubin", "sass"});
    EXPECT_EQ(report.texts.at("sass"), "sass of " + std::to_string(report.texts.at("cubin").size()) + " bytes\n");
    std::ofstream(script) << "#!/bin/sh\necho no such architecture\nexit 3\n";
    EXPECT_EQ(message_of<BackendError>([&] { (void)emit("sm_90", {"sass"}); }),
              "SASS cannot be shown: " + script.string() + " failed:\nno such architecture\n");
    fs::remove(script);
    EXPECT_EQ(message_of<BackendError>([&] { (void)emit("sm_90", {"sass"}); }),
              "SASS cannot be shown: MLGENN_NVDISASM names '" + script.string() + "', which is no program");
}

TEST_F(Build, SassNeedsADisassembler) {
    // From now on in the cache: the compiler needs the PATH.
    (void)emit("sm_90", {"cubin"});
    const EnvironmentVariable path("PATH", "/no/such/folder");
    const EnvironmentVariable home("CUDA_HOME", nullptr);
    const EnvironmentVariable other_home("CUDA_PATH", nullptr);
    if (fs::exists("/usr/local/cuda/bin/nvdisasm") || fs::exists("/usr/local/cuda/bin/cuobjdump")) {
        GTEST_SKIP() << "the CUDA toolkit here has a disassembler";
    }
    EXPECT_EQ(message_of<BackendError>([&] { (void)emit("sm_90", {"sass"}); }),
              "SASS cannot be shown: neither nvdisasm nor cuobjdump is on PATH or in the CUDA toolkit\n"
              "    install the toolkit's binary utilities, or set MLGENN_NVDISASM to one of the two");
}

TEST_F(Build, SaysWhatEveryBatchSizeTakes) {
    CompileReport report;
    const BuiltNetwork built = InferenceCompiler(options("sm_90")).build(case_.network, report);
    const MemoryEstimate one = estimate_memory(built.plan, {.batch_size = 1});
    const MemoryEstimate many = estimate_memory(built.plan, {.batch_size = 1000});
    EXPECT_EQ(one.constants_bytes, built.plan.constants->size());
    EXPECT_EQ(many.constants_bytes, one.constants_bytes);
    EXPECT_EQ(many.state_bytes, 1000 * one.state_bytes);
    EXPECT_EQ(many.input_bytes, 1000 * one.input_bytes);
    EXPECT_EQ(many.output_bytes, 1000 * one.output_bytes);
    EXPECT_EQ(largest_batch(built.plan, {}, many.total()), 1000U);
    EXPECT_EQ(largest_batch(built.plan, {}, many.total() - 1), 999U);
    EXPECT_EQ(largest_batch(built.plan, {}, one.constants_bytes), 0U);
}

}  // namespace
}  // namespace mlgenn::testing
