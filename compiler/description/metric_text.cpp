// SPDX-License-Identifier: Apache-2.0
// Metrics as text.
#include "compiler/description/metric_text.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "compiler/description/messages.h"
#include "compiler/description/validate_parameters.h"

namespace mlgenn::description {

namespace {

constexpr std::size_t longest_text = 1024;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// A number, true, false, null, or else a word.
Value value_of(std::string_view text) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) {
        return number;
    }
    if (text == "true" || text == "false") {
        return text == "true";
    }
    return text == "null" ? Value() : Value(std::string(text));
}

/// "k=3, x=0.5" into `params`; what is wrong, else nothing.
std::string parse_parameters(std::string_view list, Parameters& params) {
    while (!trimmed(list).empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view item = trimmed(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
        const std::size_t equals = item.find('=');
        const std::string_view name = trimmed(item.substr(0, equals));
        const std::string_view value = equals == item.npos ? "" : trimmed(item.substr(equals + 1));
        if (name.empty() || value.empty()) {
            return "found " + in_quotes(item) + " between the parentheses, expected PARAMETER=VALUE";
        }
        if (!params.emplace(std::string(name), value_of(value)).second) {
            return "the parameter " + in_quotes(name) + " is given twice";
        }
    }
    return {};
}

}  // namespace

std::string parse_metric_text(MetricSpec& spec) {
    const std::string text = spec.metric.model;
    if (text.find_first_of(":( \t") == text.npos || !spec.metric.params.empty()) {
        return {};
    }
    if (text.size() > longest_text) {
        return "the text has " + std::to_string(text.size()) + " bytes, expected at most " +
               std::to_string(longest_text);
    }
    std::string_view rest = trimmed(text);
    const std::size_t open = rest.find('(');
    if (const std::size_t colon = rest.find(':'); colon < open) {
        spec.name = trimmed(rest.substr(0, colon));
        if (spec.name.empty()) {
            return "found " + in_quotes(text) + ", which has no name before the ':'";
        }
        rest = trimmed(rest.substr(colon + 1));
    }
    const std::size_t begin = rest.find('(');
    spec.metric.model = trimmed(rest.substr(0, begin));
    if (begin == rest.npos) {
        return {};
    }
    if (rest.back() != ')') {
        return "found " + in_quotes(text) + ", expected ')' at the end";
    }
    return parse_parameters(rest.substr(begin + 1, rest.size() - begin - 2), spec.metric.params);
}

std::string metric_text(const ModelSpec& metric) {
    std::string text;
    for (const auto& [name, value] : metric.params) {
        const std::string* word = value.get_if<std::string>();
        text += (text.empty() ? "(" : ", ") + name + "=" + (word != nullptr ? *word : describe(value));
    }
    return metric.model + text + (text.empty() ? "" : ")");
}

}  // namespace mlgenn::description
