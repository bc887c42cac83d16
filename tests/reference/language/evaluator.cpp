// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/language/evaluator.h"

#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "tests/reference/language/functions.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

using language::BinaryOperator;
using language::UnaryOperator;
using language::ValueType;

namespace {

std::int32_t as_int(Scalar value) {
    return static_cast<std::int32_t>(value.bits);
}
Scalar scalar_of(std::int32_t value) {
    return {ValueType::i32, static_cast<std::uint32_t>(value)};
}
Scalar scalar_of(bool value) {
    return {ValueType::boolean, value ? 1U : 0U};
}

ValueType common(ValueType a, ValueType b) {
    if (a == ValueType::f32 || b == ValueType::f32) {
        return ValueType::f32;
    }
    return a == ValueType::u32 || b == ValueType::u32 ? ValueType::u32 : ValueType::i32;
}

ValueType wide(ValueType type) {
    return type == ValueType::boolean ? ValueType::i32 : type;
}

template <class Number>
bool compares(BinaryOperator op, Number a, Number b) {
    switch (op) {
        case BinaryOperator::less:
            return a < b;
        case BinaryOperator::less_equal:
            return a <= b;
        case BinaryOperator::greater:
            return a > b;
        case BinaryOperator::greater_equal:
            return a >= b;
        case BinaryOperator::equal:
            return a == b;
        default:
            return a != b;
    }
}

Scalar compared(BinaryOperator op, Scalar a, Scalar b) {
    switch (a.type) {
        case ValueType::f32:
            return scalar_of(compares(op, as_float(a), as_float(b)));
        case ValueType::i32:
            return scalar_of(compares(op, as_int(a), as_int(b)));
        default:
            return scalar_of(compares(op, a.bits, b.bits));
    }
}

float real_operation(BinaryOperator op, float a, float b) {
    switch (op) {
        case BinaryOperator::add:
            return a + b;
        case BinaryOperator::subtract:
            return a - b;
        case BinaryOperator::multiply:
            return a * b;
        default:
            return a / b;
    }
}

/// Whole numbers in 64 bits, from which the lower 32 are taken.
std::uint32_t whole_operation(BinaryOperator op, std::int64_t a, std::int64_t b) {
    switch (op) {
        case BinaryOperator::add:
            return static_cast<std::uint32_t>(a + b);
        case BinaryOperator::subtract:
            return static_cast<std::uint32_t>(a - b);
        case BinaryOperator::multiply:
            return static_cast<std::uint32_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
        case BinaryOperator::divide:
            return b == 0 ? 0U : static_cast<std::uint32_t>(a / b);
        case BinaryOperator::remainder:
            return b == 0 ? 0U : static_cast<std::uint32_t>(a % b);
        case BinaryOperator::bit_and:
            return static_cast<std::uint32_t>(a & b);
        case BinaryOperator::bit_or:
            return static_cast<std::uint32_t>(a | b);
        default:
            return static_cast<std::uint32_t>(a ^ b);
    }
}

Scalar shifted(BinaryOperator op, Scalar a, Scalar count) {
    // A count is converted to the type of what is shifted; its lower five bits are the same in all of them.
    const std::uint32_t by = count.bits & 31U;
    if (op == BinaryOperator::shift_left) {
        return {a.type, a.bits << by};
    }
    return a.type == ValueType::i32 ? scalar_of(as_int(a) >> by) : Scalar{a.type, a.bits >> by};
}

Scalar operation(BinaryOperator op, Scalar left, Scalar right) {
    if (op == BinaryOperator::logical_and || op == BinaryOperator::logical_or) {
        const bool both = is_true(left) && is_true(right);
        return scalar_of(op == BinaryOperator::logical_and ? both : is_true(left) || is_true(right));
    }
    if (op == BinaryOperator::shift_left || op == BinaryOperator::shift_right) {
        return shifted(op, converted(left, wide(left.type)), right);
    }
    const ValueType type = common(left.type, right.type);
    const Scalar a = converted(left, type);
    const Scalar b = converted(right, type);
    if (op >= BinaryOperator::less) {
        return compared(op, a, b);
    }
    if (type == ValueType::f32) {
        return scalar(real_operation(op, as_float(a), as_float(b)));
    }
    const std::uint32_t bits = type == ValueType::i32 ? whole_operation(op, as_int(a), as_int(b))
                                                      : whole_operation(op, std::int64_t{a.bits}, std::int64_t{b.bits});
    return {type, bits};
}

std::uint32_t truncated(float value, ValueType type) {
    if (std::isnan(value)) {
        return 0;
    }
    const double low = type == ValueType::i32 ? -0x1p31 : 0.0;
    const double high = type == ValueType::i32 ? 0x1p31 - 1.0 : 0x1p32 - 1.0;
    const double bounded = std::fmin(std::fmax(std::trunc(static_cast<double>(value)), low), high);
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(bounded));
}

