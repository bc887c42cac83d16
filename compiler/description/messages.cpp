// SPDX-License-Identifier: Apache-2.0
// Pieces of error texts.
#include "compiler/description/messages.h"

#include <array>
#include <charconv>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::description {

void fail(std::string where, std::string problem, std::string remedy) {
    throw DescriptionError(Diagnostic{std::move(where), std::move(problem), {}, std::move(remedy)});
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        if (result.size() >= longest) {
            return result + "...";
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            result += "\\x";
            result += digits[byte >> 4U];
            result += digits[byte & 15U];
        } else {
            result += c;
        }
    }
    return result;
}

std::string in_quotes(std::string_view text) {
    return "'" + printable(text) + "'";
}

std::string listed(std::span<const std::string> names) {
    constexpr std::size_t longest = 24;
    if (names.empty()) {
        return "none";
    }
    std::string result;
    for (std::size_t i = 0; i < names.size(); ++i) {
        result += i == 0 ? "" : ", ";
        if (i == longest) {
            return result + "...";
        }
        result += printable(names[i]);
    }
    return result;
}

std::string number_text(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace mlgenn::description
