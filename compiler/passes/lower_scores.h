// SPDX-License-Identifier: Apache-2.0
// Score functions for every output and metric that evaluate() may be asked for.
#pragma once

#include "compiler/ir/program.h"
#include "compiler/language/user_models.h"
#include "mlgenn/compiler.h"
#include "mlgenn/network.h"

namespace mlgenn::passes {

/// Requires: outputs are known; the metrics of `network` are complete, with those of the options put in place.
/// Establishes: program.scores.
void lower_scores(ir::Program& program, const Network& network, const language::ModelTable& models,
                  const CompilerOptions& options);

}  // namespace mlgenn::passes
