// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/lexer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "compiler/language/functions.h"

namespace mlgenn::language {
namespace {

constexpr std::array reserved_words = {
    "asm",      "auto",      "bool",     "break",   "case",     "char",     "const",    "continue", "default",
    "do",       "double",    "else",     "enum",    "extern",   "false",    "float",    "for",      "for_each_synapse",
    "goto",     "if",        "inline",   "int",     "int16_t",  "int32_t",  "int64_t",  "int8_t",   "long",
    "register", "return",    "scalar",   "short",   "signed",   "size_t",   "sizeof",   "static",   "struct",
    "switch",   "timepoint", "true",     "typedef", "uint16_t", "uint32_t", "uint64_t", "uint8_t",  "union",
    "unsigned", "void",      "volatile", "while",
};

/// Longest first, so that the first match is the right one.
constexpr std::array<std::string_view, 44> symbols = {
    "<<=", ">>=", "<<", ">>", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "%=", "^=", "&=",
    "|=",  "++",  "--", "&&", "||", "->", "+",  "-",  "*",  "/",  "%",  "^",  "~",  "!",  "&",
    "|",   "<",   ">",  "=",  "?",  ":",  ",",  ".",  "(",  ")",  "[",  "]",  "{",  "}",
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool continues_name(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}

/// What stands where a number is expected.
struct NumberProblem {
    std::string problem;
    std::string remedy;
};

class NumberReader {
public:
    explicit NumberReader(std::string_view text) : text_(text) {}

    /// Fills `number`, or says what is wrong.
    std::optional<NumberProblem> read(NumberLiteral& number) const {
        const bool hex = text_.size() > 1 && text_[0] == '0' && (text_[1] == 'x' || text_[1] == 'X');
        const bool real = !hex && text_.find_first_of(".eE") != std::string_view::npos;
        std::size_t digits = text_.size();
        const std::string_view suffixes = hex ? "uUlL" : "uUlLfFdD";
        while (digits > 0 && suffixes.find(text_[digits - 1]) != std::string_view::npos) {
            --digits;
        }
        const std::string_view suffix = text_.substr(digits);
        if (suffix == "d" || suffix == "D") {
            return NumberProblem{"not supported: double numbers such as '" + shown() + "'",
                                 "values are float; leave the d out"};
        }
        if (suffix.find_first_of("lL") != std::string_view::npos) {
            return NumberProblem{"not supported: 64-bit numbers such as '" + shown() + "'",
                                 "whole numbers have 32 bits; leave the l out"};
        }
        if (real || suffix == "f" || suffix == "F") {
            return suffix.empty() || suffix == "f" || suffix == "F" ? real_number(text_.substr(0, digits), number)
                                                                    : malformed();
        }
        if (!suffix.empty() && suffix != "u" && suffix != "U") {
            return malformed();
        }
        return whole_number(text_.substr(0, digits), hex, !suffix.empty(), number);
    }

private:
    [[nodiscard]] std::string shown() const { return std::string(text_.substr(0, 40)); }
    [[nodiscard]] NumberProblem malformed() const {
        return {"'" + shown() + "' is not a number", "write it as 12, 12u, 0x1F, 1.5, .5, 1e-3 or 1f"};
    }

    std::optional<NumberProblem> whole_number(std::string_view digits, bool hex, bool is_unsigned,
                                              NumberLiteral& number) const {
        if (hex) {
            digits.remove_prefix(2);
        } else if (digits.size() > 1 && digits[0] == '0') {
            return NumberProblem{"not supported: octal numbers such as '" + shown() + "'",
                                 "leave the leading 0 out, or write it in hexadecimal (0x...)"};
        }
        std::uint64_t value = 0;
        const char* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
        if (digits.empty() || stop != end) {
            return malformed();
        }
        const std::uint64_t limit = is_unsigned ? std::numeric_limits<std::uint32_t>::max()
                                                : static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
        if (error != std::errc() || value > limit) {
            return NumberProblem{"'" + shown() + "' does not fit " + (is_unsigned ? "unsigned int" : "int") +
                                     ", which ends at " + std::to_string(limit),
                                 is_unsigned ? "whole numbers have 32 bits; write a float, as in 1e10"
                                             : "write it as unsigned int (with u) or as float (with .0)"};
        }
        number = {is_unsigned ? ValueType::u32 : ValueType::i32, static_cast<std::uint32_t>(value),
                  static_cast<double>(value)};
        return std::nullopt;
    }

    std::optional<NumberProblem> real_number(std::string_view digits, NumberLiteral& number) const {
        const char* end = digits.data() + digits.size();
        double wide = 0.0;
        const auto [stop, error] = std::from_chars(digits.data(), end, wide);
        if (stop != end || digits.empty()) {
            return malformed();
        }
        float narrow = 0.0F;
        const auto rounded = std::from_chars(digits.data(), end, narrow);
        if (rounded.ec == std::errc::result_out_of_range && error == std::errc() && std::abs(wide) < 1.0) {
            narrow = 0.0F;
        } else if (error != std::errc() || rounded.ec != std::errc() || !std::isfinite(narrow)) {
            return NumberProblem{"'" + shown() + "' does not fit float, which ends at 3.4028235e+38",
                                 "choose a number in its range"};
        }
        number = {ValueType::f32, std::bit_cast<std::uint32_t>(narrow), wide};
        return std::nullopt;
    }

    std::string_view text_;
};

class Lexer {
public:
    Lexer(const Snippet& snippet, Findings& findings) : snippet_(snippet), text_(snippet.text), findings_(findings) {}

    std::vector<Token> run() {
        while (skip_blanks()) {
            next();
        }
        push(TokenKind::end, static_cast<std::uint32_t>(text_.size()), {});
        return std::move(tokens_);
    }

private:
    [[nodiscard]] char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

    void push(TokenKind kind, std::size_t offset, std::string_view text) {
        tokens_.push_back({kind, static_cast<std::uint32_t>(offset), text, {}});
    }

    void report(std::size_t offset, const std::string& problem, std::string remedy) {
        findings_.add(snippet_, static_cast<std::uint32_t>(offset), problem, std::move(remedy));
    }

    /// Blanks and comments. False at the end.
    bool skip_blanks() {
        while (position_ < text_.size()) {
            if (is_space(text_[position_])) {
                ++position_;
            } else if (text_.substr(position_, 2) == "//") {
                position_ = std::min(text_.find('\n', position_), text_.size());
            } else if (text_.substr(position_, 2) == "/*") {
                const std::size_t end = text_.find("*/", position_ + 2);
                if (end == std::string_view::npos) {
                    report(position_, "the comment has no end", "close it with */");
                    position_ = text_.size();
                } else {
                    position_ = end + 2;
                }
            } else {
                return true;
            }
        }
        return false;
    }

    void next() {
        const char c = text_[position_];
        if (is_letter(c)) {
            name();
        } else if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) {
            number();
        } else if (c == '$') {
            legacy_name();
        } else if (c == '"' || c == '\'') {
            literal_text(c);
        } else if (c == ';') {
            push(TokenKind::symbol, position_, text_.substr(position_, 1));
            ++position_;
        } else {
            symbol();
        }
    }

    std::string_view take_name() {
        const std::size_t begin = position_;
        while (continues_name(at(position_))) {
            ++position_;
        }
        return text_.substr(begin, position_ - begin);
    }

    void name() {
        const std::size_t begin = position_;
        push(TokenKind::name, begin, take_name());
    }

    void number() {
        const std::size_t begin = position_;
        const bool hex = text_[begin] == '0' && (at(begin + 1) == 'x' || at(begin + 1) == 'X');
        while (continues_name(at(position_)) || at(position_) == '.') {
            const char c = text_[position_++];
            if (!hex && (c == 'e' || c == 'E') && (at(position_) == '+' || at(position_) == '-')) {
                ++position_;
            }
        }
        const std::string_view text = text_.substr(begin, position_ - begin);
        push(TokenKind::number, begin, text);
        if (auto problem = NumberReader(text).read(tokens_.back().number)) {
            report(begin, problem->problem, problem->remedy);
        }
    }

    /// $(x) is x, $(f, x) is f(x), and $(f) is f() of a function without arguments.
    void legacy_name() {
        const std::size_t begin = position_++;
        const bool opened = at(position_) == '(';
        position_ += opened ? 1 : 0;
        skip_blanks();
        const std::size_t place = position_;
        const std::string_view text = is_letter(at(position_)) ? take_name() : std::string_view();
        skip_blanks();
        const char after = at(position_);
        if (!opened || text.empty() || (after != ')' && after != ',')) {
            report(begin, "'$' does not begin $(name) or $(function, ...)", "write the name alone");
            return;
        }
        push(TokenKind::name, place, text);
        const FunctionRow* function = find_function(text);
        const bool called = after == ')' && function != nullptr && function->num_arguments == 0;
        if (after == ',' || called) {
            push(TokenKind::symbol, position_, "(");
        }
        if (called) {
            push(TokenKind::symbol, position_, ")");
        }
        ++position_;
    }

    void literal_text(char quote) {
        report(position_, "not supported: character and string literals", "code computes with numbers only");
        ++position_;
        while (position_ < text_.size() && text_[position_] != quote && text_[position_] != '\n') {
            ++position_;
        }
        position_ += position_ < text_.size() ? 1 : 0;
    }

    void symbol() {
        for (const std::string_view symbol : symbols) {
            if (text_.substr(position_, symbol.size()) == symbol) {
                push(TokenKind::symbol, position_, text_.substr(position_, symbol.size()));
                position_ += symbol.size();
                return;
            }
        }
        const char c = text_[position_];
        const std::size_t begin = position_;
        if (c == '_') {
            const std::string name(take_name().substr(0, 40));
            report(begin, "'" + name + "' begins with an underscore", "names begin with a letter");
            push(TokenKind::name, begin, text_.substr(begin, position_ - begin));
            return;
        }
        ++position_;
        if (c == '#') {
            position_ = std::min(text_.find('\n', position_), text_.size());
            report(begin, "not supported: preprocessor directives", "write the code without them");
            return;
        }
        const auto byte = static_cast<unsigned char>(c);
        const bool shown = byte > 0x20 && byte < 0x7f;
        report(begin, shown ? std::string("'") + c + "' is not part of the language" : "this character is not text",
               "remove it");
    }

    const Snippet& snippet_;
    std::string_view text_;
    Findings& findings_;
    std::size_t position_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const Snippet& snippet, Findings& findings) {
    return Lexer(snippet, findings).run();
}

bool is_reserved_word(std::string_view text) {
    return std::find(reserved_words.begin(), reserved_words.end(), text) != reserved_words.end();
}

bool is_name(std::string_view text) {
    return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), continues_name) &&
           !is_reserved_word(text);
}

}  // namespace mlgenn::language
