// SPDX-License-Identifier: Apache-2.0
// Templates are strict: every hole is filled, every value used, and the message says where.
#include "compiler/backends/cuda/template.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "mlgenn/errors.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

using cuda::Template;

std::string message_of(const Template& shape, const cuda::TemplateValues& values) {
    try {
        (void)shape.render(values);
    } catch (const BackendError& error) {
        return error.what();
    }
    return "rendered";
}

TEST(Template, FillsStatementsAtTheirColumnAndTokensInPlace) {
    const Template shape("loop.cu",
                         "//! for the author\n"
                         "// MLGENN_NAME stays as it is in a comment\n"
                         "void MLGENN_NAME(int MLGENN_NAMED) {\n"
                         "    //@body\n"
                         "}\n");
    EXPECT_EQ(shape.render({{"MLGENN_NAME", "run"}, {"MLGENN_NAMED", "n"}, {"body", "if (n) {\n    f();\n\n}\n"}}),
              "// MLGENN_NAME stays as it is in a comment\n"
              "void run(int n) {\n"
              "    if (n) {\n"
              "        f();\n"
              "\n"
              "    }\n"
              "}\n");
}

TEST(Template, ValuesAreNotRenderedAgain) {
    const Template shape("a.cu", "MLGENN_A //@not_a_hole\n");
    EXPECT_EQ(shape.render({{"MLGENN_A", "MLGENN_B"}}), "MLGENN_B //@not_a_hole\n");
}

TEST(Template, NamesFileAndLineOfAHoleThatNothingFills) {
    const Template shape("step.cu", "int a;\n\n    //@body\n");
    EXPECT_EQ(message_of(shape, {}), "step.cu:3: nothing fills the hole 'body'");
    EXPECT_EQ(message_of(Template("step.cu", "int MLGENN_X;\n"), {}), "step.cu:1: nothing fills the hole 'MLGENN_X'");
}

TEST(Template, NamesAValueThatFitsNoHole) {
    EXPECT_EQ(message_of(Template("step.cu", "int a;\n"), {{"body", ""}}),
              "step.cu: the value 'body' fits no hole of this template");
}

TEST(Template, FilesOfAFolderReplaceTheBuiltInOnes) {
    const auto folder =
        std::filesystem::path(::testing::TempDir()) / ("mlgenn_templates_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "step.cu") << "//@mine\n";
    const EnvironmentVariable variable("MLGENN_TEMPLATE_DIR", folder.c_str());
    EXPECT_EQ(cuda::load_template("step.cu").text(), "//@mine\n");
    EXPECT_EQ(message_of(cuda::load_template("step.cu"), {}),
              (folder / "step.cu").string() + ":1: nothing fills the hole 'mine'");
    EXPECT_NE(cuda::load_template("device.cuh").text().find("lowest_bit"), std::string::npos)
        << "a file that the folder lacks comes from the library";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mlgenn::testing
