// SPDX-License-Identifier: Apache-2.0
// IR expressions as CUDA C++: one line, exact literals, parentheses only where the language needs them.
#pragma once

#include <string>

#include "compiler/backends/cuda/names.h"
#include "compiler/ir/expr.h"
#include "compiler/ir/program.h"

namespace mlgenn::cuda {

class ExprPrinter {
public:
    ExprPrinter(const ir::Program& program, NameTable& names) : program_(program), names_(names) {}

    [[nodiscard]] std::string print(const ir::ExprPtr& expr) const { return print(*expr, 0); }
    /// In parentheses where it could not stand beside `+` or `<`: the bounds of a loop.
    [[nodiscard]] std::string print_bound(const ir::ExprPtr& expr) const;
    /// `buffer[index]`, as the left side of an assignment; a local variable for state in registers.
    [[nodiscard]] std::string element(ir::BufferId buffer, const ir::ExprPtr& index) const;

private:
    /// Parenthesised when the expression binds weaker than `context`.
    [[nodiscard]] std::string print(const ir::Expr& expr, int context) const;
    [[nodiscard]] std::string unary(const ir::Unary& node, ir::Type type, int context) const;
    [[nodiscard]] std::string binary(const ir::Binary& node, ir::Type type, int context) const;
    [[nodiscard]] std::string load(const ir::Load& node) const;
    [[nodiscard]] std::string call(const std::string& function, const ir::ExprPtr& a, const ir::ExprPtr& b) const;

    const ir::Program& program_;
    NameTable& names_;
};

/// "float", "i32", "u32" or "bool".
[[nodiscard]] std::string type_name(ir::Type type);
/// The type of a stored element: "i8" ... "float".
[[nodiscard]] std::string storage_name(Storage storage);
/// The shortest literal that gives back exactly these bits.
[[nodiscard]] std::string literal(std::uint32_t bits, ir::Type type);

}  // namespace mlgenn::cuda
