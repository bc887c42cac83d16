// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/functions.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mlgenn::language {
namespace {

using Arguments = std::span<const double>;

constexpr std::array function_table = {
    FunctionRow{"abs", Function::abs, 1, FunctionTyping::generic},
    FunctionRow{"ceil", Function::ceil, 1, FunctionTyping::real},
    FunctionRow{"fabs", Function::fabs, 1, FunctionTyping::real},
    FunctionRow{"floor", Function::floor, 1, FunctionTyping::real},
    FunctionRow{"fma", Function::fma, 3, FunctionTyping::real},
    FunctionRow{"fmax", Function::fmax, 2, FunctionTyping::real},
    FunctionRow{"fmin", Function::fmin, 2, FunctionTyping::real},
    FunctionRow{"max", Function::max, 2, FunctionTyping::generic},
    FunctionRow{"min", Function::min, 2, FunctionTyping::generic},
    FunctionRow{"rint", Function::rint, 1, FunctionTyping::real},
    FunctionRow{"sqrt", Function::sqrt, 1, FunctionTyping::real},
};

constexpr std::array host_table = {
    HostFunction{"abs", 1, [](Arguments a) { return std::fabs(a[0]); }},
    HostFunction{"atan", 1, [](Arguments a) { return std::atan(a[0]); }},
    HostFunction{"cbrt", 1, [](Arguments a) { return std::cbrt(a[0]); }},
    HostFunction{"ceil", 1, [](Arguments a) { return std::ceil(a[0]); }},
    HostFunction{"cos", 1, [](Arguments a) { return std::cos(a[0]); }},
    HostFunction{"cosh", 1, [](Arguments a) { return std::cosh(a[0]); }},
    HostFunction{"exp", 1, [](Arguments a) { return std::exp(a[0]); }},
    HostFunction{"exp2", 1, [](Arguments a) { return std::exp2(a[0]); }},
    HostFunction{"expm1", 1, [](Arguments a) { return std::expm1(a[0]); }},
    HostFunction{"fabs", 1, [](Arguments a) { return std::fabs(a[0]); }},
    HostFunction{"floor", 1, [](Arguments a) { return std::floor(a[0]); }},
    HostFunction{"fma", 3, [](Arguments a) { return std::fma(a[0], a[1], a[2]); }},
    HostFunction{"fmax", 2, [](Arguments a) { return std::fmax(a[0], a[1]); }},
    HostFunction{"fmin", 2, [](Arguments a) { return std::fmin(a[0], a[1]); }},
    HostFunction{"fmod", 2, [](Arguments a) { return std::fmod(a[0], a[1]); }},
    HostFunction{"hypot", 2, [](Arguments a) { return std::hypot(a[0], a[1]); }},
    HostFunction{"log", 1, [](Arguments a) { return std::log(a[0]); }},
    HostFunction{"log10", 1, [](Arguments a) { return std::log10(a[0]); }},
    HostFunction{"log1p", 1, [](Arguments a) { return std::log1p(a[0]); }},
    HostFunction{"log2", 1, [](Arguments a) { return std::log2(a[0]); }},
    HostFunction{"max", 2, [](Arguments a) { return std::fmax(a[0], a[1]); }},
    HostFunction{"min", 2, [](Arguments a) { return std::fmin(a[0], a[1]); }},
    HostFunction{"pow", 2, [](Arguments a) { return std::pow(a[0], a[1]); }},
    HostFunction{"rint", 1, [](Arguments a) { return std::rint(a[0]); }},
    HostFunction{"round", 1, [](Arguments a) { return std::round(a[0]); }},
    HostFunction{"sin", 1, [](Arguments a) { return std::sin(a[0]); }},
    HostFunction{"sinh", 1, [](Arguments a) { return std::sinh(a[0]); }},
    HostFunction{"sqrt", 1, [](Arguments a) { return std::sqrt(a[0]); }},
    HostFunction{"tan", 1, [](Arguments a) { return std::tan(a[0]); }},
    HostFunction{"tanh", 1, [](Arguments a) { return std::tanh(a[0]); }},
    HostFunction{"trunc", 1, [](Arguments a) { return std::trunc(a[0]); }},
};

template <class Table>
auto find(const Table& table, std::string_view name) -> decltype(table.data()) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

template <class Table>
std::string names_of(const Table& table) {
    std::string text = "the functions are ";
    for (const auto& row : table) {
        text += (&row == &table.front() ? "" : ", ") + std::string(row.name);
    }
    return text;
}

}  // namespace

const FunctionRow* find_function(std::string_view name) {
    return find(function_table, name);
}
std::string existing_functions() {
    return names_of(function_table);
}
const HostFunction* find_host_function(std::string_view name) {
    return find(host_table, name);
}
std::string existing_host_functions() {
    return names_of(host_table);
}

}  // namespace mlgenn::language
