// SPDX-License-Identifier: Apache-2.0
// Names, scopes and statements. check_expressions.cpp has the types of expressions.
#include "compiler/language/checker.h"

#include <utility>

#include "compiler/description/suggestions.h"

namespace mlgenn::language {
namespace {

std::string kind_of(SymbolKind kind) {
    switch (kind) {
        case SymbolKind::parameter:
            return "a parameter";
        case SymbolKind::derived:
            return "a derived parameter";
        case SymbolKind::variable:
            return "a variable";
        case SymbolKind::builtin:
            return "given by the simulation";
        case SymbolKind::local:
            return "const";
        case SymbolKind::loop_index:
            return "the index of a loop";
    }
    return {};
}

}  // namespace

void Checker::report(std::uint32_t offset, const std::string& problem, std::string remedy) {
    findings_.add(*snippet_, offset, problem, std::move(remedy));
}

void Checker::declare(SymbolKind kind, const std::string& name, ValueType type, bool writable) {
    symbols_.push_back({kind, name, type, writable, static_cast<std::uint32_t>(symbols_.size())});
    scopes_.front()[name] = &symbols_.back();
}

const Symbol* Checker::find(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        if (const auto found = scope->find(name); found != scope->end()) {
            return found->second;
        }
    }
    return nullptr;
}

std::vector<std::string> Checker::known_names() const {
    std::vector<std::string> names;
    for (const auto& scope : scopes_) {
        for (const auto& [name, symbol] : scope) {
            names.push_back(name);
        }
    }
    return names;
}

const Symbol* Checker::add_local(SymbolKind kind, const Declarator& declarator, ValueType type, bool writable) {
    auto& scope = scopes_.back();
    const std::string name(declarator.name);
    if (scope.count(name) != 0) {
        report(declarator.offset, "'" + name.substr(0, 40) + "' is declared twice", "choose another name");
    }
    symbols_.push_back({kind, name, type, writable, static_cast<std::uint32_t>(symbols_.size())});
    scope[name] = &symbols_.back();
    return &symbols_.back();
}

bool Checker::assigns(std::string_view name) const {
    return assigned_.find(name) != assigned_.end();
}

void Checker::check(const Snippet& snippet, const std::vector<StmtPtr>& statements) {
    snippet_ = &snippet;
    // The scope stays: later code strings see what this one declares at its top level.
    scopes_.emplace_back();
    for (const StmtPtr& statement : statements) {
        stmt(*statement);
    }
}

void Checker::check_condition(const Snippet& snippet, Expr& expr) {
    snippet_ = &snippet;
    value(expr);
}

void Checker::stmt(Stmt& statement) {
    statement_offset_ = statement.offset;
    std::visit([&](auto& node) { stmt_node(node); }, statement.node);
}

void Checker::stmt_node(Declaration& node) {
    for (Declarator& declarator : node.declarators) {
        if (declarator.initial) {
            value(*declarator.initial);
        } else if (node.constant) {
            report(declarator.offset, "'" + std::string(declarator.name.substr(0, 40)) + "' is const without a value",
                   "give it a value, or leave const out");
        }
        declarator.symbol = add_local(SymbolKind::local, declarator, node.type, !node.constant);
    }
}

void Checker::stmt_node(ExprStmt& node) {
    for (const ExprPtr& expr : node.expressions) {
        effect(*expr);
    }
}

void Checker::scoped(const std::vector<StmtPtr>& statements) {
    scopes_.emplace_back();
    for (const StmtPtr& statement : statements) {
        stmt(*statement);
    }
    scopes_.pop_back();
}

void Checker::stmt_node(BlockStmt& node) {
    scoped(node.statements);
}

void Checker::stmt_node(SwitchStmt& node) {
    const ValueType type = value(*node.value);
    if (type == ValueType::f32) {
        report(node.value->offset, "a switch needs a whole number, found float", "convert it with (int)");
    }
    node.type = promoted(type);
    std::set<std::optional<std::uint32_t>> labels;
    ++nesting_;
    ++switches_;
    for (const SwitchCase& one : node.cases) {
        if (!labels.insert(one.label).second) {
            report(one.offset, "the switch has this label twice", "remove one of them");
        }
        scoped(one.statements);
    }
    --switches_;
    --nesting_;
}

void Checker::stmt_node(const JumpStmt& node) {
    // Each one nests what stands behind it.
    constexpr std::uint32_t most_jumps = 64;
    if (++jumps_ > most_jumps) {
        report(statement_offset_, "not supported: more than " + std::to_string(most_jumps) + " break and continue",
               "join their conditions");
    }
    if (node.continues && loops_ == 0) {
        report(statement_offset_, "'continue' outside of a loop", "remove it");
    } else if (!node.continues && loops_ == 0 && switches_ == 0) {
        report(statement_offset_, "'break' outside of a loop or switch", "remove it");
    }
}

