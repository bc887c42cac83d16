// SPDX-License-Identifier: Apache-2.0
// Statements, types, and how the parser goes on after an error.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "compiler/language/parse_nesting.h"
#include "compiler/language/parser.h"

namespace mlgenn::language {
namespace {

constexpr std::array<std::string_view, 21> type_words = {
    "bool",    "int",      "float",    "scalar",   "unsigned", "signed",    "char",
    "short",   "long",     "double",   "int8_t",   "int16_t",  "int32_t",   "int64_t",
    "uint8_t", "uint16_t", "uint32_t", "uint64_t", "size_t",   "timepoint", "void",
};

constexpr const char* existing_types = "there are bool, int (int32_t), unsigned int (uint32_t) and float (scalar)";

StmtPtr make_stmt(std::uint32_t offset, Stmt::Node node) {
    auto stmt = std::make_unique<Stmt>(Stmt{std::move(node)});
    stmt->offset = offset;
    return stmt;
}

}  // namespace

Parser::Parser(const Snippet& snippet, Findings& findings, Dialect dialect)
    : snippet_(snippet), findings_(findings), dialect_(dialect) {
    if (snippet.text.size() > max_code_bytes) {
        findings.add(snippet, 0,
                     "the code has " + std::to_string(snippet.text.size()) + " bytes, " +
                         std::to_string(max_code_bytes) + " are allowed",
                     "shorten it");
        tokens_.emplace_back();
        return;
    }
    tokens_ = tokenize(snippet, findings);
}

const Token& Parser::peek(std::size_t ahead) const {
    return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

Token Parser::take() {
    const Token token = peek();
    position_ = std::min(position_ + 1, tokens_.size() - 1);
    return token;
}

bool Parser::is_next(std::string_view text, std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind != TokenKind::number && token.kind != TokenKind::end && token.text == text;
}

bool Parser::accept(std::string_view text) {
    const bool found = is_next(text);
    if (found) {
        take();
    }
    return found;
}

Token Parser::expect(std::string_view text, const std::string& where) {
    if (!is_next(text)) {
        fail_unexpected("'" + std::string(text) + "' " + where);
    }
    return take();
}

void Parser::report(std::uint32_t offset, const std::string& problem, std::string remedy) {
    if (!gave_up_) {
        findings_.add(snippet_, offset, problem, std::move(remedy));
    }
}

void Parser::fail(std::uint32_t offset, const std::string& problem, std::string remedy) {
    report(offset, problem, std::move(remedy));
    throw Panic{};
}

std::string Parser::shown(const Token& token) {
    return token.kind == TokenKind::end ? "the end of the code" : "'" + std::string(token.text.substr(0, 40)) + "'";
}

void Parser::fail_unexpected(const std::string& expected) {
    fail(peek().offset, "found " + shown(peek()) + ", expected " + expected, "correct it");
}

void Parser::skip_to_end_of_statement() {
    while (peek().kind != TokenKind::end && !is_next("}")) {
        if (is_next("{")) {
            skip_balanced("{", "}");
            return;
        }
        if (take().text == ";") {
            return;
        }
    }
}

void Parser::skip_balanced(std::string_view open, std::string_view close) {
    std::size_t depth = 0;
    do {
        depth += is_next(open) ? 1 : 0;
        depth -= is_next(close) ? 1 : 0;
        take();
    } while (depth > 0 && peek().kind != TokenKind::end);
}

std::vector<StmtPtr> Parser::statements() {
    std::vector<StmtPtr> list;
    while (peek().kind != TokenKind::end) {
        if (is_next("}")) {
            report(peek().offset, "'}' closes nothing", "remove it, or open a block with '{'");
            take();
            continue;
        }
        statement_into(list);
    }
    return list;
}

void Parser::statement_into(std::vector<StmtPtr>& list) {
    try {
        if (StmtPtr read = statement()) {
            list.push_back(std::move(read));
        }
    } catch (const Panic&) {
        skip_to_end_of_statement();
    }
}

StmtPtr Parser::statement() {
    const Nesting nesting(*this);
    const std::uint32_t offset = peek().offset;
    if (accept(";")) {
        return nullptr;
    }
    if (is_next("{")) {
        return block();
    }
    if (is_next("if")) {
        return if_statement();
    }
    if (is_next("for")) {
        return for_statement();
    }
    if (is_next("switch")) {
        return switch_statement();
    }
    if (is_next("break") || is_next("continue")) {
        return jump_statement();
    }
    if (is_next("const") || at_type()) {
        return declaration();
    }
    if (peek().kind == TokenKind::name && is_reserved_word(peek().text) && !is_next("true") && !is_next("false")) {
        return unsupported_statement();
    }
    ExprStmt result{expression_list()};
    expect(";", "at the end of the statement");
    return make_stmt(offset, std::move(result));
}

std::vector<ExprPtr> Parser::expression_list() {
    std::vector<ExprPtr> list;
    do {
        list.push_back(assignment());
    } while (accept(","));
    return list;
}

StmtPtr Parser::block() {
    const Token open = take();
    BlockStmt result;
    while (!is_next("}")) {
        if (peek().kind == TokenKind::end) {
            fail(open.offset, "'{' is not closed", "close it with '}'");
        }
        statement_into(result.statements);
    }
    take();
    return make_stmt(open.offset, std::move(result));
}

/// A statement in a scope of its own.
StmtPtr Parser::body() {
    const std::uint32_t offset = peek().offset;
    BlockStmt result;
    if (StmtPtr single = statement()) {
        result.statements.push_back(std::move(single));
    }
    return make_stmt(offset, std::move(result));
}

StmtPtr Parser::if_statement() {
    const std::uint32_t offset = take().offset;
    IfStmt result;
    expect("(", "behind 'if'");
    result.condition = expression();
    expect(")", "behind the condition");
    result.then_body = body();
    if (accept("else")) {
        result.else_body = body();
    }
    return make_stmt(offset, std::move(result));
}

StmtPtr Parser::for_statement() {
    const std::uint32_t offset = take().offset;
    const std::string form = "write for (int i = a; i < b; i++)";
    ForStmt loop;
    expect("(", "behind 'for'");
    if (!at_type()) {
        fail(peek().offset, "not supported: a for loop that does not declare its index", form);
    }
    loop.type = type_name(nullptr);
    if (loop.type != ValueType::i32 && loop.type != ValueType::u32) {
        fail(offset, "not supported: a for loop whose index is not int or unsigned int", form);
    }
    const Token name = take();
    if (name.kind != TokenKind::name || is_reserved_word(name.text)) {
        fail(name.offset, "found " + shown(name) + ", expected the name of the loop's index", form);
    }
    loop.index = {name.text, name.offset, nullptr, nullptr};
    expect("=", "and the first value of the loop's index");
    loop.index.initial = assignment();
    expect(";", "behind the first value of the loop's index");
    for_condition(loop);
    expect(";", "behind the condition of the loop");
    const std::uint32_t step_offset = peek().offset;
    const ExprPtr step = is_next(")") ? nullptr : expression();
    if (!step) {
        fail(step_offset, "not supported: a for loop without a step", form);
    }
    check_for_step(loop, *step, step_offset);
    expect(")", "behind the step of the loop");
    loop.body = body();
    return make_stmt(offset, std::move(loop));
}

StmtPtr Parser::switch_statement() {
    const std::uint32_t offset = take().offset;
    SwitchStmt result;
    expect("(", "behind 'switch'");
    result.value = expression();
    expect(")", "behind the value of the switch");
    const Token open = expect("{", "to open the cases of the switch");
    const Nesting nesting(*this);
    while (!is_next("}")) {
        if (peek().kind == TokenKind::end) {
            fail(open.offset, "'{' is not closed", "close it with '}'");
        }
        result.cases.push_back(switch_case());
    }
    take();
    return make_stmt(offset, std::move(result));
}

SwitchCase Parser::switch_case() {
    SwitchCase result;
    result.offset = peek().offset;
    if (accept("case")) {
        result.label = case_label();
    } else if (!accept("default")) {
        fail_unexpected("'case' or 'default'");
    }
    expect(":", "behind the label");
    while (!is_next("case") && !is_next("default") && !is_next("}") && peek().kind != TokenKind::end) {
        statement_into(result.statements);
    }
    return result;
}

std::uint32_t Parser::case_label() {
    const bool negative = accept("-");
    const Token token = peek();
    if (token.kind != TokenKind::number || token.number.type == ValueType::f32) {
        fail(token.offset, "found " + shown(token) + ", expected a whole number", "labels are written as numbers");
    }
    take();
    return negative ? 0U - token.number.bits : token.number.bits;
}

StmtPtr Parser::jump_statement() {
    const Token word = take();
    expect(";", "at the end of the statement");
    return make_stmt(word.offset, JumpStmt{word.text == "continue"});
}

void Parser::for_condition(ForStmt& loop) {
    const std::uint32_t offset = peek().offset;
    ExprPtr condition = is_next(";") ? nullptr : expression();
    auto* compared = condition ? std::get_if<BinaryExpr>(&condition->node) : nullptr;
    const auto* left = compared != nullptr ? std::get_if<NameExpr>(&compared->left->node) : nullptr;
    if (left == nullptr || left->name != loop.index.name ||
        (compared->op != BinaryOperator::less && compared->op != BinaryOperator::less_equal)) {
        fail(offset, "not supported: a loop condition that is not 'index < end' or 'index <= end'",
             "write for (int i = a; i < b; i++)");
    }
    loop.inclusive = compared->op == BinaryOperator::less_equal;
    loop.end = std::move(compared->right);
}

void Parser::check_for_step(const ForStmt& loop, const Expr& step, std::uint32_t offset) {
    const auto* assigned = std::get_if<AssignExpr>(&step.node);
    const auto* target = assigned != nullptr ? std::get_if<NameExpr>(&assigned->target->node) : nullptr;
    const auto* by = assigned != nullptr ? std::get_if<NumberLiteral>(&assigned->value->node) : nullptr;
    if (target == nullptr || target->name != loop.index.name || assigned->op != BinaryOperator::add || by == nullptr ||
        by->type == ValueType::f32 || by->bits != 1) {
        fail(offset, "not supported: a loop step other than 'index++'", "write for (int i = a; i < b; i++)");
    }
}

bool Parser::at_type(std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::name &&
           (token.text == "const" || std::find(type_words.begin(), type_words.end(), token.text) != type_words.end());
}

ValueType Parser::type_name(bool* is_constant) {
    const std::uint32_t offset = peek().offset;
    std::string words;
    while (at_type()) {
        const Token token = take();
        if (token.text == "const") {
            if (is_constant != nullptr) {
                *is_constant = true;
            }
        } else {
            words += (words.empty() ? "" : " ") + std::string(token.text);
        }
    }
    if (is_next("*")) {
        fail(peek().offset, "not supported: pointers", "code computes with numbers only");
    }
    constexpr std::array<std::pair<std::string_view, ValueType>, 12> types = {{
        {"bool", ValueType::boolean},
        {"int", ValueType::i32},
        {"signed", ValueType::i32},
        {"signed int", ValueType::i32},
        {"int32_t", ValueType::i32},
        {"unsigned", ValueType::u32},
        {"unsigned int", ValueType::u32},
        {"uint32_t", ValueType::u32},
        {"float", ValueType::f32},
        {"scalar", ValueType::f32},
        {"int signed", ValueType::i32},
        {"int unsigned", ValueType::u32},
    }};
    const auto found = std::find_if(types.begin(), types.end(), [&](const auto& row) { return row.first == words; });
    if (found != types.end()) {
        return found->second;
    }
    report(offset, words.empty() ? "'const' needs a type" : "not supported: type '" + words.substr(0, 40) + "'",
           existing_types);
    return ValueType::unknown;
}

StmtPtr Parser::declaration() {
    const std::uint32_t offset = peek().offset;
    Declaration result;
    result.type = type_name(&result.constant);
    do {
        const Token name = peek();
        if (name.kind != TokenKind::name || is_reserved_word(name.text)) {
            fail_unexpected("the name of a variable");
        }
        take();
        if (is_next("[")) {
            fail(peek().offset, "not supported: arrays", "code computes with numbers only");
        }
        result.declarators.push_back({name.text, name.offset, nullptr, nullptr});
        if (accept("=")) {
            result.declarators.back().initial = assignment();
        }
    } while (accept(","));
    expect(";", "at the end of the declaration");
    return make_stmt(offset, std::move(result));
}

StmtPtr Parser::unsupported_statement() {
    const Token word = take();
    const std::string quoted = "'" + std::string(word.text) + "'";
    if (word.text == "case" || word.text == "default") {
        fail(word.offset, quoted + " outside of a switch", "put it into switch (value) { ... }");
    }
    if (word.text == "else") {
        fail(word.offset, "'else' without 'if'", "put it behind the statement of an 'if'");
    }
    report(word.offset, "not supported: " + quoted,
           word.text == "while" || word.text == "do"
               ? "a loop is for (int i = a; i < b; i++), with a largest number of rounds; leave it with break"
               : "there are declarations, assignments, if, else, switch, blocks, for, break and continue");
    // The parts are parsed all the same, for the errors in them.
    if (word.text == "while") {
        expect("(", "behind " + quoted);
        expression();
        expect(")", "to close '('");
        return body();
    }
    if (word.text == "do") {
        StmtPtr result = body();
        if (accept("while")) {
            expression();
            accept(";");
        }
        return result;
    }
    skip_to_end_of_statement();
    return nullptr;
}

}  // namespace mlgenn::language
