// SPDX-License-Identifier: Apache-2.0
// Expressions of the IR.
//
// Semantics that every back end keeps:
// - Values are bool, u32, i32 and f32. Narrow storage (i8, u8, i16, u16) widens on Load and never appears as a value.
// - f32 is IEEE 754 binary32, round to nearest even; subnormal inputs and results are flushed to zero. Nothing is
//   reassociated or contracted: a * b + c rounds twice, Fma once. -0 == +0; which zero a sum of zeros gives is IEEE's.
// - u32 and i32 wrap modulo 2^32. Division or remainder by zero is never generated.
// - Expressions have no effects and may be evaluated any number of times, also for lanes that a condition masks out;
//   a Load evaluated for a masked-out lane must stay inside its buffer's padding.
// - Min and Max of f32 return the second operand when the comparison is unordered (a < b ? a : b).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace mlgenn::ir {

enum class Type : std::uint8_t { boolean, u32, i32, f32 };

/// Index into Program::buffers.
enum class BufferId : std::uint32_t {};
/// Index into Program::queues.
enum class QueueId : std::uint32_t {};
/// Index into Program::accumulators.
enum class AccumulatorId : std::uint32_t {};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

enum class UnaryOp : std::uint8_t { negate, logical_not, abs, sqrt, floor, ceil, rint };
enum class BinaryOp : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    remainder,
    minimum,
    maximum,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    multiply_high,  ///< u32 only: the upper half of the 64-bit product
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
};

/// The type's bit pattern; bool is 0 or 1.
struct Literal {
    std::uint32_t bits;
};
/// A local introduced by Let, Receive or SumSpikes.
struct LocalRef {
    std::string name;
};
/// A loop's index (u32), or one of three counts of timesteps (u32). "t": time, which starts at 0 or goes on from the
/// example before. "io_row": from where the arguments begin, so that events and recordings are found however long time
/// has gone on. "step": since the workspace was made (wraps), the position in rings.
struct IndexRef {
    std::string name;
};
struct Load {
    BufferId buffer;
    ExprPtr index;
};
struct Unary {
    UnaryOp op;
    ExprPtr operand;
};
struct Binary {
    BinaryOp op;
    ExprPtr left;
    ExprPtr right;
};
/// left * right + addend with one rounding.
struct Fma {
    ExprPtr left;
    ExprPtr right;
    ExprPtr addend;
};
struct Select {
    ExprPtr condition;
    ExprPtr if_true;
    ExprPtr if_false;
};
/// f32 -> integer truncates (the value must fit); integer -> f32 rounds to nearest even; bool -> 0 or 1.
struct Convert {
    ExprPtr operand;
};

/// The same 32 bits as another type; not for bool.
struct Bitcast {
    ExprPtr operand;
};

struct Expr {
    using Node = std::variant<Literal, LocalRef, IndexRef, Load, Unary, Binary, Fma, Select, Convert, Bitcast>;
    Type type;
    Node node;
};

/// Builds std::visit visitors from lambdas.
template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

/// An expression with operators, so that models read like their equations. Mixed types do not compile into IR:
/// every operator checks that both sides have the same type (InternalError).
class E {
public:
    explicit E(ExprPtr expr) : expr_(std::move(expr)) {}
    E(float value);
    E(double value);  ///< rounded once to f32
    E(std::uint32_t value);
    E(int value);  ///< i32
    E(bool value);

    [[nodiscard]] const ExprPtr& ptr() const { return expr_; }
    operator const ExprPtr&() const { return expr_; }
    [[nodiscard]] Type type() const { return expr_->type; }

private:
    ExprPtr expr_;
};

[[nodiscard]] E literal_u32(std::uint32_t value);
[[nodiscard]] E local(std::string name, Type type);
[[nodiscard]] E index(std::string name);
[[nodiscard]] E load(BufferId buffer, Type type, E at);
[[nodiscard]] E select(E condition, E if_true, E if_false);
[[nodiscard]] E fma(E left, E right, E addend);
[[nodiscard]] E convert(E operand, Type to);
[[nodiscard]] E bitcast(E operand, Type to);
[[nodiscard]] E multiply_high(E left, E right);
[[nodiscard]] E unary(UnaryOp op, E operand);
[[nodiscard]] E binary(BinaryOp op, E left, E right);
[[nodiscard]] E min(E a, E b);
[[nodiscard]] E max(E a, E b);

E operator+(E a, E b);
E operator-(E a, E b);
E operator*(E a, E b);
E operator/(E a, E b);
E operator%(E a, E b);
E operator<(E a, E b);
E operator<=(E a, E b);
E operator>(E a, E b);
E operator>=(E a, E b);
E operator==(E a, E b);
E operator!=(E a, E b);
E operator&&(E a, E b);
E operator||(E a, E b);
E operator!(E a);
E operator-(E a);

/// The value of a constant expression, if it is one.
[[nodiscard]] bool is_literal(const ExprPtr& expr, std::uint32_t bits);
[[nodiscard]] bool structurally_equal(const ExprPtr& a, const ExprPtr& b);

}  // namespace mlgenn::ir
