// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/text_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "mlgenn/errors.h"

namespace mlgenn::cli {

std::string format_number(double value) {
    if (!std::isfinite(value)) {
        return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    const double magnitude = std::fabs(value);
    const int exponent = magnitude > 0 ? static_cast<int>(std::floor(std::log10(magnitude))) : 0;
    std::array<char, 400> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", std::clamp(2 - exponent, 0, 12), value);
    return buffer.data();
}

std::string format_float(float value) {
    std::array<char, 64> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

std::string format_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t place = digits.size(); place > 3; place -= 3) {
        digits.insert(place - 3, ",");
    }
    return digits;
}

std::string format_count(std::uint64_t count, const std::string& singular) {
    return format_count(count) + ' ' + singular + (count == 1 ? "" : "s");
}

std::string format_ms(double milliseconds) {
    return milliseconds >= 1000.0 ? format_number(milliseconds / 1000.0) + " s" : format_number(milliseconds) + " ms";
}

std::string format_bytes(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (bytes < 1000) {
        return std::to_string(bytes) + " B";
    }
    if (bytes < 1000 * 1000) {
        return format_number(value / 1e3) + " kB";
    }
    return bytes < 1000ULL * 1000 * 1000 ? format_number(value / 1e6) + " MB" : format_number(value / 1e9) + " GB";
}

std::string format_si(double value) {
    const std::array<std::pair<double, const char*>, 4> steps{{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
    for (const auto& [factor, prefix] : steps) {
        if (std::fabs(value) >= factor) {
            return format_number(value / factor) + prefix;
        }
    }
    return format_number(value);
}

std::string format_value(const Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "off"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(double number) const { return format_float(static_cast<float>(number)); }
        std::string operator()(const std::string& word) const { return word; }
        std::string operator()(const Array& array) const {
            return std::string(name_of(array.dtype())) + ' ' + to_string(array.shape());
        }
        std::string operator()(const Initialiser& initialiser) const {
            std::string text = initialiser.name + "(";
            for (const auto& [name, number] : initialiser.params) {
                text += (text.back() == '(' ? "" : ", ") + name + "=" + format_float(static_cast<float>(number));
            }
            return text + ")";
        }
    };
    return std::visit(Visitor{}, value.variant());
}

double median(std::vector<double> values) {
    if (values.empty()) {
        throw InternalError("the median of nothing was asked for");
    }
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

}  // namespace mlgenn::cli
