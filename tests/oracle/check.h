// SPDX-License-Identifier: Apache-2.0
// Runs one recorded case on one runner and judges the result.
#pragma once

#include <string>

#include "tests/oracle/runners.h"

namespace mlgenn::oracle {

enum class Verdict { passed, failed, skipped };

struct Outcome {
    Verdict verdict = Verdict::passed;
    /// First deviation, or why the case cannot run; empty when it passed.
    std::string text;
};

/// Compares everything that the case expects, each within its own tolerance; a tolerance of 0 means equality.
[[nodiscard]] Outcome check_case(const test_support::OracleCase& oracle, const Runner& runner);

}  // namespace mlgenn::oracle
