// SPDX-License-Identifier: Apache-2.0
// Expressions, with the precedence of C.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "compiler/language/parse_nesting.h"
#include "compiler/language/parser.h"

namespace mlgenn::language {
namespace {

struct BinaryRow {
    std::string_view text;
    BinaryOperator op;
    int precedence;
};

constexpr std::array binary_table = {
    BinaryRow{"||", BinaryOperator::logical_or, 1},    BinaryRow{"&&", BinaryOperator::logical_and, 2},
    BinaryRow{"|", BinaryOperator::bit_or, 3},         BinaryRow{"^", BinaryOperator::bit_xor, 4},
    BinaryRow{"&", BinaryOperator::bit_and, 5},        BinaryRow{"==", BinaryOperator::equal, 6},
    BinaryRow{"!=", BinaryOperator::not_equal, 6},     BinaryRow{"<", BinaryOperator::less, 7},
    BinaryRow{"<=", BinaryOperator::less_equal, 7},    BinaryRow{">", BinaryOperator::greater, 7},
    BinaryRow{">=", BinaryOperator::greater_equal, 7}, BinaryRow{"<<", BinaryOperator::shift_left, 8},
    BinaryRow{">>", BinaryOperator::shift_right, 8},   BinaryRow{"+", BinaryOperator::add, 9},
    BinaryRow{"-", BinaryOperator::subtract, 9},       BinaryRow{"*", BinaryOperator::multiply, 10},
    BinaryRow{"/", BinaryOperator::divide, 10},        BinaryRow{"%", BinaryOperator::remainder, 10},
};

const BinaryRow* find_binary(const Token& token) {
    if (token.kind != TokenKind::symbol) {
        return nullptr;
    }
    const auto found = std::find_if(binary_table.begin(), binary_table.end(),
                                    [&](const BinaryRow& row) { return row.text == token.text; });
    return found == binary_table.end() ? nullptr : &*found;
}

/// The operator of "+=" and its like.
std::optional<BinaryOperator> compound_operator(const Token& token) {
    if (token.kind != TokenKind::symbol || token.text.size() < 2 || token.text.back() != '=') {
        return std::nullopt;
    }
    const auto found = std::find_if(binary_table.begin(), binary_table.end(), [&](const BinaryRow& row) {
        return row.text == token.text.substr(0, token.text.size() - 1);
    });
    const bool applies =
        found != binary_table.end() && (found->precedence >= 8 || (found->precedence >= 3 && found->precedence <= 5));
    return applies ? std::optional(found->op) : std::nullopt;
}

std::uint32_t depth_of(const ExprPtr& expr) {
    return expr ? expr->depth : 0;
}

std::uint32_t deepest_child(const Expr::Node& node) {
    struct Visitor {
        std::uint32_t operator()(const NumberLiteral&) const { return 0; }
        std::uint32_t operator()(const NameExpr&) const { return 0; }
        std::uint32_t operator()(const UnaryExpr& n) const { return depth_of(n.operand); }
        std::uint32_t operator()(const CastExpr& n) const { return depth_of(n.operand); }
        std::uint32_t operator()(const BinaryExpr& n) const { return std::max(depth_of(n.left), depth_of(n.right)); }
        std::uint32_t operator()(const AssignExpr& n) const { return std::max(depth_of(n.target), depth_of(n.value)); }
        std::uint32_t operator()(const ConditionalExpr& n) const {
            return std::max({depth_of(n.condition), depth_of(n.if_true), depth_of(n.if_false)});
        }
        std::uint32_t operator()(const CallExpr& n) const {
            std::uint32_t depth = 0;
            for (const ExprPtr& argument : n.arguments) {
                depth = std::max(depth, depth_of(argument));
            }
            return depth;
        }
    };
    return std::visit(Visitor{}, node);
}

}  // namespace

ExprPtr Parser::make(std::uint32_t offset, Expr::Node node) {
    const std::uint32_t depth = 1 + deepest_child(node);
    if (depth > max_nesting) {
        fail(offset, "not supported: an expression with more than " + std::to_string(max_nesting) + " levels",
             "use variables for parts of it");
    }
    auto expr = std::make_unique<Expr>(Expr{std::move(node)});
    expr->offset = offset;
    expr->depth = depth;
    return expr;
}

ExprPtr Parser::lone_expression() {
    try {
        ExprPtr result = expression();
        if (peek().kind != TokenKind::end) {
            fail(peek().offset, "found " + shown(peek()) + " behind the expression",
                 "give one expression, without ';'");
        }
        return result;
    } catch (const Panic&) {
        return nullptr;
    }
}

ExprPtr Parser::expression() {
    ExprPtr result = assignment();
    if (is_next(",")) {
        fail(peek().offset, "not supported: the comma operator inside an expression", "write several statements");
    }
    return result;
}

ExprPtr Parser::assignment() {
    const Nesting nesting(*this);
    ExprPtr left = conditional();
    const std::uint32_t offset = peek().offset;
    const auto op = compound_operator(peek());
    if (!op && !is_next("=")) {
        return left;
    }
    take();
    ExprPtr value = assignment();
    return make(offset, AssignExpr{op, false, std::move(left), std::move(value)});
}

ExprPtr Parser::conditional() {
    ExprPtr condition = binary(1);
    const std::uint32_t offset = peek().offset;
    if (!accept("?")) {
        return condition;
    }
    const Nesting nesting(*this);
    ExprPtr if_true = expression();
    expect(":", "between the two values of '?'");
    ExprPtr if_false = conditional();
    return make(offset, ConditionalExpr{std::move(condition), std::move(if_true), std::move(if_false)});
}

ExprPtr Parser::binary(int lowest) {
    ExprPtr left = unary();
    while (const BinaryRow* row = find_binary(peek())) {
        if (row->precedence < lowest) {
            break;
        }
        const std::uint32_t offset = take().offset;
        ExprPtr right = binary(row->precedence + 1);
        left = make(offset, BinaryExpr{row->op, std::move(left), std::move(right)});
    }
    return left;
}

ExprPtr Parser::step(bool postfix, ExprPtr target, std::uint32_t offset, bool up) {
    ExprPtr one = make(offset, NumberLiteral{ValueType::i32, 1, 1.0});
    const BinaryOperator op = up ? BinaryOperator::add : BinaryOperator::subtract;
    return make(offset, AssignExpr{op, postfix, std::move(target), std::move(one)});
}

ExprPtr Parser::unary() {
    const Token token = peek();
    if (token.kind != TokenKind::symbol) {
        return power();
    }
    const Nesting nesting(*this);
    if (is_next("(") && at_type(1)) {
        take();
        const ValueType type = type_name(nullptr);
        expect(")", "behind the type of a cast");
        return make(token.offset, CastExpr{type, unary()});
    }
    if (is_next("++") || is_next("--")) {
        take();
        return step(false, unary(), token.offset, token.text == "++");
    }
    if (is_next("*") || is_next("&")) {
        fail(token.offset, "not supported: pointers", "code computes with numbers only");
    }
    constexpr std::array<std::pair<std::string_view, UnaryOperator>, 4> operators = {{
        {"+", UnaryOperator::plus},
        {"-", UnaryOperator::minus},
        {"~", UnaryOperator::bit_not},
        {"!", UnaryOperator::logical_not},
    }};
    for (const auto& [text, op] : operators) {
        if (accept(text)) {
            return make(token.offset, UnaryExpr{op, unary()});
        }
    }
    return power();
}

/// Binds more tightly than a sign before it, and less than one behind it.
ExprPtr Parser::power() {
    ExprPtr base = postfix();
    const std::uint32_t offset = peek().offset;
    const bool is_power =
        dialect_ == Dialect::equations && is_next("*") && is_next("*", 1) && peek(1).offset == offset + 1;
    if (!is_power) {
        return base;
    }
    take();
    take();
    CallExpr result{"pow", {}, {}};
    result.arguments.push_back(std::move(base));
    result.arguments.push_back(unary());
    return make(offset, std::move(result));
}

ExprPtr Parser::postfix() {
    ExprPtr result = primary();
    while (peek().kind == TokenKind::symbol) {
        const Token token = peek();
        if (token.text == "++" || token.text == "--") {
            take();
            result = step(true, std::move(result), token.offset, token.text == "++");
        } else if (token.text == "[") {
            fail(token.offset, "not supported: arrays and pointers", "code computes with numbers only");
        } else if (token.text == "." || token.text == "->") {
            fail(token.offset, "not supported: members of structures", "code computes with numbers only");
        } else {
            break;
        }
    }
    return result;
}

ExprPtr Parser::primary() {
    const Token token = peek();
    if (token.kind == TokenKind::number) {
        take();
        return make(token.offset, token.number);
    }
    if (token.kind == TokenKind::symbol && accept("(")) {
        ExprPtr inner = expression();
        expect(")", "to close '('");
        return inner;
    }
    if (token.kind != TokenKind::name) {
        fail_unexpected("an expression");
    }
    if (accept("true") || accept("false")) {
        const bool value = token.text == "true";
        return make(token.offset, NumberLiteral{ValueType::boolean, value ? 1U : 0U, value ? 1.0 : 0.0});
    }
    if (is_reserved_word(token.text)) {
        fail_unexpected("an expression");
    }
    take();
    return is_next("(") ? call(token) : make(token.offset, NameExpr{token.text});
}

ExprPtr Parser::call(const Token& name) {
    take();
    CallExpr result{name.text, {}, {}};
    if (!is_next(")")) {
        do {
            result.arguments.push_back(assignment());
        } while (accept(","));
    }
    expect(")", "behind the arguments of '" + std::string(name.text.substr(0, 40)) + "'");
    return make(name.offset, std::move(result));
}

}  // namespace mlgenn::language
