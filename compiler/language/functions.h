// SPDX-License-Identifier: Apache-2.0
// The functions that code can call.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "compiler/language/ast.h"

namespace mlgenn::language {

struct FunctionRow {
    std::string_view name;
    Function function;
    std::size_t num_arguments;
    ValueType result = ValueType::f32;
    std::array<ValueType, 3> arguments = {ValueType::f32, ValueType::f32, ValueType::f32};
};

/// Takes any type and gives back the arguments' common one.
[[nodiscard]] bool is_generic(Function function);
[[nodiscard]] bool is_random(Function function);
/// Null when there is none.
[[nodiscard]] const FunctionRow* find_function(std::string_view name);
/// Of what C or GeNN has and this language has not: what to do instead. Empty for names that are unknown to them.
[[nodiscard]] std::string_view advice_on_missing(std::string_view name);
/// "the functions are abs, acos, ...".
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
