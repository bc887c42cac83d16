// SPDX-License-Identifier: Apache-2.0
// Time of single timesteps: a session that plays examples one after another, at one thread.
#pragma once

#include <optional>

#include "mlgenn/session.h"
#include "tools/mlgenn_compile/bench_case.h"

namespace mlgenn::cli {

/// Plays whole examples until about 20,000 steps have been run, or all examples. Absent: the network cannot run step by
/// step.
[[nodiscard]] std::optional<LatencyReport> measure_session(const BenchCase& bench_case, Accumulation mode);

}  // namespace mlgenn::cli
