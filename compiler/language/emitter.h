// SPDX-License-Identifier: Apache-2.0
// Checked syntax trees to IR, through the same builder as the built-in models.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/language/ast.h"
#include "compiler/models/math/scratch.h"
#include "compiler/models/random_numbers.h"

namespace mlgenn::language {

/// What the IR leaves open is settled here: float to int saturates and gives 0 for NaN, division of whole numbers by 0
/// gives 0, shift counts are taken modulo 32, variables without a first value start at 0.
class Emitter {
public:
    /// Gives a model's parameter, variable or built-in name as IR; variables as their locals.
    using Resolve = std::function<ir::E(const Symbol&)>;

    /// `prefix` begins the names of locals, so that two pieces of code in one phase do not meet. `where` is for
    /// errors that only parameter values show: DescriptionError.
    Emitter(models::CodeBuilder& code, std::string prefix, std::string where, Resolve resolve)
        : code_(code),
          prefix_(std::move(prefix)),
          where_(std::move(where)),
          resolve_(std::move(resolve)),
          functions_(code, prefix_ + "f") {}

    /// What injectCurrent(x) does.
    void set_inject(std::function<void(const ir::E&)> inject) { inject_ = std::move(inject); }

    /// Where random numbers come from; needed for code that draws them. The first three words of their counter.
    void set_random(models::PhiloxKey key, const std::array<ir::E, 3>& place) {
        random_.emplace(functions_, key, place);
    }
    /// What name(index) gives for an array; the index is u32 and may be any number.
    void set_elements(std::function<ir::E(std::string_view, const ir::E&)> element) { element_ = std::move(element); }

    void run(const std::vector<StmtPtr>& statements);
    [[nodiscard]] ir::E condition(const Expr& expr);
    /// An expression's value as f32.
    [[nodiscard]] ir::E real(const Expr& expr) { return value_as(expr, ValueType::f32); }
    [[nodiscard]] models::Scratch& scratch() { return functions_; }

private:
    void stmt(const Stmt& statement);
    void stmt_node(const Declaration& node);
    void stmt_node(const ExprStmt& node);
    void stmt_node(const BlockStmt& node);
    void stmt_node(const IfStmt& node);
    void stmt_node(const ForStmt& node);
    void stmt_node(const SwitchStmt& node);
    void stmt_node(const JumpStmt& node);
    void run_from(const std::vector<StmtPtr>& statements, std::size_t first);
    /// Inside of a loop or switch: whether no break or continue has been reached.
    [[nodiscard]] ir::E goes_on() const;

    void assign(const AssignExpr& node);
    [[nodiscard]] ir::E named(const Symbol& symbol);
    [[nodiscard]] ir::E value(const Expr& expr);
    [[nodiscard]] ir::E value_as(const Expr& expr, ValueType type);
    [[nodiscard]] ir::E value_node(const Expr& expr, const NumberLiteral& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const NameExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const UnaryExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const BinaryExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const ConditionalExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const CastExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const CallExpr& node);
    [[nodiscard]] ir::E value_node(const Expr& expr, const AssignExpr& node);
    [[nodiscard]] ir::E binary(BinaryOperator op, const ir::E& left, const ir::E& right);
    [[nodiscard]] ir::E shift(ir::BinaryOp op, const ir::E& left, const ir::E& right);
    [[nodiscard]] ir::E divide_integers(ir::BinaryOp op, const ir::E& left, const ir::E& right);
    [[nodiscard]] ir::E smaller(bool smallest, const ir::E& a, const ir::E& b);
    [[nodiscard]] ir::E call(Function function, const std::vector<ir::E>& arguments);
    [[nodiscard]] ir::E random_call(Function function, const std::vector<ir::E>& arguments);
    [[nodiscard]] ir::E converted(const ir::E& value, ir::Type to);
    [[nodiscard]] ir::E saturated(const ir::E& value, ir::Type to);
    /// A loop bound: one value for all neurons.
    [[nodiscard]] ir::E bound(const Expr& expr, ValueType type);
    [[nodiscard]] ir::E bound_of_parameter(const Expr& expr);
    /// The value under a name, so that it can be used several times.
    [[nodiscard]] ir::E bind(const ir::E& value);
    [[nodiscard]] std::string fresh_name(const std::string& name);

    models::CodeBuilder& code_;
    std::string prefix_;
    std::string where_;
    Resolve resolve_;
    std::function<void(const ir::E&)> inject_;
    models::Scratch functions_;
    std::optional<models::RandomNumbers> random_;
    std::function<ir::E(std::string_view, const ir::E&)> element_;
    std::map<const Symbol*, ir::E> locals_;
    /// Indices of the loops around the place, as expressions that are the same for all neurons.
    std::map<const Symbol*, ir::E> uniform_;
    /// A loop or switch around the place: flags (bool) that break and continue set; a switch has no `skipped`.
    struct Exits {
        std::optional<ir::E> broken{};
        std::optional<ir::E> skipped{};
        bool is_loop = false;
    };
    std::vector<Exits> exits_;
    std::uint32_t num_names_ = 0;
};

}  // namespace mlgenn::language
