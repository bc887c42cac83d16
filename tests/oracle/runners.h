// SPDX-License-Identifier: Apache-2.0
// Everything that can run a recorded case, in one table.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/reference/reference_interpreter.h"
#include "tests/support/oracle_case.h"

namespace mlgenn::oracle {

struct CaseResult {
    std::map<std::string, Array> outputs;
    /// As mlGeNN 2.4 gives them, if the case asks for that.
    std::map<std::string, Array> original_outputs;
    Recordings recordings;
    /// One value per OracleCase::metrics.
    std::vector<double> metrics;
};

struct Runner {
    /// "llvm exact": a back end and a mode.
    std::string name;
    /// Throws test_support::UnsupportedCase, with the reason, for a case that it cannot run.
    std::function<CaseResult(const test_support::OracleCase&)> run;
};

/// The reference interpreter in all its modes.
[[nodiscard]] std::vector<Runner> reference_runners();
/// Every back end that is available on this machine, in all modes that have one answer.
[[nodiscard]] std::vector<Runner> backend_runners();
/// Both.
[[nodiscard]] std::vector<Runner> all_runners();

}  // namespace mlgenn::oracle
