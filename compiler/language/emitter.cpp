// SPDX-License-Identifier: Apache-2.0
// Statements, names and conversions. emit_expressions.cpp has operators and functions.
#include "compiler/language/emitter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "compiler/language/checker.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {

using ir::E;
using ir::Type;

namespace {

Type ir_type(ValueType type) {
    switch (type) {
        case ValueType::boolean:
            return Type::boolean;
        case ValueType::i32:
            return Type::i32;
        case ValueType::u32:
            return Type::u32;
        case ValueType::f32:
            return Type::f32;
        case ValueType::unknown:
        case ValueType::none:
            break;
    }
    throw InternalError("code with an error reached lowering");
}

E zero(Type type) {
    switch (type) {
        case Type::boolean:
            return E(false);
        case Type::u32:
            return E(0U);
        case Type::i32:
            return E(0);
        case Type::f32:
            return E(0.0F);
    }
    throw InternalError("unknown IR type");
}

const ir::Literal* literal(const E& value) {
    return std::get_if<ir::Literal>(&value.ptr()->node);
}

float float_of(const E& constant) {
    const std::uint32_t bits = literal(constant)->bits;
    switch (constant.type()) {
        case Type::boolean:
        case Type::u32:
            return static_cast<float>(bits);
        case Type::i32:
            return static_cast<float>(static_cast<std::int32_t>(bits));
        case Type::f32:
            return std::bit_cast<float>(bits);
    }
    throw InternalError("unknown IR type");
}

bool may_jump(const Stmt& statement);

bool any_may_jump(const std::vector<StmtPtr>& statements) {
    return std::any_of(statements.begin(), statements.end(), [](const StmtPtr& one) { return may_jump(*one); });
}

bool continues(const Stmt& statement);

bool any_continues(const std::vector<StmtPtr>& statements) {
    return std::any_of(statements.begin(), statements.end(), [](const StmtPtr& one) { return continues(*one); });
}

/// Whether a statement has a `continue` that leaves it.
bool continues(const Stmt& statement) {
    return std::visit(
        ir::Overload{
            [](const JumpStmt& n) { return n.continues; },
            [](const BlockStmt& n) { return any_continues(n.statements); },
            [](const IfStmt& n) { return continues(*n.then_body) || (n.else_body && continues(*n.else_body)); },
            [](const SwitchStmt& n) {
                return std::any_of(n.cases.begin(), n.cases.end(),
                                   [](const SwitchCase& one) { return any_continues(one.statements); });
            },
            [](const auto&) { return false; },
        },
        statement.node);
}

/// Whether a statement has a jump that leaves it.
bool may_jump(const Stmt& statement) {
    return std::visit(
        ir::Overload{
            [](const JumpStmt&) { return true; },
            [](const BlockStmt& n) { return any_may_jump(n.statements); },
            [](const IfStmt& n) { return may_jump(*n.then_body) || (n.else_body && may_jump(*n.else_body)); },
            [&](const SwitchStmt&) { return continues(statement); },
            [](const auto&) { return false; },
        },
        statement.node);
}

/// The largest floats that are whole numbers of the types.
constexpr float largest_i32 = 2147483520.0F;
constexpr float largest_u32 = 4294967040.0F;

E saturated_literal(float value, Type to) {
    if (to == Type::i32) {
        const bool fits = value > -0x1p31F && value < 0x1p31F;
        const std::int32_t edge =
            value > 0.0F ? std::numeric_limits<std::int32_t>::max() : std::numeric_limits<std::int32_t>::min();
        return std::isnan(value) ? E(0) : E(fits ? static_cast<std::int32_t>(value) : edge);
    }
    const bool fits = value > 0.0F && value < 0x1p32F;
    const std::uint32_t edge = value > 0.0F ? std::numeric_limits<std::uint32_t>::max() : 0U;
    return E(fits ? static_cast<std::uint32_t>(value) : edge);
}

}  // namespace

std::string Emitter::fresh_name(const std::string& name) {
    return prefix_ + "u" + std::to_string(num_names_++) + (name.empty() ? "" : "_" + name);
}

E Emitter::bind(const E& value) {
    const bool is_simple = literal(value) != nullptr || std::holds_alternative<ir::LocalRef>(value.ptr()->node);
    return is_simple ? value : code_.let(fresh_name({}), value);
}

