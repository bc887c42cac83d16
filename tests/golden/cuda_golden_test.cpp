// SPDX-License-Identifier: Apache-2.0
// The CUDA source of a few networks, to the letter: every template, both schedules, origin comments. No NVRTC is
// needed. MLGENN_UPDATE_GOLDEN=1 rewrites the files; review the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/backends/cuda/cuda_backend.h"
#include "compiler/backends/cuda/generate.h"
#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"
#include "tests/passes/small_networks.h"

namespace mlgenn::test {
namespace {

struct CudaCase {
    const char* name;
    Network (*network)();
    Accumulation accumulation;
    const char* schedule;
    bool origin_comments;
};

std::string source_of(const CudaCase& c) {
    CompilerOptions options = small_options(c.accumulation, c.schedule);
    ir::Program program = passes::lower(validated(c.network()), options);
    CompileReport report;
    passes::run_pipeline(program, options, backends::cuda().limits(options), "", report);
    return cuda::generate_text(cuda::lay_out(program, {.origin_comments = c.origin_comments}));
}

class CudaGolden : public testing::TestWithParam<CudaCase> {};

TEST_P(CudaGolden, GeneratedSourceIsTheRecordedOne) {
    const std::filesystem::path file =
        std::filesystem::path(MLGENN_SOURCE_DIR) / "tests/golden" / (std::string(GetParam().name) + ".cu");
    const std::string text = source_of(GetParam());
    if (std::getenv("MLGENN_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(file, std::ios::binary) << text;
    }
    ASSERT_TRUE(std::filesystem::exists(file)) << file << " is missing";
    std::ostringstream recorded;
    recorded << std::ifstream(file, std::ios::binary).rdbuf();
    EXPECT_EQ(recorded.str(), text) << file;
}

INSTANTIATE_TEST_SUITE_P(
    Networks, CudaGolden,
    testing::Values(
        CudaCase{"feed_forward_whole_sequence", feed_forward_network, Accumulation::exact, "whole_sequence", false},
        CudaCase{"recurrent_step", recurrent_network, Accumulation::exact, "step", false},
        CudaCase{"recurrent_commented", recurrent_network, Accumulation::ordered, "whole_sequence", true},
        CudaCase{"convolutional_whole_sequence", convolutional_network, Accumulation::exact, "whole_sequence", false}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace mlgenn::test
