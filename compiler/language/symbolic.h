// SPDX-License-Identifier: Apache-2.0
// The little algebra that differential equations need, on syntax trees.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/source.h"

namespace mlgenn::language {

[[nodiscard]] ExprPtr copy_of(const Expr& expr);
[[nodiscard]] bool mentions(const Expr& expr, std::string_view name);

/// Makes a parsed expression one of real numbers: 1 / 2 is 0.5, pi is a number (unless it is one of `names`), and the
/// functions of symbolic mathematics (ln, sec, coth, asech, sinc, root, ...) become those of the language.
[[nodiscard]] ExprPtr as_real(const Expr& expr, const std::vector<std::string>& names);

/// slope * x + rest; null stands for 0. What is not linear in x stands in the rest, and mentions x there.
struct LinearForm {
    ExprPtr slope{};
    ExprPtr rest{};
};
[[nodiscard]] LinearForm linear_form(const Expr& expr, std::string_view x);

[[nodiscard]] bool is_one(const ExprPtr& expr);
/// Depends on numbers, parameters, derived parameters and dt alone, so that it can be computed on the host. For checked
/// expressions.
[[nodiscard]] bool is_constant(const Expr& expr);
/// Names of parameters and derived parameters in a checked expression, each once.
void collect_constants(const Expr& expr, std::vector<std::string>& names);

}  // namespace mlgenn::language
