// SPDX-License-Identifier: Apache-2.0
// Code strings as tokens.
#pragma once

#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/source.h"

namespace mlgenn::language {

enum class TokenKind : std::uint8_t { name, number, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::uint32_t offset = 0;
    /// As written; `$(x)` gives the name x, and `$(f, x)` the tokens of f(x).
    std::string_view text{};
    NumberLiteral number{};
};

/// Always ends with an `end` token. What is no token is reported and left out.
[[nodiscard]] std::vector<Token> tokenize(const Snippet& snippet, Findings& findings);

/// A letter, then letters, digits and underscores, and no word of the language.
[[nodiscard]] bool is_name(std::string_view text);
[[nodiscard]] bool is_reserved_word(std::string_view text);

}  // namespace mlgenn::language