void Checker::stmt_node(IfStmt& node) {
    value(*node.condition);
    ++nesting_;
    stmt(*node.then_body);
    if (node.else_body) {
        stmt(*node.else_body);
    }
    --nesting_;
}

void Checker::stmt_node(ForStmt& node) {
    bound(*node.index.initial, true);
    scopes_.emplace_back();
    node.index.symbol = add_local(SymbolKind::local, node.index, node.type, false);
    bound(*node.end, false);
    // Only now: the index may not stand in its own bound.
    symbols_.back().kind = SymbolKind::loop_index;
    ++nesting_;
    ++loops_;
    stmt(*node.body);
    --loops_;
    --nesting_;
    scopes_.pop_back();
}

void Checker::bound(Expr& expr, bool is_begin) {
    const ValueType type = value(expr);
    if (type == ValueType::f32 || type == ValueType::boolean) {
        report(expr.offset, std::string("a loop bound has type ") + name_of(type), "convert it with (int)");
    } else if (type != ValueType::unknown && !is_uniform(expr, is_begin)) {
        report(expr.offset, "not supported: a loop bound that can differ between neurons",
               is_begin ? "the first value may use whole numbers, num_neurons, (int)parameter, +, - and *"
                        : "bounds may use whole numbers, num_neurons, (int)parameter, indices of outer loops, +, - "
                          "and *; use 'if' inside the loop");
    }
}

bool Checker::is_uniform(const Expr& expr, bool is_begin) {
    if (std::holds_alternative<NumberLiteral>(expr.node)) {
        return true;
    }
    if (const auto* name = std::get_if<NameExpr>(&expr.node)) {
        return name->symbol->kind == SymbolKind::loop_index
                   ? !is_begin
                   : name->symbol->kind == SymbolKind::builtin && name->symbol->name == "num_neurons";
    }
    if (const auto* cast = std::get_if<CastExpr>(&expr.node)) {
        const auto* inner = std::get_if<NameExpr>(&cast->operand->node);
        const bool parameter = inner != nullptr && (inner->symbol->kind == SymbolKind::parameter ||
                                                    inner->symbol->kind == SymbolKind::derived);
        return parameter || (cast->operand->type != ValueType::f32 && is_uniform(*cast->operand, is_begin));
    }
    if (const auto* unary = std::get_if<UnaryExpr>(&expr.node)) {
        return (unary->op == UnaryOperator::plus || unary->op == UnaryOperator::minus) &&
               is_uniform(*unary->operand, is_begin);
    }
    const auto* binary = std::get_if<BinaryExpr>(&expr.node);
    return binary != nullptr && binary->op <= BinaryOperator::multiply && is_uniform(*binary->left, is_begin) &&
           is_uniform(*binary->right, is_begin);
}

void Checker::effect(Expr& expr) {
    if (auto* assignment = std::get_if<AssignExpr>(&expr.node)) {
        assign(expr, *assignment);
        return;
    }
    auto* call = std::get_if<CallExpr>(&expr.node);
    if (call != nullptr && call->name == "injectCurrent" && injection_allowed_) {
        inject(expr, *call);
        return;
    }
    value(expr);
}

void Checker::assign(Expr& expr, AssignExpr& node) {
    auto* chained = std::get_if<AssignExpr>(&node.value->node);
    if (chained != nullptr && !chained->postfix) {
        assign(*node.value, *chained);
    } else {
        value(*node.value);
    }
    auto* target = std::get_if<NameExpr>(&node.target->node);
    if (target == nullptr) {
        value(*node.target);
        report(expr.offset, "the left side of an assignment is not a variable", "assign to a variable");
        return;
    }
    expr.type = value(*node.target);
    if (target->symbol != nullptr && !target->symbol->writable) {
        report(node.target->offset,
               "'" + target->symbol->name.substr(0, 40) + "' is " + kind_of(target->symbol->kind) +
                   " and cannot be assigned",
               "assign to a variable of the model, or to one that the code declares");
    }
    if (target->symbol != nullptr && target->symbol->kind != SymbolKind::local) {
        assigned_.insert(target->symbol->name);
    }
    if (node.op) {
        check_right_operand(*node.op, *node.value, expr.type);
        binary_type(expr.offset, *node.op, expr.type, node.value->type);
    }
}

void Checker::inject(Expr& expr, CallExpr& node) {
    if (node.arguments.size() != 1) {
        report(expr.offset, "injectCurrent takes 1 argument, found " + std::to_string(node.arguments.size()),
               "write injectCurrent(current)");
    }
    for (const ExprPtr& argument : node.arguments) {
        value(*argument);
    }
    if (!injects_) {
        first_injection_is_nested_ = nesting_ != 0;
    }
    injects_ = true;
    node.function = Function::inject_current;
    expr.type = ValueType::none;
}

}  // namespace mlgenn::language
