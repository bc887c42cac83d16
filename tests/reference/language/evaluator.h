// SPDX-License-Identifier: Apache-2.0
// Runs the syntax trees of models in code, one neuron after the other, statement by statement. The parser and the type
// checker are the compiler's; what trees mean is written here once more.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/language/ast.h"
#include "tests/reference/language/random_draws.h"

namespace mlgenn::reference {

/// A value of the language; its bits as in NumberLiteral.
struct Scalar {
    language::ValueType type = language::ValueType::f32;
    std::uint32_t bits = 0;
};

[[nodiscard]] inline Scalar scalar(float value) {
    return {language::ValueType::f32, std::bit_cast<std::uint32_t>(value)};
}
[[nodiscard]] inline Scalar scalar(std::uint32_t value) {
    return {language::ValueType::u32, value};
}
[[nodiscard]] Scalar converted(Scalar value, language::ValueType type);
[[nodiscard]] float as_float(Scalar value);
[[nodiscard]] bool is_true(Scalar value);

class Evaluator {
public:
    /// `read` gives the names of the model, `write` assigns its variables.
    std::function<Scalar(const std::string&)> read;
    std::function<void(const std::string&, Scalar)> write;
    /// What injectCurrent(x) does.
    std::function<void(float)> inject;
    RandomDraws* draws = nullptr;

    void run(const std::vector<language::StmtPtr>& statements);
    [[nodiscard]] Scalar value(const language::Expr& expr);
    /// Forgets what the code has declared.
    void begin_neuron() { locals_.clear(); }

private:
    enum class Leave : std::uint8_t { no, breaks, continues };

    Leave block(const std::vector<language::StmtPtr>& statements);
    Leave statement(const language::Stmt& statement);
    Leave run_node(const language::Declaration& node);
    Leave run_node(const language::ExprStmt& node);
    Leave run_node(const language::BlockStmt& node);
    Leave run_node(const language::IfStmt& node);
    Leave run_node(const language::ForStmt& node);
    Leave run_node(const language::SwitchStmt& node);
    static Leave run_node(const language::JumpStmt& node);
    void assign(const language::AssignExpr& node);
    void store(const language::Symbol& symbol, Scalar value);

    Scalar value_node(const language::Expr& expr, const language::NumberLiteral& node);
    Scalar value_node(const language::Expr& expr, const language::NameExpr& node);
    Scalar value_node(const language::Expr& expr, const language::UnaryExpr& node);
    Scalar value_node(const language::Expr& expr, const language::BinaryExpr& node);
    Scalar value_node(const language::Expr& expr, const language::ConditionalExpr& node);
    Scalar value_node(const language::Expr& expr, const language::CastExpr& node);
    Scalar value_node(const language::Expr& expr, const language::CallExpr& node);
    Scalar value_node(const language::Expr& expr, const language::AssignExpr& node);
    Scalar random(const std::string& name, const std::vector<Scalar>& arguments);

    std::map<const language::Symbol*, Scalar> locals_;
};

}  // namespace mlgenn::reference
