// SPDX-License-Identifier: Apache-2.0
// Tokens to syntax trees. Whatever cannot be lowered is refused here or in the type checker, by name.
#pragma once

#include <optional>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/lexer.h"
#include "compiler/language/source.h"

namespace mlgenn::language {

/// Equations know powers, x**y, in addition.
enum class Dialect : std::uint8_t { code, equations };

/// Recursive descent. After an error it goes on behind the next `;` or at the end of the block, so that several
/// errors are found at once.
class Parser {
public:
    /// `snippet` and `findings` outlive the parser, `snippet` also the trees.
    Parser(const Snippet& snippet, Findings& findings, Dialect dialect = Dialect::code);

    [[nodiscard]] std::vector<StmtPtr> statements();
    /// One expression and nothing behind it; null after an error.
    [[nodiscard]] ExprPtr lone_expression();

private:
    /// Unwinds to the statement that contains the error.
    struct Panic {};
    class Nesting;

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
    Token take();
    [[nodiscard]] bool is_next(std::string_view text, std::size_t ahead = 0) const;
    bool accept(std::string_view text);
    Token expect(std::string_view text, const std::string& where);
    void report(std::uint32_t offset, const std::string& problem, std::string remedy);
    [[noreturn]] void fail(std::uint32_t offset, const std::string& problem, std::string remedy);
    [[noreturn]] void fail_unexpected(const std::string& expected);
    [[nodiscard]] static std::string shown(const Token& token);
    void skip_to_end_of_statement();
    void skip_balanced(std::string_view open, std::string_view close);

    // parse_statements.cpp
    void statement_into(std::vector<StmtPtr>& list);
    StmtPtr statement();
    StmtPtr block();
    StmtPtr if_statement();
    StmtPtr for_statement();
    void check_for_step(const ForStmt& loop, const Expr& step, std::uint32_t offset);
    void for_condition(ForStmt& loop);
    StmtPtr declaration();
    std::vector<ExprPtr> expression_list();
    StmtPtr switch_statement();
    SwitchCase switch_case();
    std::uint32_t case_label();
    StmtPtr jump_statement();
    StmtPtr unsupported_statement();
    [[nodiscard]] StmtPtr body();

    // Types: names of types begin declarations and casts.
    [[nodiscard]] bool at_type(std::size_t ahead = 0) const;
    ValueType type_name(bool* is_constant);

    // parse_expressions.cpp
    ExprPtr expression();
    ExprPtr assignment();
    ExprPtr conditional();
    ExprPtr binary(int lowest);
    ExprPtr unary();
    ExprPtr step(bool postfix, ExprPtr target, std::uint32_t offset, bool up);
    ExprPtr power();
    ExprPtr postfix();
    ExprPtr primary();
    ExprPtr call(const Token& name);
    ExprPtr make(std::uint32_t offset, Expr::Node node);

    const Snippet& snippet_;
    Findings& findings_;
    Dialect dialect_;
    std::vector<Token> tokens_;
    std::size_t position_ = 0;
    std::uint32_t nesting_ = 0;
    /// Set when the rest of the code is given up: it would be full of errors that are none.
    bool gave_up_ = false;
};

}  // namespace mlgenn::language
