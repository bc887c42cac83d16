// SPDX-License-Identifier: Apache-2.0
// What is said, and what still works, when a template, the cache or the machine is not as it should be.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "compiler/backends/backend.h"
#include "mlgenn/errors.h"
#include "tests/gpu/generated.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/message_of.h"

namespace mlgenn::testing {
namespace {

namespace fs = std::filesystem;

class BadCases : public StandInGpu {
protected:
    BadCases() { fs::create_directories(folder_); }
    ~BadCases() override { fs::remove_all(folder_); }

    [[nodiscard]] CompilerOptions options(const std::string& cache = MLGENN_TEST_CACHE) const {
        CompilerOptions options;
        options.example_timesteps = case_.timesteps;
        options.batch_size = 2;
        options.backend = "cuda";
        options.cache_dir = cache;
        return options;
    }
    [[nodiscard]] Results results(const CompilerOptions& options) const {
        return run_network(case_.network, case_.inputs, case_.targets, options);
    }

    NetworkCase case_ = network_case("dense_if");
    fs::path folder_ = fs::path(::testing::TempDir()) / ("mlgenn_bad_cases_" + std::to_string(::getpid()));
};

TEST_F(BadCases, AHoleThatNothingFillsNamesFileAndLine) {
    std::ofstream(folder_ / "score.cu") << "// a template of somebody's own\nint MLGENN_ANSWER;\n";
    const EnvironmentVariable variable("MLGENN_TEMPLATE_DIR", folder_.c_str());
    EXPECT_EQ(message_of<BackendError>([&] { (void)InferenceCompiler(options()).compile(case_.network); }),
              (folder_ / "score.cu").string() + ":2: nothing fills the hole 'MLGENN_ANSWER'");
}

TEST_F(BadCases, SharedMemoryBeyondTheDevicesIsSaid) {
    const ir::Program program = cuda_program(case_, "whole_sequence");
    const backends::Backend& backend = backends::select_backend("cuda");
    backends::Module module = backend.build(program, backend.generate(program, options()), options());
    module.plan.gpu->shared_bytes_of_weights = 300 * 1024 - module.plan.gpu->shared_bytes_per_example;
    EXPECT_EQ(message_of<BackendError>([&] { (void)backend.open(module, options()); }),
              "network 'dense_if' needs 307200 bytes of shared memory per block, stand-in GPU has 232448");
    module.plan.gpu->shared_bytes_of_weights = 0;
    module.plan.gpu->threads_per_example = 2048;
    EXPECT_EQ(message_of<BackendError>([&] { (void)backend.open(module, options()); }),
              "network 'dense_if' needs 2048 threads per block, stand-in GPU has 1024");
}

TEST_F(BadCases, ACacheThatCannotBeWrittenCostsOnlyTime) {
    const Results expected = results(options());
    CompileReport report;
    // Nobody, not even root, can make files there.
    (void)InferenceCompiler(options("/proc/self")).compile(case_.network, report);
    EXPECT_FALSE(report.cache_hit);
    expect_same_bits(expected, results(options("/proc/self")), "cache in a folder that cannot be written");
}

TEST_F(BadCases, ADamagedCacheEntryIsBuiltAgain) {
    const Results expected = results(options());
    const std::string cache = (folder_ / "cache").string();
    const auto hit = [&] {
        CompileReport report;
        (void)InferenceCompiler(options(cache)).compile(case_.network, report);
        return report.cache_hit;
    };
    EXPECT_FALSE(hit());
    EXPECT_TRUE(hit());
    for (const auto& entry : fs::directory_iterator(cache)) {
        std::fstream(entry.path(), std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('\x55');
    }
    EXPECT_FALSE(hit());
    EXPECT_TRUE(hit());
    expect_same_bits(expected, results(options(cache)), "after damage");
}

TEST_F(BadCases, WithoutDriverAndNvrtcBothReasonsAreSaid) {
    const EnvironmentVariable driver("MLGENN_LIBCUDA", "libno_such_driver.so");
    const EnvironmentVariable nvrtc("MLGENN_LIBNVRTC", "libno_such_nvrtc.so");
    const std::string reason =
        "no CUDA driver: libno_such_driver.so cannot be loaded; NVRTC was not found (tried libno_such_nvrtc.so): "
        "install "
        "the CUDA toolkit, or set MLGENN_LIBNVRTC to its libnvrtc.so";
    EXPECT_EQ(message_of<BackendError>([&] { (void)InferenceCompiler(options()).compile(case_.network); }),
              "no back end can run here: cuda: " + reason);
    for (const BackendInfo& info : available_backends()) {
        if (info.name == "cuda") {
            EXPECT_FALSE(info.available);
            EXPECT_EQ(info.detail, reason);
            EXPECT_EQ(info.detail.find('\n'), std::string::npos) << "one line";
        }
    }
}

TEST_F(BadCases, ADriverWithoutNvrtcCannotCompile) {
    const EnvironmentVariable nvrtc("MLGENN_LIBNVRTC", "libno_such_nvrtc.so");
    EXPECT_EQ(message_of<BackendError>([&] { (void)InferenceCompiler(options()).compile(case_.network); }),
              "no back end can run here: cuda: stand-in GPU, driver 13.0, but NVRTC was not found (tried "
              "libno_such_nvrtc.so): install the CUDA toolkit, or set MLGENN_LIBNVRTC to its libnvrtc.so");
}

}  // namespace
}  // namespace mlgenn::testing
