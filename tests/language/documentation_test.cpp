// SPDX-License-Identifier: Apache-2.0
// The networks in docs/user_models.md compile, and its initialiser code gives values.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "compiler/language/initialiser.h"
#include "mlgenn/compiler.h"
#include "mlgenn/network_io.h"

namespace mlgenn::test {
namespace {

std::vector<std::string> blocks_of(const std::string& language) {
    std::ifstream file(std::string(MLGENN_SOURCE_DIR) + "/docs/user_models.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string opening = "```" + language + "\n";
    std::vector<std::string> blocks;
    for (std::size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
        at += opening.size();
        blocks.push_back(text.substr(at, text.find("```", at) - at));
    }
    return blocks;
}

TEST(Documentation, HasNetworksThatCompile) {
    const std::vector<std::string> blocks = blocks_of("json");
    EXPECT_GE(blocks.size(), 2U);
    for (const std::string& block : blocks) {
        CompilerOptions options;
        options.example_timesteps = 3;
        options.cache_dir = "off";
        EXPECT_NO_THROW(
            static_cast<void>(InferenceCompiler(options).compile(parse_network(block, "user_models.md", {}).network)))
            << block;
    }
}

TEST(Documentation, HasAnInitialiserThatGivesValues) {
    const std::vector<std::string> blocks = blocks_of("c");
    ASSERT_EQ(blocks.size(), 1U);
    const std::vector<float> values = language::evaluate_initialiser(
        blocks[0], {{"mean", 0.5}, {"deviation", 0.1}}, {language::ElementKind::synapse, 6, {}, {}, 2, 3}, {});
    EXPECT_GT(values[0], 0.0F);
    EXPECT_LT(values[5], 0.0F);
}

}  // namespace
}  // namespace mlgenn::test