E Emitter::saturated(const E& value, Type to) {
    if (literal(value) != nullptr) {
        return saturated_literal(float_of(value), to);
    }
    const E x = bind(value);
    const E number = bind(ir::select(x == x, x, E(0.0F)));
    if (to == Type::i32) {
        const E inside = ir::convert(ir::max(ir::min(number, E(largest_i32)), E(-0x1p31F)), Type::i32);
        return ir::select(number >= E(0x1p31F), E(std::numeric_limits<std::int32_t>::max()), inside);
    }
    const E inside = ir::convert(ir::max(ir::min(number, E(largest_u32)), E(0.0F)), Type::u32);
    return ir::select(number >= E(0x1p32F), E(std::numeric_limits<std::uint32_t>::max()), inside);
}

E Emitter::converted(const E& value, Type to) {
    const Type from = value.type();
    if (from == to) {
        return value;
    }
    if (to == Type::boolean) {
        return value != zero(from);
    }
    if (from == Type::f32) {
        return saturated(value, to);
    }
    if (const ir::Literal* constant = literal(value)) {
        return to == Type::f32   ? E(float_of(value))
               : to == Type::u32 ? E(constant->bits)
                                 : E(static_cast<std::int32_t>(constant->bits));
    }
    return ir::convert(value, to);
}

E Emitter::value_as(const Expr& expr, ValueType type) {
    return converted(value(expr), ir_type(type));
}

E Emitter::condition(const Expr& expr) {
    return value_as(expr, ValueType::boolean);
}

void Emitter::run(const std::vector<StmtPtr>& statements) {
    run_from(statements, 0);
}

/// What stands behind a statement that may jump runs where it did not.
void Emitter::run_from(const std::vector<StmtPtr>& statements, std::size_t first) {
    for (std::size_t k = first; k < statements.size(); ++k) {
        stmt(*statements[k]);
        if (k + 1 < statements.size() && may_jump(*statements[k])) {
            code_.when(goes_on(), [&] { run_from(statements, k + 1); });
            return;
        }
    }
}

void Emitter::stmt(const Stmt& statement) {
    std::visit([&](const auto& node) { stmt_node(node); }, statement.node);
}

void Emitter::stmt_node(const Declaration& node) {
    const Type type = ir_type(node.type);
    for (const Declarator& declarator : node.declarators) {
        const E initial = declarator.initial ? value_as(*declarator.initial, node.type) : zero(type);
        const std::string name = fresh_name(std::string(declarator.name));
        // Declared with a constant first: a local whose first value is the same for all neurons could not take
        // different ones later.
        code_.let(name, type == Type::u32 ? zero(type) : initial);
        if (type == Type::u32) {
            code_.assign(name, initial);
        }
        locals_.insert_or_assign(declarator.symbol, ir::local(name, type));
    }
}

void Emitter::stmt_node(const ExprStmt& node) {
    for (const ExprPtr& expr : node.expressions) {
        if (const auto* assignment = std::get_if<AssignExpr>(&expr->node)) {
            assign(*assignment);
        } else if (const auto* call = std::get_if<CallExpr>(&expr->node);
                   call != nullptr && call->function == Function::inject_current) {
            inject_(value_as(*call->arguments.front(), ValueType::f32));
        }
    }
}

void Emitter::stmt_node(const BlockStmt& node) {
    run(node.statements);
}

void Emitter::stmt_node(const IfStmt& node) {
    const E chosen = condition(*node.condition);
    code_.when(
        chosen, [&] { stmt(*node.then_body); },
        [&] {
            if (node.else_body) {
                stmt(*node.else_body);
            }
        });
}

