// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?" by edit distance.
#include "compiler/description/suggestions.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "compiler/description/messages.h"

namespace mlgenn::description {

namespace {

/// Longer names are not compared: nobody's typing slip, and the comparison takes quadratic time.
constexpr std::size_t longest_compared = 128;
constexpr std::size_t most_compared = 1000;

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_previous(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        previous[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_previous[j - 2] + 1);
            }
        }
        before_previous.swap(previous);
        previous.swap(current);
    }
    return previous[b.size()];
}

}  // namespace

std::optional<std::string> closest(std::string_view given, std::span<const std::string> known) {
    if (given.empty() || given.size() > longest_compared) {
        return std::nullopt;
    }
    const std::string wanted = lower_case(given);
    std::optional<std::string> best;
    // At most every third letter may differ, and never all of them.
    std::size_t best_distance = std::min(std::max<std::size_t>(1, given.size() / 3) + 1, given.size());
    for (const std::string& candidate : known.first(std::min(known.size(), most_compared))) {
        if (candidate.size() > longest_compared) {
            continue;
        }
        const std::size_t distance = edit_distance(wanted, lower_case(candidate));
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view given, std::span<const std::string> known, std::string_view known_are) {
    if (const std::optional<std::string> near = closest(given, known)) {
        return "did you mean '" + *near + "'?";
    }
    return std::string(known_are) + " " + listed(known);
}

}  // namespace mlgenn::description
