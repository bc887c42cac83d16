// SPDX-License-Identifier: Apache-2.0
// The functions that code can call.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "compiler/language/ast.h"

namespace mlgenn::language {

enum class FunctionTyping : std::uint8_t {
    real,     ///< float arguments and result
    generic,  ///< the arguments' common type
};

struct FunctionRow {
    std::string_view name;
    Function function;
    std::size_t num_arguments;
    FunctionTyping typing;
};

/// Null when there is none.
[[nodiscard]] const FunctionRow* find_function(std::string_view name);
/// "the functions are abs, ceil, ...".
[[nodiscard]] std::string existing_functions();

/// A function of derived parameters, computed in double on the host.
struct HostFunction {
    std::string_view name;
    std::size_t num_arguments;
    double (*apply)(std::span<const double>);
};
[[nodiscard]] const HostFunction* find_host_function(std::string_view name);
[[nodiscard]] std::string existing_host_functions();

}  // namespace mlgenn::language
