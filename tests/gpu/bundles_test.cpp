// SPDX-License-Identifier: Apache-2.0
// The first examples of the benchmark bundles: generated CUDA source on the host, in both orders of threads, against
// the LLVM back end; and its compilation by the real NVRTC.
#include <chrono>

#include "compiler/backends/cuda/nvrtc.h"
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

TEST_P(GpuBundles, CompileForRealGpusWithoutSpills) {
    const EnvironmentVariable real("MLGENN_LIBNVRTC", nullptr);
    if (!cuda::nvrtc_status().available) {
        GTEST_SKIP() << cuda::nvrtc_status().detail;
    }
    NetworkCase c;
    c.network = bundle_.network;
    c.timesteps = bundle_.timesteps;
    const std::string text = cuda_source(c, "whole_sequence");
    for (const char* target : {"sm_75", "sm_80", "sm_90", "sm_120"}) {
        const auto begin = std::chrono::steady_clock::now();
        const cuda::CompiledKernels compiled = cuda::compile(text, "network.cu", target);
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
        const cuda::KernelResources& run = compiled.resources.at("run_network");
        RecordProperty(std::string(target) + "_registers", run.registers);
        RecordProperty(std::string(target) + "_compile_ms", static_cast<int>(elapsed.count()));
        EXPECT_EQ(run.spill_store_bytes + run.spill_load_bytes, 0) << target;
        EXPECT_LE(run.registers, 64) << target << ": 1024 threads must be able to share a multiprocessor";
    }
}

INSTANTIATE_TEST_SUITE_P(Bundles, GpuBundles,
                         ::testing::Values(Selection{"mnist", 4}, Selection{"shd256", 2}, Selection{"conv_cifar", 1}),
                         [](const auto& parameter) { return std::string(parameter.param.bundle); });

}  // namespace
}  // namespace mlgenn::testing
