// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/source.h"

#include <algorithm>
#include <utility>

namespace mlgenn::language {
namespace {

/// Where an offset lies; lines and columns count from 1.
struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
    std::string_view text{};
};

Place place_of(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    Place place;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < offset; ++i) {
        if (text[i] == '\n') {
            ++place.line;
            begin = i + 1;
        }
    }
    place.column = offset - begin + 1;
    place.text = text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
    return place;
}

/// The part of the line around the place, in characters that take one column each.
std::vector<std::string> with_caret(const Place& place) {
    constexpr std::size_t before = 60;
    constexpr std::size_t width = 100;
    const std::size_t begin = place.column - 1 > before ? place.column - 1 - before : 0;
    std::string line(place.text.substr(begin, width));
    for (char& c : line) {
        const auto byte = static_cast<unsigned char>(c);
        c = c == '\t' ? ' ' : byte < 0x20 || byte >= 0x7f ? '?' : c;
    }
    return {line, std::string(place.column - 1 - begin, ' ') + "^"};
}

}  // namespace

void Findings::add(const Snippet& snippet, std::uint32_t offset, const std::string& problem, std::string remedy) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (offsets_[i] == offset && all_[i].part == snippet.part) {
            return;
        }
    }
    if (all_.size() >= max_findings) {
        return;
    }
    const Place place = place_of(snippet.text, offset);
    all_.push_back({snippet.part,
                    "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": " + problem,
                    with_caret(place), std::move(remedy)});
    offsets_.push_back(offset);
}

void Findings::add(std::string part, std::string problem, std::string remedy) {
    if (all_.size() < max_findings) {
        all_.push_back({std::move(part), std::move(problem), {}, std::move(remedy)});
        offsets_.push_back(UINT32_MAX);
    }
}

}  // namespace mlgenn::language
