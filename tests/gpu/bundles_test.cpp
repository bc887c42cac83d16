// SPDX-License-Identifier: Apache-2.0
// The first examples of the benchmark bundles: generated CUDA source on the host, in both orders of threads, against
// the LLVM back end; and its compilation by the real NVRTC.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/backends/cuda/generate.h"
#include "compiler/backends/cuda/locality.h"
#include "compiler/backends/cuda/nvrtc.h"
#include "compiler/backends/cuda/resource_report.h"
#include "tests/gpu/generated.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/shared_data.h"
#include "tools/bench_support/bundles.h"

namespace mlgenn::testing {
namespace {

struct Selection {
    const char* bundle;
    std::size_t num_examples;
};

class GpuBundles : public StandInGpu, public ::testing::WithParamInterface<Selection> {
protected:
    void SetUp() override {
        const std::string folder = std::string("data/bench/") + GetParam().bundle;
        const auto path = test_support::shared_path(folder);
        if (!path) {
            GTEST_SKIP() << test_support::missing_shared_data(folder);
        }
        bundle_ = bench::select_examples(bench::load_bundle(*path), 0, GetParam().num_examples);
    }
    [[nodiscard]] CompilerOptions options() const {
        CompilerOptions options;
        options.example_timesteps = bundle_.timesteps;
        options.dt = bundle_.dt;
        options.batch_size = 2;
        options.cache_dir = MLGENN_TEST_CACHE;
        for (const auto& [population, counts] : bundle_.clean.counts) {
            options.recordings.push_back({.population = population});
        }
        return options;
    }
    bench::Bundle bundle_;
};

TEST_P(GpuBundles, GiveTheBitsOfTheCpu) {
    CompilerOptions options = this->options();
    options.backend = "llvm";
    const Results expected = run_network(bundle_.network, bundle_.inputs, bundle_.targets, options);
    ASSERT_TRUE(has_spikes(expected));
    options.backend = "cuda";
    options.schedule = "whole_sequence";
    for (const bool descending : {false, true}) {
        stand_in::Settings settings;
        settings.descending = descending;
        configure(settings);
        expect_same_bits(expected, run_network(bundle_.network, bundle_.inputs, bundle_.targets, options),
                         descending ? "descending" : "ascending");
    }
}

/// The numbers are NVRTC's: those of another version are not compared.
void expect_recorded(const std::string& bundle, const std::string& lines) {
    const std::filesystem::path file =
        std::filesystem::path(MLGENN_SOURCE_DIR) / "tests/gpu/resources" / (bundle + ".txt");
    const cuda::NvrtcStatus& nvrtc = cuda::nvrtc_status();
    const std::string version = "NVRTC " + std::to_string(nvrtc.major) + "." + std::to_string(nvrtc.minor) + "\n";
    if (std::getenv("MLGENN_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(file) << version << lines;
    }
    std::ostringstream recorded;
    recorded << std::ifstream(file).rdbuf();
    ASSERT_FALSE(recorded.str().empty()) << file << " is missing";
    if (recorded.str().rfind(version, 0) == 0) {
        EXPECT_EQ(recorded.str(), version + lines) << file;
    }
}

TEST_P(GpuBundles, CompileForEveryRealGpuWithoutSpills) {
    const EnvironmentVariable real("MLGENN_LIBNVRTC", nullptr);
    if (!cuda::nvrtc_status().available) {
        GTEST_SKIP() << cuda::nvrtc_status().detail;
    }
    NetworkCase c;
    c.network = bundle_.network;
    c.timesteps = bundle_.timesteps;
    const ir::Program program = cuda_program(c, "whole_sequence");
    std::string lines;
    for (const int architecture : cuda::nvrtc_status().architectures) {
        if (architecture < 75) {
            continue;
        }
        const std::string target = "sm_" + std::to_string(architecture);
        const cuda::GpuLayout layout = cuda::lay_out(program, {.block_bytes = cuda::shared_memory_of_block(target)});
        const cuda::CompiledKernels compiled = cuda::compile(cuda::generate_text(layout), "network.cu", target);
        lines += cuda::resource_report(layout, compiled, target);
        const cuda::KernelResources& run = compiled.resources.at("run_network");
        EXPECT_EQ(run.spill_store_bytes + run.spill_load_bytes, 0) << target;
        EXPECT_LE(run.registers, 64) << target << ": 1024 threads must be able to share a multiprocessor";
    }
    expect_recorded(bundle_.name, lines);
}

INSTANTIATE_TEST_SUITE_P(Bundles, GpuBundles,
                         ::testing::Values(Selection{"mnist", 4}, Selection{"shd256", 2}, Selection{"conv_cifar", 1}),
                         [](const auto& parameter) { return std::string(parameter.param.bundle); });

}  // namespace
}  // namespace mlgenn::testing
