// SPDX-License-Identifier: Apache-2.0
// Syntax trees of code strings. The parser builds them, the type checker fills in types and symbols.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mlgenn::language {

/// `unknown` belongs to what has an error already, `none` to calls without a value.
enum class ValueType : std::uint8_t { unknown, none, boolean, i32, u32, f32 };

[[nodiscard]] constexpr const char* name_of(ValueType type) {
    switch (type) {
        case ValueType::unknown:
            return "unknown";
        case ValueType::none:
            return "void";
        case ValueType::boolean:
            return "bool";
        case ValueType::i32:
            return "int";
        case ValueType::u32:
            return "unsigned int";
        case ValueType::f32:
            return "float";
    }
    return "";
}

enum class SymbolKind : std::uint8_t { parameter, derived, variable, builtin, local, loop_index };

struct Symbol {
    SymbolKind kind = SymbolKind::local;
    std::string name{};
    ValueType type = ValueType::unknown;
    bool writable = false;
    /// Tells symbols of one name apart.
    std::uint32_t number = 0;
};

enum class UnaryOperator : std::uint8_t { plus, minus, bit_not, logical_not };
enum class BinaryOperator : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    remainder,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    logical_and,
    logical_or,
};

enum class Function : std::uint8_t {
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    copysign,
    cos,
    cosh,
    erf,
    exp,
    exp2,
    expm1,
    fabs,
    fdim,
    floor,
    fma,
    fmax,
    fmin,
    fmod,
    gennrand,
    gennrand_binomial,
    gennrand_exponential,
    gennrand_gamma,
    gennrand_log_normal,
    gennrand_normal,
    gennrand_uniform,
    hypot,
    ilogb,
    ldexp,
    log,
    log10,
    log1p,
    log2,
    max,
    min,
    pow,
    remainder,
    rint,
    round,
    sin,
    sinc,
    sinh,
    sqrt,
    tan,
    tanh,
    trunc,
    inject_current,
    read_element,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct NumberLiteral {
    ValueType type = ValueType::i32;
    /// The bit pattern of the type.
    std::uint32_t bits = 0;
    /// The number as written, for derived parameters.
    double value = 0.0;
};
struct NameExpr {
    std::string_view name{};
    const Symbol* symbol = nullptr;
};
struct UnaryExpr {
    UnaryOperator op{};
    ExprPtr operand{};
};
struct BinaryExpr {
    BinaryOperator op{};
    ExprPtr left{};
    ExprPtr right{};
};
struct ConditionalExpr {
    ExprPtr condition{};
    ExprPtr if_true{};
    ExprPtr if_false{};
};
struct CastExpr {
    ValueType type{};
    ExprPtr operand{};
};
struct CallExpr {
    std::string_view name{};
    std::vector<ExprPtr> arguments{};
    std::optional<Function> function{};
};
/// target = value, target op= value, ++target.
struct AssignExpr {
    std::optional<BinaryOperator> op{};
    /// x++ and x--: their value is the old one.
    bool postfix = false;
    ExprPtr target{};
    ExprPtr value{};
};

struct Expr {
    using Node =
        std::variant<NumberLiteral, NameExpr, UnaryExpr, BinaryExpr, ConditionalExpr, CastExpr, CallExpr, AssignExpr>;
    Node node;
    std::uint32_t offset = 0;
    /// Levels of the tree, so that it can be limited where it is built.
    std::uint32_t depth = 1;
    ValueType type = ValueType::unknown;
};

struct Stmt;
using StmtPtr = std::unique_ptr<Stmt>;

struct Declarator {
    std::string_view name{};
    std::uint32_t offset = 0;
    ExprPtr initial{};
    const Symbol* symbol = nullptr;
};
struct Declaration {
    bool constant = false;
    ValueType type{};
    std::vector<Declarator> declarators{};
};
/// Expressions with effects, separated by commas.
struct ExprStmt {
    std::vector<ExprPtr> expressions{};
};
struct BlockStmt {
    std::vector<StmtPtr> statements{};
};
struct IfStmt {
    ExprPtr condition{};
    StmtPtr then_body{};
    StmtPtr else_body{};
};
/// for (type index = begin; index < end; ++index), or <= with `inclusive`.
struct ForStmt {
    ValueType type{};
    Declarator index{};
    ExprPtr end{};
    bool inclusive = false;
    StmtPtr body{};
};

/// Statements behind `case label:`, or behind `default:` without a label; a scope of their own.
struct SwitchCase {
    /// The bit pattern of the switch's type.
    std::optional<std::uint32_t> label{};
    std::uint32_t offset = 0;
    std::vector<StmtPtr> statements{};
};
struct SwitchStmt {
    ExprPtr value{};
    ValueType type{};
    std::vector<SwitchCase> cases{};
};
/// break and continue.
struct JumpStmt {
    bool continues = false;
};

struct Stmt {
    using Node = std::variant<Declaration, ExprStmt, BlockStmt, IfStmt, ForStmt, SwitchStmt, JumpStmt>;
    Node node;
    std::uint32_t offset = 0;
};

}  // namespace mlgenn::language
