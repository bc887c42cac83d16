// SPDX-License-Identifier: Apache-2.0
// Finds the recorded data that lies outside the repository.
#include "tests/support/shared_data.h"

#include <cstdlib>

namespace mlgenn::test_support {
namespace {

namespace fs = std::filesystem;

fs::path expected_dir() {
    if (const char* named = std::getenv("MLGENN_SHARED_DIR")) {
        return named;
    }
    return fs::path(MLGENN_SOURCE_DIR).parent_path() / "shared";
}

}  // namespace

std::optional<fs::path> shared_dir() {
    std::error_code error;
    if (!fs::is_directory(expected_dir(), error)) {
        return std::nullopt;
    }
    return expected_dir();
}

std::optional<fs::path> shared_path(const std::string& relative) {
    const std::optional<fs::path> folder = shared_dir();
    std::error_code error;
    if (!folder || !fs::exists(*folder / relative, error)) {
        return std::nullopt;
    }
    return *folder / relative;
}

std::string missing_shared_data(const std::string& relative) {
    return (expected_dir() / relative).string() + " does not exist; set MLGENN_SHARED_DIR to the folder that holds '" +
           relative + "'";
}

}  // namespace mlgenn::test_support
