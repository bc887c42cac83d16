// SPDX-License-Identifier: Apache-2.0
// Small networks whose results were measured with mlGeNN 2.4 and GeNN 5.4, as oracle cases.
#pragma once

#include <filesystem>
#include <vector>

#include "tests/support/oracle_case.h"

namespace mlgenn::test_support {

/// The cases whose values stand in `golden_json`.
[[nodiscard]] std::vector<OracleCase> golden_file_cases(const std::filesystem::path& golden_json);

/// The cases whose values stand here.
[[nodiscard]] std::vector<OracleCase> golden_value_cases();

}  // namespace mlgenn::test_support