/// abs, min and max keep the type of their arguments.
Scalar generic(const std::string& name, Scalar a, Scalar b) {
    if (a.type == ValueType::f32) {
        const std::vector<float> arguments = {as_float(a), as_float(b)};
        return scalar(apply_function(name == "abs" ? "fabs" : name == "min" ? "fmin" : "fmax", arguments));
    }
    if (name == "abs") {
        return a.type == ValueType::i32 && as_int(a) < 0 ? Scalar{a.type, 0U - a.bits} : a;
    }
    const bool less = is_true(compared(BinaryOperator::less, a, b));
    return less == (name == "min") ? a : b;
}

}  // namespace

Scalar converted(Scalar value, ValueType type) {
    if (value.type == type) {
        return value;
    }
    if (type == ValueType::boolean) {
        return scalar_of(is_true(value));
    }
    if (value.type == ValueType::f32) {
        return {type, truncated(as_float(value), type)};
    }
    return type == ValueType::f32 ? scalar(as_float(value)) : Scalar{type, value.bits};
}

float as_float(Scalar value) {
    switch (value.type) {
        case ValueType::f32:
            return std::bit_cast<float>(value.bits);
        case ValueType::i32:
            return static_cast<float>(static_cast<std::int32_t>(value.bits));
        default:
            return static_cast<float>(value.bits);
    }
}

bool is_true(Scalar value) {
    return value.type == ValueType::f32 ? as_float(value) != 0.0f : value.bits != 0;
}

void Evaluator::run(const std::vector<language::StmtPtr>& statements) {
    static_cast<void>(block(statements));
}

Evaluator::Leave Evaluator::block(const std::vector<language::StmtPtr>& statements) {
    for (const language::StmtPtr& one : statements) {
        if (const Leave leave = statement(*one); leave != Leave::no) {
            return leave;
        }
    }
    return Leave::no;
}

Evaluator::Leave Evaluator::statement(const language::Stmt& one) {
    return std::visit([&](const auto& node) { return run_node(node); }, one.node);
}

Evaluator::Leave Evaluator::run_node(const language::Declaration& node) {
    for (const language::Declarator& declarator : node.declarators) {
        const Scalar initial = declarator.initial ? value(*declarator.initial) : Scalar{node.type, 0};
        locals_[declarator.symbol] = converted(initial, node.type);
    }
    return Leave::no;
}

Evaluator::Leave Evaluator::run_node(const language::ExprStmt& node) {
    for (const language::ExprPtr& expr : node.expressions) {
        if (const auto* assignment = std::get_if<language::AssignExpr>(&expr->node)) {
            assign(*assignment);
            continue;
        }
        const auto* call = std::get_if<language::CallExpr>(&expr->node);
        if (call != nullptr && call->name == "injectCurrent") {
            inject(as_float(value(*call->arguments.front())));
        }
    }
    return Leave::no;
}

Evaluator::Leave Evaluator::run_node(const language::BlockStmt& node) {
    return block(node.statements);
}

Evaluator::Leave Evaluator::run_node(const language::IfStmt& node) {
    if (is_true(value(*node.condition))) {
        return statement(*node.then_body);
    }
    return node.else_body ? statement(*node.else_body) : Leave::no;
}

Evaluator::Leave Evaluator::run_node(const language::ForStmt& node) {
    Scalar index = converted(value(*node.index.initial), node.type);
    const BinaryOperator comparison = node.inclusive ? BinaryOperator::less_equal : BinaryOperator::less;
    locals_[node.index.symbol] = index;
    const Scalar end = value(*node.end);
    while (is_true(operation(comparison, index, end))) {
        locals_[node.index.symbol] = index;
        if (statement(*node.body) == Leave::breaks) {
            break;
        }
        index.bits += 1;
    }
    return Leave::no;
}

/// Runs on from the label that fits to the end, or to a break.
Evaluator::Leave Evaluator::run_node(const language::SwitchStmt& node) {
    const Scalar chosen = converted(value(*node.value), node.type);
    std::size_t first = node.cases.size();
    for (std::size_t k = 0; k < node.cases.size(); ++k) {
        const bool fits = node.cases[k].label && *node.cases[k].label == chosen.bits;
        if (fits || (!node.cases[k].label && first == node.cases.size())) {
            first = k;
        }
        if (fits) {
            break;
        }
    }
    for (std::size_t k = first; k < node.cases.size(); ++k) {
        const Leave leave = block(node.cases[k].statements);
        if (leave == Leave::breaks) {
            return Leave::no;
        }
        if (leave == Leave::continues) {
            return leave;
        }
    }
    return Leave::no;
}

