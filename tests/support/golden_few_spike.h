// SPDX-License-Identifier: Apache-2.0
// The few-spike part of the golden values.
#pragma once

#include <vector>

#include "tests/support/oracle_case.h"

namespace mlgenn::test_support {

[[nodiscard]] std::vector<OracleCase> golden_few_spike_cases();

}  // namespace mlgenn::test_support
