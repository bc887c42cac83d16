// SPDX-License-Identifier: Apache-2.0
// Where functions in IR write their statements: locals with names of their own.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "compiler/models/builders.h"

namespace mlgenn::models {

class Scratch {
public:
    /// Locals are called "<prefix>0", "<prefix>1", ...
    Scratch(CodeBuilder& code, std::string prefix) : code_(code), prefix_(std::move(prefix)) {}

    [[nodiscard]] CodeBuilder& code() { return code_; }
    [[nodiscard]] std::string fresh_name() { return prefix_ + std::to_string(num_names_++); }
    /// The value under a name, so that it can be used several times.
    [[nodiscard]] ir::E bind(const ir::E& value);
    /// A local that can be assigned, also where only some neurons run.
    [[nodiscard]] ir::E variable(const ir::E& first);
    void assign(const ir::E& variable, const ir::E& value);

private:
    CodeBuilder& code_;
    std::string prefix_;
    std::uint32_t num_names_ = 0;
};

/// Horner's scheme with fused steps; coefficients from the highest power on.
[[nodiscard]] ir::E polynomial(const ir::E& x, std::span<const float> coefficients);
/// 2^n for an i32 n of -126 to 127.
[[nodiscard]] ir::E power_of_two(const ir::E& n);
[[nodiscard]] ir::E absolute(const ir::E& x);
[[nodiscard]] ir::E is_nan(const ir::E& x);
[[nodiscard]] ir::E infinity();
[[nodiscard]] ir::E not_a_number();

}  // namespace mlgenn::models
