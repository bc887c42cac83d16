// SPDX-License-Identifier: Apache-2.0
// The type checker: names, types and what may be assigned. Fills in the types and symbols of syntax trees.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/language/source.h"

namespace mlgenn::language {

/// Symbols of one model; trees refer to them.
using SymbolTable = std::deque<Symbol>;

/// Checks the code strings of one model, one after another. What the first one declares at its top level is known in
/// the later ones.
class Checker {
public:
    Checker(SymbolTable& symbols, Findings& findings) : symbols_(symbols), findings_(findings), scopes_(1) {}

    /// A parameter, variable or built-in name of the model.
    void declare(SymbolKind kind, const std::string& name, ValueType type, bool writable);
    /// injectCurrent exists only in synapse code.
    void allow_injection() { injection_allowed_ = true; }

    /// An array whose elements code reads as name(index), with a whole number.
    void declare_elements(const std::string& name) { arrays_.insert(name); }

    void check(const Snippet& snippet, const std::vector<StmtPtr>& statements);
    /// A value that is used as true or false.
    void check_condition(const Snippet& snippet, Expr& expr);

    /// Whether it calls a random function.
    [[nodiscard]] bool draws() const { return draws_; }
    [[nodiscard]] bool assigns(std::string_view name) const;
    /// Whether code mentions a name of the model or reads an array's elements.
    [[nodiscard]] bool uses(std::string_view name) const { return used_.find(name) != used_.end(); }
    /// Of a synapse: whether it injects at all, and whether the first time depends on a condition or a loop.
    [[nodiscard]] bool injects() const { return injects_; }
    [[nodiscard]] bool first_injection_is_nested() const { return first_injection_is_nested_; }

private:
    void report(std::uint32_t offset, const std::string& problem, std::string remedy);
    [[nodiscard]] const Symbol* find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> known_names() const;
    const Symbol* add_local(SymbolKind kind, const Declarator& declarator, ValueType type, bool writable);

    void stmt(Stmt& statement);
    void stmt_node(Declaration& node);
    void stmt_node(ExprStmt& node);
    void stmt_node(BlockStmt& node);
    void stmt_node(IfStmt& node);
    void stmt_node(ForStmt& node);
    void stmt_node(SwitchStmt& node);
    void stmt_node(const JumpStmt& node);
    void scoped(const std::vector<StmtPtr>& statements);
    void bound(Expr& expr, bool is_begin);
    [[nodiscard]] static bool is_uniform(const Expr& expr, bool is_begin);

    /// An expression for its effect.
    void effect(Expr& expr);
    void assign(Expr& expr, AssignExpr& node);
    void inject(Expr& expr, CallExpr& node);
    /// An expression for its value.
    ValueType value(Expr& expr);
    ValueType value_node(Expr& expr, NumberLiteral& node);
    ValueType value_node(Expr& expr, NameExpr& node);
    ValueType value_node(Expr& expr, UnaryExpr& node);
    ValueType value_node(Expr& expr, BinaryExpr& node);
    ValueType value_node(Expr& expr, ConditionalExpr& node);
    ValueType value_node(Expr& expr, CastExpr& node);
    ValueType value_node(Expr& expr, CallExpr& node);
    ValueType value_node(Expr& expr, AssignExpr& node);
    ValueType element(Expr& expr, CallExpr& node);
    ValueType binary_type(std::uint32_t offset, BinaryOperator op, ValueType left, ValueType right);
    void check_right_operand(BinaryOperator op, const Expr& right, ValueType type);

    SymbolTable& symbols_;
    Findings& findings_;
    const Snippet* snippet_ = nullptr;
    std::vector<std::map<std::string, const Symbol*, std::less<>>> scopes_;
    std::set<std::string, std::less<>> arrays_;
    std::set<std::string, std::less<>> used_;
    /// Conditions and loops around the place.
    std::uint32_t nesting_ = 0;
    std::uint32_t loops_ = 0;
    std::uint32_t switches_ = 0;
    std::uint32_t jumps_ = 0;
    std::uint32_t statement_offset_ = 0;
    bool draws_ = false;
    /// Names of the model that the code assigns.
    std::set<std::string, std::less<>> assigned_;
    bool injection_allowed_ = false;
    bool injects_ = false;
    bool first_injection_is_nested_ = false;
};

/// int for bool, else the type itself.
[[nodiscard]] ValueType promoted(ValueType type);
/// The type in which two operands meet: float, else unsigned int, else int; unknown if one of them is.
[[nodiscard]] ValueType common_type(ValueType a, ValueType b);
[[nodiscard]] std::string_view text_of(BinaryOperator op);

}  // namespace mlgenn::language
