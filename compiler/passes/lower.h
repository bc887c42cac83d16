// SPDX-License-Identifier: Apache-2.0
// From a validated network to its program, one phase per input, connection and population.
#pragma once

#include "compiler/ir/program.h"
#include "mlgenn/compiler.h"
#include "mlgenn/network.h"

namespace mlgenn::passes {

/// Establishes: VerifyStage::lowered; a single time loop that holds all phases, sources before targets where the
/// network has no cycle. Accumulators are undecided and nothing has a place.
/// Throws DescriptionError for recordings that name nothing in the network.
[[nodiscard]] ir::Program lower(const Network& network, const CompilerOptions& options);

}  // namespace mlgenn::passes
