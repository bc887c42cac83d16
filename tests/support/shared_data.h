// SPDX-License-Identifier: Apache-2.0
// Finds the recorded data that lies outside the repository.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mlgenn::test_support {

/// The folder named by MLGENN_SHARED_DIR, else "../shared" beside the source tree; empty when it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> shared_dir();

/// `relative` inside shared_dir(); empty when it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> shared_path(const std::string& relative);

/// Why a test that needs `relative` is skipped, and what would make it run.
[[nodiscard]] std::string missing_shared_data(const std::string& relative);

}  // namespace mlgenn::test_support