Evaluator::Leave Evaluator::run_node(const language::JumpStmt& node) {
    return node.continues ? Leave::continues : Leave::breaks;
}

void Evaluator::store(const language::Symbol& symbol, Scalar value) {
    const Scalar stored = converted(value, symbol.type);
    if (symbol.kind == language::SymbolKind::local) {
        locals_[&symbol] = stored;
    } else {
        write(symbol.name, stored);
    }
}

void Evaluator::assign(const language::AssignExpr& node) {
    const auto* chained = std::get_if<language::AssignExpr>(&node.value->node);
    if (chained != nullptr) {
        assign(*chained);
    }
    const Scalar given = value(chained != nullptr ? *chained->target : *node.value);
    const language::Symbol& symbol = *std::get<language::NameExpr>(node.target->node).symbol;
    store(symbol, node.op ? operation(*node.op, value(*node.target), given) : given);
}

Scalar Evaluator::value(const language::Expr& expr) {
    return std::visit([&](const auto& node) { return value_node(expr, node); }, expr.node);
}

Scalar Evaluator::value_node(const language::Expr&, const language::NumberLiteral& node) {
    return {node.type, node.bits};
}

Scalar Evaluator::value_node(const language::Expr&, const language::NameExpr& node) {
    const auto found = locals_.find(node.symbol);
    return found != locals_.end() ? found->second : read(node.symbol->name);
}

Scalar Evaluator::value_node(const language::Expr&, const language::UnaryExpr& node) {
    const Scalar operand = value(*node.operand);
    if (node.op == UnaryOperator::logical_not) {
        return scalar_of(!is_true(operand));
    }
    const Scalar promoted = converted(operand, wide(operand.type));
    switch (node.op) {
        case UnaryOperator::minus:
            return promoted.type == ValueType::f32 ? scalar(-as_float(promoted))
                                                   : Scalar{promoted.type, 0U - promoted.bits};
        case UnaryOperator::bit_not:
            return {promoted.type, ~promoted.bits};
        default:
            return promoted;
    }
}

Scalar Evaluator::value_node(const language::Expr&, const language::BinaryExpr& node) {
    const Scalar left = value(*node.left);
    return operation(node.op, left, value(*node.right));
}

Scalar Evaluator::value_node(const language::Expr& expr, const language::ConditionalExpr& node) {
    // Both values are computed: each takes its random numbers.
    const bool chosen = is_true(value(*node.condition));
    const Scalar if_true = value(*node.if_true);
    const Scalar if_false = value(*node.if_false);
    return converted(chosen ? if_true : if_false, expr.type);
}

Scalar Evaluator::value_node(const language::Expr&, const language::CastExpr& node) {
    return converted(value(*node.operand), node.type);
}

Scalar Evaluator::value_node(const language::Expr&, const language::AssignExpr&) {
    throw std::logic_error("an assignment inside an expression");
}

Scalar Evaluator::value_node(const language::Expr& expr, const language::CallExpr& node) {
    const std::string name(node.name);
    std::vector<Scalar> arguments;
    for (const language::ExprPtr& argument : node.arguments) {
        arguments.push_back(value(*argument));
    }
    if (name.rfind("gennrand", 0) == 0) {
        return random(name, arguments);
    }
    if (name == "abs" || name == "min" || name == "max") {
        const Scalar first = converted(arguments.front(), expr.type);
        return generic(name, first, converted(arguments.back(), expr.type));
    }
    if (name == "ldexp" || name == "scalbn") {
        const auto exponent = as_int(converted(arguments[1], ValueType::i32));
        return scalar(scaled_by_power(as_float(arguments[0]), exponent));
    }
    if (name == "ilogb") {
        return scalar_of(exponent_of(as_float(arguments[0])));
    }
    std::vector<float> numbers;
    for (const Scalar argument : arguments) {
        numbers.push_back(as_float(argument));
    }
    return scalar(apply_function(name, numbers));
}

Scalar Evaluator::random(const std::string& name, const std::vector<Scalar>& arguments) {
    if (name == "gennrand") {
        return scalar(draws->word());
    }
    if (name == "gennrand_uniform") {
        return scalar(draws->uniform());
    }
    if (name == "gennrand_normal") {
        return scalar(draws->normal());
    }
    if (name == "gennrand_exponential") {
        return scalar(draws->exponential());
    }
    if (name == "gennrand_log_normal") {
        return scalar(draws->log_normal(as_float(arguments[0]), as_float(arguments[1])));
    }
    if (name == "gennrand_gamma") {
        return scalar(draws->gamma(as_float(arguments[0])));
    }
    if (name == "gennrand_binomial") {
        return scalar(draws->binomial(converted(arguments[0], ValueType::u32).bits, as_float(arguments[1])));
    }
    throw Unsupported("the reference does not know " + name);
}

}  // namespace mlgenn::reference
