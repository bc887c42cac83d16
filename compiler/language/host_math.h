// SPDX-License-Identifier: Apache-2.0
// Derived parameters: expressions of parameters and dt, computed once per model or neuron in double.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/source.h"

namespace mlgenn::language {

using HostValues = std::map<std::string, double, std::less<>>;

/// Reports what `expr` cannot mean: all numbers are double, so there is nothing that needs integers. `names` are the
/// names that it may use; those that it does use are added to `used`.
void check_host(const Snippet& snippet, const Expr& expr, const std::vector<std::string>& names,
                std::vector<std::string>& used, Findings& findings);
/// The value of a checked expression.
[[nodiscard]] double evaluate(const Expr& expr, const HostValues& values);

}  // namespace mlgenn::language