void Emitter::stmt_node(const ForStmt& node) {
    const Type type = ir_type(node.type);
    const E begin = bound(*node.index.initial, node.type);
    const ValueType compared = common_type(node.type, node.end->type);
    const E end = bound(*node.end, compared);
    const E first = converted(begin, ir_type(compared));
    const E span = ir::convert(end - first, Type::u32) + E(node.inclusive ? 1U : 0U);
    const E runs = node.inclusive ? end >= first : end > first;
    const E count = ir::select(runs, span, E(0U));
    const std::string name = fresh_name({});
    Exits exits;
    exits.is_loop = true;
    const bool jumps = may_jump(*node.body);
    if (jumps) {
        exits.broken = functions_.variable(E(false));
        exits.skipped = functions_.variable(E(false));
    }
    exits_.push_back(exits);
    code_.loop(name, E(0U), count, ir::LoopKind::serial, [&](const E& number) {
        const E index = ir::convert(number, type) + begin;
        uniform_.insert_or_assign(node.index.symbol, index);
        locals_.insert_or_assign(node.index.symbol, code_.let(fresh_name(std::string(node.index.name)), index));
        if (jumps) {
            functions_.assign(*exits.skipped, E(false));
            code_.when(!*exits.broken, [&] { stmt(*node.body); });
        } else {
            stmt(*node.body);
        }
    });
    exits_.pop_back();
}

/// Runs on from the case that fits: each case asks whether it stands behind it.
void Emitter::stmt_node(const SwitchStmt& node) {
    const E chosen = bind(value_as(*node.value, node.type));
    E entry = E(static_cast<int>(node.cases.size()));
    for (std::size_t k = 0; k < node.cases.size(); ++k) {
        entry = node.cases[k].label ? entry : E(static_cast<int>(k));
    }
    for (std::size_t k = 0; k < node.cases.size(); ++k) {
        if (const auto& label = node.cases[k].label) {
            const E fits = chosen == (chosen.type() == Type::u32 ? E(*label) : E(static_cast<std::int32_t>(*label)));
            entry = ir::select(fits, E(static_cast<int>(k)), entry);
        }
    }
    entry = functions_.bind(entry);
    Exits exits;
    exits.broken = functions_.variable(E(false));
    exits_.push_back(exits);
    for (std::size_t k = 0; k < node.cases.size(); ++k) {
        const E reached = entry <= E(static_cast<int>(k));
        code_.when(reached && goes_on(), [&] { run(node.cases[k].statements); });
    }
    exits_.pop_back();
}

void Emitter::stmt_node(const JumpStmt& node) {
    if (!node.continues) {
        functions_.assign(exits_.back().broken.value(), E(true));
        return;
    }
    const auto loop = std::find_if(exits_.rbegin(), exits_.rend(), [](const Exits& exits) { return exits.is_loop; });
    functions_.assign(loop->skipped.value(), E(true));
}

E Emitter::goes_on() const {
    const auto loop = std::find_if(exits_.rbegin(), exits_.rend(), [](const Exits& exits) { return exits.is_loop; });
    const bool may_be_skipped = loop != exits_.rend() && loop->skipped;
    const E broken = exits_.back().broken ? *exits_.back().broken : E(false);
    return may_be_skipped ? !(broken || *loop->skipped) : !broken;
}

E Emitter::bound(const Expr& expr, ValueType type) {
    const auto recurse = [&](const Expr& inner) { return bound(inner, expr.type); };
    E result = std::visit(ir::Overload{
                              [&](const NameExpr& node) {
                                  const auto found = uniform_.find(node.symbol);
                                  return found != uniform_.end() ? found->second : named(*node.symbol);
                              },
                              [&](const UnaryExpr& node) {
                                  const E operand = recurse(*node.operand);
                                  return node.op == UnaryOperator::minus ? -operand : operand;
                              },
                              [&](const BinaryExpr& node) {
                                  const E left = recurse(*node.left);
                                  const E right = recurse(*node.right);
                                  return binary(node.op, left, right);
                              },
                              [&](const CastExpr& node) {
                                  const ValueType from = node.operand->type;
                                  const E operand = from == ValueType::f32 ? bound_of_parameter(*node.operand)
                                                                           : bound(*node.operand, from);
                                  return converted(operand, ir_type(node.type));
                              },
                              [&](const auto&) { return value(expr); },
                          },
                          expr.node);
    return converted(result, ir_type(type));
}

E Emitter::bound_of_parameter(const Expr& expr) {
    const Symbol& symbol = *std::get<NameExpr>(expr.node).symbol;
    const E value = named(symbol);
    if (literal(value) == nullptr) {
        throw DescriptionError({where_,
                                "parameter '" + symbol.name + "' bounds a loop, but differs between neurons",
                                {},
                                "give it one value for all neurons"});
    }
    return value;
}

}  // namespace mlgenn::language
