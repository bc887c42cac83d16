// SPDX-License-Identifier: Apache-2.0
// Score functions for every output and metric that evaluate() may be asked for.
#pragma once

#include "compiler/ir/program.h"
#include "mlgenn/compiler.h"

namespace mlgenn::passes {

/// Requires: outputs are known. Establishes: program.scores.
void lower_scores(ir::Program& program, const CompilerOptions& options);

}  // namespace mlgenn::passes
