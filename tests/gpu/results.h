// SPDX-License-Identifier: Apache-2.0
// Everything that a run gives back, as bytes, so that two back ends can be compared bit for bit.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"

namespace mlgenn::testing {

/// Bytes by name: readouts, traces, steps and ids of spikes by example, metrics.
using Results = std::map<std::string, std::vector<std::byte>>;

/// Compiles and runs; evaluates too where there are targets.
[[nodiscard]] Results run_network(const Network& network, const Inputs& inputs, const Targets& targets,
                                  const CompilerOptions& options);
/// Adds a test failure for every difference.
void expect_same_bits(const Results& expected, const Results& actual, const std::string& what);
/// Any recorded population fired.
[[nodiscard]] bool has_spikes(const Results& results);

}  // namespace mlgenn::testing
