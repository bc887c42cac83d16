// SPDX-License-Identifier: Apache-2.0
// Functions of the exact kind: written once in IR out of operations that every back end rounds alike, so that they give
// the same bits everywhere.
#pragma once

#include <string>

#include "compiler/models/builders.h"

namespace mlgenn::models {

/// e^x for f32, within 2 units in the last place; results below 2^-126 are 0, infinities and NaN are kept. `name`
/// begins the names of the locals that it introduces.
[[nodiscard]] ir::E exp(CodeBuilder& code, const std::string& name, const ir::E& x);

}  // namespace mlgenn::models
