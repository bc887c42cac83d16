// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/functions.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mlgenn::language {
namespace {

using Arguments = std::span<const double>;

constexpr std::array function_table = {
    FunctionRow{"abs", Function::abs, 1},
    FunctionRow{"acos", Function::acos, 1},
    FunctionRow{"acosh", Function::acosh, 1},
    FunctionRow{"asin", Function::asin, 1},
    FunctionRow{"asinh", Function::asinh, 1},
    FunctionRow{"atan", Function::atan, 1},
    FunctionRow{"atan2", Function::atan2, 2},
    FunctionRow{"atanh", Function::atanh, 1},
    FunctionRow{"cbrt", Function::cbrt, 1},
    FunctionRow{"ceil", Function::ceil, 1},
    FunctionRow{"copysign", Function::copysign, 2},
    FunctionRow{"cos", Function::cos, 1},
    FunctionRow{"cosh", Function::cosh, 1},
    FunctionRow{"erf", Function::erf, 1},
    FunctionRow{"exp", Function::exp, 1},
    FunctionRow{"exp2", Function::exp2, 1},
    FunctionRow{"expm1", Function::expm1, 1},
    FunctionRow{"fabs", Function::fabs, 1},
    FunctionRow{"fdim", Function::fdim, 2},
    FunctionRow{"floor", Function::floor, 1},
    FunctionRow{"fma", Function::fma, 3},
    FunctionRow{"fmax", Function::fmax, 2},
    FunctionRow{"fmin", Function::fmin, 2},
    FunctionRow{"fmod", Function::fmod, 2},
    FunctionRow{"gennrand", Function::gennrand, 0, ValueType::u32},
    FunctionRow{"gennrand_binomial", Function::gennrand_binomial, 2, ValueType::u32, {ValueType::u32, ValueType::f32}},
    FunctionRow{"gennrand_exponential", Function::gennrand_exponential, 0},
    FunctionRow{"gennrand_gamma", Function::gennrand_gamma, 1},
    FunctionRow{"gennrand_log_normal", Function::gennrand_log_normal, 2},
    FunctionRow{"gennrand_normal", Function::gennrand_normal, 0},
    FunctionRow{"gennrand_uniform", Function::gennrand_uniform, 0},
    FunctionRow{"hypot", Function::hypot, 2},
    FunctionRow{"ilogb", Function::ilogb, 1, ValueType::i32},
    FunctionRow{"ldexp", Function::ldexp, 2, ValueType::f32, {ValueType::f32, ValueType::i32}},
    FunctionRow{"log", Function::log, 1},
    FunctionRow{"log10", Function::log10, 1},
    FunctionRow{"log1p", Function::log1p, 1},
    FunctionRow{"log2", Function::log2, 1},
    FunctionRow{"max", Function::max, 2},
    FunctionRow{"min", Function::min, 2},
    FunctionRow{"nearbyint", Function::rint, 1},
    FunctionRow{"pow", Function::pow, 2},
    FunctionRow{"remainder", Function::remainder, 2},
    FunctionRow{"rint", Function::rint, 1},
    FunctionRow{"round", Function::round, 1},
    FunctionRow{"scalbn", Function::ldexp, 2, ValueType::f32, {ValueType::f32, ValueType::i32}},
    FunctionRow{"sin", Function::sin, 1},
    FunctionRow{"sinc", Function::sinc, 1},
    FunctionRow{"sinh", Function::sinh, 1},
    FunctionRow{"sqrt", Function::sqrt, 1},
    FunctionRow{"tan", Function::tan, 1},
    FunctionRow{"tanh", Function::tanh, 1},
    FunctionRow{"trunc", Function::trunc, 1},
};

struct Missing {
    std::string_view name;
    std::string_view advice;
};

constexpr std::array missing_table = {
    Missing{"assert", "code has no way to stop; check parameters in the description"},
    Missing{"erfc", "write 1 - erf(x), which loses digits for large x"},
    Missing{"lgamma", "compute it in a derived parameter, or outside"},
    Missing{"nextafter", "add a small number"},
    Missing{"printf", "record variables instead"},
    Missing{"tgamma", "compute it in a derived parameter, or outside"},
};

constexpr std::array host_table = {
    HostFunction{"abs", 1, [](Arguments a) { return std::fabs(a[0]); }},
    HostFunction{"acos", 1, [](Arguments a) { return std::acos(a[0]); }},
    HostFunction{"acosh", 1, [](Arguments a) { return std::acosh(a[0]); }},
    HostFunction{"asin", 1, [](Arguments a) { return std::asin(a[0]); }},
    HostFunction{"asinh", 1, [](Arguments a) { return std::asinh(a[0]); }},
    HostFunction{"atan", 1, [](Arguments a) { return std::atan(a[0]); }},
    HostFunction{"atan2", 2, [](Arguments a) { return std::atan2(a[0], a[1]); }},
    HostFunction{"atanh", 1, [](Arguments a) { return std::atanh(a[0]); }},
    HostFunction{"cbrt", 1, [](Arguments a) { return std::cbrt(a[0]); }},
    HostFunction{"ceil", 1, [](Arguments a) { return std::ceil(a[0]); }},
    HostFunction{"copysign", 2, [](Arguments a) { return std::copysign(a[0], a[1]); }},
    HostFunction{"cos", 1, [](Arguments a) { return std::cos(a[0]); }},
    HostFunction{"cosh", 1, [](Arguments a) { return std::cosh(a[0]); }},
    HostFunction{"erf", 1, [](Arguments a) { return std::erf(a[0]); }},
    HostFunction{"erfc", 1, [](Arguments a) { return std::erfc(a[0]); }},
    HostFunction{"exp", 1, [](Arguments a) { return std::exp(a[0]); }},
    HostFunction{"exp2", 1, [](Arguments a) { return std::exp2(a[0]); }},
    HostFunction{"expm1", 1, [](Arguments a) { return std::expm1(a[0]); }},
    HostFunction{"fabs", 1, [](Arguments a) { return std::fabs(a[0]); }},
    HostFunction{"fdim", 2, [](Arguments a) { return std::fdim(a[0], a[1]); }},
    HostFunction{"floor", 1, [](Arguments a) { return std::floor(a[0]); }},
    HostFunction{"fma", 3, [](Arguments a) { return std::fma(a[0], a[1], a[2]); }},
    HostFunction{"fmax", 2, [](Arguments a) { return std::fmax(a[0], a[1]); }},
    HostFunction{"fmin", 2, [](Arguments a) { return std::fmin(a[0], a[1]); }},
    HostFunction{"fmod", 2, [](Arguments a) { return std::fmod(a[0], a[1]); }},
    HostFunction{"hypot", 2, [](Arguments a) { return std::hypot(a[0], a[1]); }},
    HostFunction{"lgamma", 1, [](Arguments a) { return std::lgamma(a[0]); }},
    HostFunction{"log", 1, [](Arguments a) { return std::log(a[0]); }},
    HostFunction{"log10", 1, [](Arguments a) { return std::log10(a[0]); }},
    HostFunction{"log1p", 1, [](Arguments a) { return std::log1p(a[0]); }},
    HostFunction{"log2", 1, [](Arguments a) { return std::log2(a[0]); }},
    HostFunction{"max", 2, [](Arguments a) { return std::fmax(a[0], a[1]); }},
    HostFunction{"min", 2, [](Arguments a) { return std::fmin(a[0], a[1]); }},
    HostFunction{"nearbyint", 1, [](Arguments a) { return std::nearbyint(a[0]); }},
    HostFunction{"pow", 2, [](Arguments a) { return std::pow(a[0], a[1]); }},
    HostFunction{"remainder", 2, [](Arguments a) { return std::remainder(a[0], a[1]); }},
    HostFunction{"rint", 1, [](Arguments a) { return std::rint(a[0]); }},
    HostFunction{"round", 1, [](Arguments a) { return std::round(a[0]); }},
    HostFunction{"sin", 1, [](Arguments a) { return std::sin(a[0]); }},
    HostFunction{"sinc", 1, [](Arguments a) { return a[0] == 0.0 ? 1.0 : std::sin(a[0]) / a[0]; }},
    HostFunction{"sinh", 1, [](Arguments a) { return std::sinh(a[0]); }},
    HostFunction{"sqrt", 1, [](Arguments a) { return std::sqrt(a[0]); }},
    HostFunction{"tan", 1, [](Arguments a) { return std::tan(a[0]); }},
    HostFunction{"tanh", 1, [](Arguments a) { return std::tanh(a[0]); }},
    HostFunction{"tgamma", 1, [](Arguments a) { return std::tgamma(a[0]); }},
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
bool is_generic(Function function) {
    return function == Function::abs || function == Function::max || function == Function::min;
}
bool is_random(Function function) {
    return function >= Function::gennrand && function <= Function::gennrand_uniform;
}
std::string_view advice_on_missing(std::string_view name) {
    const Missing* row = find(missing_table, name);
    return row == nullptr ? std::string_view() : row->advice;
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
