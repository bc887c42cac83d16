// SPDX-License-Identifier: Apache-2.0
// Every template is a kernel file that stands on its own: with stubs for its holes it compiles, for the host and with
// NVRTC, and clang-format leaves it as it is.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/backends/cuda/embedded_templates.h"
#include "compiler/backends/cuda/nvrtc.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

namespace fs = std::filesystem;

const fs::path templates = fs::path(MLGENN_SOURCE_DIR) / "codegen_templates/cuda";

std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string alone(const fs::path& file) {
    return read(templates / "device.cuh") + read(templates / "stubs.cuh") +
           (file.filename() == "device.cuh" ? "" : read(file));
}

std::vector<fs::path> template_files() {
    std::vector<fs::path> files;
    for (const cuda::EmbeddedTemplate& embedded : cuda::embedded_templates()) {
        files.push_back(templates / embedded.file);
    }
    return files;
}

class TemplatesAlone : public StandInGpu {};

TEST_F(TemplatesAlone, CompileForTheHost) {
    ASSERT_GE(template_files().size(), 6U);
    for (const fs::path& file : template_files()) {
        EXPECT_NO_THROW((void)cuda::compile(alone(file), file.filename().string(), "sm_90")) << file;
    }
}

TEST_F(TemplatesAlone, CompileWithNvrtc) {
    const EnvironmentVariable real("MLGENN_LIBNVRTC", nullptr);
    if (!cuda::nvrtc_status().available) {
        GTEST_SKIP() << cuda::nvrtc_status().detail;
    }
    const std::string target = "compute_" + std::to_string(cuda::nvrtc_status().architectures.back());
    for (const fs::path& file : template_files()) {
        EXPECT_NO_THROW((void)cuda::compile(alone(file), file.filename().string(), target)) << file;
    }
}

TEST_F(TemplatesAlone, AreFormatted) {
    std::string program;
    for (const char* name : {"clang-format-14", "clang-format"}) {
        if (program.empty() && std::system(("command -v " + std::string(name) + " > /dev/null").c_str()) == 0) {
            program = name;
        }
    }
    if (program.empty()) {
        GTEST_SKIP() << "clang-format is not installed";
    }
    std::vector<fs::path> files = template_files();
    files.push_back(templates / "stubs.cuh");
    for (const fs::path& file : files) {
        const std::string command =
            "cd '" MLGENN_SOURCE_DIR "' && " + program + " --dry-run --Werror '" + file.string() + "'";
        EXPECT_EQ(std::system(command.c_str()), 0) << file;
    }
}

}  // namespace
}  // namespace mlgenn::testing
