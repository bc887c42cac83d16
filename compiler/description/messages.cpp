// SPDX-License-Identifier: Apache-2.0
// Pieces of error texts.
#include "compiler/description/messages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::description {

void fail(std::string where, std::string problem, std::string remedy) {
    throw DescriptionError(Diagnostic{std::move(where), std::move(problem), {}, std::move(remedy)});
}

namespace {

/// Bytes of the UTF-8 sequence at the front; 0 when there is none or a control character.
std::size_t printable_bytes(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return lead >= 0x20 && lead != 0x7f ? 1 : 0;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || length > text.size()) {
        return 0;
    }
    for (const char c : text.substr(1, length - 1)) {
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    const auto second = static_cast<unsigned char>(text[1]);
    // Overlong forms, surrogates and values beyond U+10FFFF.
    const bool invalid = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                         (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
    return invalid ? 0 : length;
}

}  // namespace

std::string printable(std::string_view text, std::size_t longest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    while (!text.empty()) {
        if (result.size() >= longest) {
            return result + "...";
        }
        const std::size_t length = printable_bytes(text);
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(text.front());
            result += "\\x";
            result += digits[byte >> 4U];
            result += digits[byte & 15U];
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::string in_quotes(std::string_view text) {
    return "'" + printable(text) + "'";
}

std::string shown_path(const std::filesystem::path& path) {
    constexpr std::size_t longest_path = 4096;
    return printable(path.string(), longest_path);
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
    constexpr double longest_written_out = 1e15;
    if (std::trunc(value) == value && std::abs(value) < longest_written_out && !std::signbit(value)) {
        return std::to_string(static_cast<std::int64_t>(value));
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string element_text(const Shape& shape, std::size_t flat) {
    Shape index(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        index[axis] = flat % shape[axis];
        flat /= shape[axis];
    }
    return "element " + to_string(index);
}

}  // namespace mlgenn::description
