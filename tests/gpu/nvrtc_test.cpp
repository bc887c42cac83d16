// SPDX-License-Identifier: Apache-2.0
// The generated source is CUDA: the real NVRTC, where there is one, compiles it for every architecture it knows.
#include <gtest/gtest.h>

#include "compiler/backends/cuda/nvrtc.h"
#include "mlgenn/errors.h"
#include "tests/gpu/generated.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

class RealNvrtc : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cuda::nvrtc_status().available) {
            GTEST_SKIP() << cuda::nvrtc_status().detail;
        }
    }

private:
    EnvironmentVariable library_{"MLGENN_LIBNVRTC", nullptr};
};

void expect_cubins(const std::string& text, const std::string& what) {
    int compiled_for = 0;
    for (const int architecture : cuda::nvrtc_status().architectures) {
        if (architecture < 75) {
            continue;
        }
        const std::string target = "sm_" + std::to_string(architecture);
        const cuda::CompiledKernels compiled = cuda::compile(text, "network.cu", target);
        EXPECT_GT(compiled.image.size(), 1000U) << what << " for " << target;
        ASSERT_EQ(compiled.resources.count("run_network"), 1U) << compiled.log;
        for (const auto& [kernel, resources] : compiled.resources) {
            EXPECT_GT(resources.registers, 0) << kernel;
            EXPECT_LE(resources.registers, 64) << what << ", " << kernel << " for " << target;
            EXPECT_EQ(resources.spill_store_bytes + resources.spill_load_bytes, 0)
                << what << ", " << kernel << " for " << target << " spills registers, of which it has "
                << resources.registers;
        }
        ++compiled_for;
    }
    EXPECT_GE(compiled_for, 1);
}

TEST_F(RealNvrtc, CompilesEveryNetworkForEveryArchitecture) {
    for (const NetworkCase& c : network_cases()) {
        expect_cubins(cuda_source(c, "whole_sequence"), c.name);
    }
}

TEST_F(RealNvrtc, CompilesTheStepScheduleForEveryArchitecture) {
    expect_cubins(cuda_source(network_case("recurrent_lif"), "step"), "recurrent_lif");
    expect_cubins(cuda_source(network_case("sparse_mixture"), "step"), "sparse_mixture");
}

TEST_F(RealNvrtc, CompilesOrderedAccumulationForEveryArchitecture) {
    expect_cubins(cuda_source(network_case("convolution"), "whole_sequence", Accumulation::ordered), "convolution");
}

TEST_F(RealNvrtc, SaysWhatKernelsTake) {
    const NetworkCase c = network_case("recurrent_lif");
    CompilerOptions options;
    options.example_timesteps = c.timesteps;
    options.backend = "cuda";
    options.target = "sm_90";
    CompileReport report;
    (void)InferenceCompiler(options).build(c.network, report, {{"resources"}, {}});
    const std::string& text = report.texts.at("resources");
    EXPECT_EQ(text.rfind("run_network sm_90: 96 threads and ", 0), 0U) << text;
    EXPECT_NE(text.find(" bytes of shared memory per example, up to 10 in a block, 36864 bytes of weights\n"),
              std::string::npos)
        << text;
    for (const char* kernel : {"run_network", "reset_state", "score_output_confusion_matrix"}) {
        EXPECT_NE(text.find("\n" + std::string(kernel) + " sm_90: "), std::string::npos) << text;
    }
    options.target = "compute_90";
    EXPECT_THROW((void)InferenceCompiler(options).build(c.network, report, {{"resources"}, {}}), BackendError);
}

TEST_F(RealNvrtc, KeepsTheRoundingOfTheIr) {
    const std::string text =
        "extern \"C\" __global__ void probe(float* x) { x[0] = x[1] * x[2] + x[3]; x[4] = sqrtf(x[5]) / x[6]; }\n";
    const cuda::CompiledKernels compiled = cuda::compile(text, "probe.cu", "compute_75");
    const std::string ptx(reinterpret_cast<const char*>(compiled.image.data()));
    EXPECT_EQ(ptx.find("fma"), std::string::npos) << "a * b + c must round twice";
    EXPECT_NE(ptx.find("mul.rn.ftz.f32"), std::string::npos) << ptx;
    EXPECT_NE(ptx.find("sqrt.rn.ftz.f32"), std::string::npos);
    EXPECT_NE(ptx.find("div.rn.ftz.f32"), std::string::npos);
}

TEST_F(RealNvrtc, ShowsTheLinesAroundAnError) {
    try {
        (void)cuda::compile("// first\n__device__ int f() {\n    return 1 +;\n}\n", "broken.cu", "sm_75");
        FAIL() << "broken source compiled";
    } catch (const BackendError& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("NVRTC cannot compile broken.cu for sm_75: NVRTC_ERROR_COMPILATION\n"), std::string::npos)
            << text;
        EXPECT_NE(text.find("    2 | __device__ int f() {\n  > 3 |     return 1 +;\n    4 | }\n"), std::string::npos)
            << text;
    }
}

TEST(NvrtcLog, GivesRegistersAndSpillsByKernel) {
    const auto resources = cuda::parse_resources(
        "ptxas info    : 0 bytes gmem\n"
        "ptxas info    : Compiling entry function 'run_network' for 'sm_90'\n"
        "ptxas info    : Function properties for run_network\n"
        "    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads\n"
        "ptxas info    : Used 40 registers, used 1 barriers, 256 bytes smem\n"
        "ptxas info    : Compiling entry function 'reset_state' for 'sm_90'\n"
        "ptxas info    : Function properties for reset_state\n"
        "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
        "ptxas info    : Used 12 registers\n");
    ASSERT_EQ(resources.size(), 2U);
    const cuda::KernelResources& run = resources.at("run_network");
    EXPECT_EQ(run.registers, 40);
    EXPECT_EQ(run.stack_bytes, 16);
    EXPECT_EQ(run.spill_store_bytes, 8);
    EXPECT_EQ(run.spill_load_bytes, 12);
    EXPECT_EQ(run.static_shared_bytes, 256);
    EXPECT_EQ(resources.at("reset_state").registers, 12);
}

}  // namespace
}  // namespace mlgenn::testing
