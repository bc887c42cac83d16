// SPDX-License-Identifier: Apache-2.0
// What is generated for a few networks, to the letter. MLGENN_UPDATE_GOLDEN=1 rewrites the files; review the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/passes/small_networks.h"

namespace mlgenn::test {
namespace {

struct Case {
    const char* name;
    Network (*network)();
    Accumulation accumulation;
    const char* schedule;
    std::vector<std::string> kinds;
};

std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, GeneratedTextIsTheRecordedOne) {
    const Case& c = GetParam();
    const bool has_llvm = !available_backends().empty() && available_backends().front().name == "llvm";
    if (!has_llvm) {
        GTEST_SKIP() << "this build has no LLVM back end, whose text is recorded";
    }
    const bool update = std::getenv("MLGENN_UPDATE_GOLDEN") != nullptr;
    CompileReport report;
    CompilerOptions options = small_options(c.accumulation, c.schedule);
    options.backend = "llvm";
    const CompiledNetwork compiled =
        InferenceCompiler(options).compile(c.network(), report, {.emit = c.kinds, .print_after = {}});
    for (const std::string& kind : c.kinds) {
        const std::filesystem::path file =
            std::filesystem::path(MLGENN_SOURCE_DIR) / "tests/golden" / (std::string(c.name) + "." + kind);
        if (update) {
            std::ofstream(file, std::ios::binary) << report.texts.at(kind);
        }
        ASSERT_TRUE(std::filesystem::exists(file)) << file << " is missing";
        EXPECT_EQ(read(file), report.texts.at(kind)) << file;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Golden,
    testing::Values(Case{"feed_forward_exact", feed_forward_network, Accumulation::exact, "sequential", {"ir", "llvm"}},
                    Case{"recurrent_exact", recurrent_network, Accumulation::exact, "sequential", {"ir"}},
                    Case{"recurrent_ordered", recurrent_network, Accumulation::ordered, "layerwise", {"ir"}},
                    Case{"convolutional_exact", convolutional_network, Accumulation::exact, "layerwise", {"ir"}}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace mlgenn::test
