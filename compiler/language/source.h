// SPDX-License-Identifier: Apache-2.0
// Code strings of user models, and what is wrong with them: line, column, and the line with a caret under the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlgenn::language {

/// Longer code is refused: it is not written by hand, and its compilation would take minutes.
inline constexpr std::size_t max_code_bytes = 16384;
/// Deepest nesting of statements and expressions.
inline constexpr std::uint32_t max_nesting = 256;

/// One code string of a model. Tokens and syntax trees refer into `text`, so it stays where it is.
struct Snippet {
    /// Its key in the model: "sim_code", "derived_params/alpha".
    std::string part{};
    std::string text{};
};

/// One problem in a code string.
struct Finding {
    std::string part{};
    /// "line 2, column 7: there is no 'W'".
    std::string problem{};
    /// The line of code, and a line with a caret below the place.
    std::vector<std::string> notes{};
    std::string remedy{};
};

/// Collects the findings of one model, one per place and at most `max_findings` in all.
class Findings {
public:
    void add(const Snippet& snippet, std::uint32_t offset, const std::string& problem, std::string remedy);
    /// A finding about the model that has no place in a code string.
    void add(std::string part, std::string problem, std::string remedy);
    [[nodiscard]] const std::vector<Finding>& all() const { return all_; }
    [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
    static constexpr std::size_t max_findings = 50;

    std::vector<Finding> all_;
    std::vector<std::uint32_t> offsets_;
};

}  // namespace mlgenn::language
