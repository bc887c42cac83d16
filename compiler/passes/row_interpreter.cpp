// SPDX-License-Identifier: Apache-2.0
// Runs a connectivity's row view on the host: which synapses a presynaptic neuron has.
#include "compiler/passes/row_interpreter.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using ir::BinaryOp;
using ir::Type;
using ir::UnaryOp;

[[noreturn]] void not_in_rows(const char* what) {
    throw InternalError(std::string("a connectivity's row has ") + what + ", which only other phases have");
}

/// One value as its 32 bits; the expression knows the type.
using Bits = std::uint32_t;

float as_float(Bits bits) {
    return std::bit_cast<float>(bits);
}
std::int32_t as_signed(Bits bits) {
    return static_cast<std::int32_t>(bits);
}
Bits bits_of(float value) {
    return std::bit_cast<Bits>(value);
}

template <class T>
bool compare(BinaryOp op, T a, T b) {
    switch (op) {
        case BinaryOp::less:
            return a < b;
        case BinaryOp::less_equal:
            return a <= b;
        case BinaryOp::greater:
            return a > b;
        case BinaryOp::greater_equal:
            return a >= b;
        case BinaryOp::equal:
            return a == b;
        default:
            return a != b;
    }
}

bool is_comparison(BinaryOp op) {
    return op >= BinaryOp::less;
}

Bits float_operation(BinaryOp op, float a, float b) {
    switch (op) {
        case BinaryOp::add:
            return bits_of(a + b);
        case BinaryOp::subtract:
            return bits_of(a - b);
        case BinaryOp::multiply:
            return bits_of(a * b);
        case BinaryOp::divide:
            return bits_of(a / b);
        case BinaryOp::minimum:
            return bits_of(a < b ? a : b);
        case BinaryOp::maximum:
            return bits_of(a > b ? a : b);
        default:
            not_in_rows("an operation on f32 that is not arithmetic");
    }
}

/// Wraps as generated code does; division and comparison by 0 are never generated.
Bits integer_operation(BinaryOp op, Type type, Bits a, Bits b) {
    const bool is_signed = type == Type::i32;
    switch (op) {
        case BinaryOp::add:
            return a + b;
        case BinaryOp::subtract:
            return a - b;
        case BinaryOp::multiply:
            return a * b;
        case BinaryOp::divide:
            return is_signed ? static_cast<Bits>(as_signed(a) / as_signed(b)) : a / b;
        case BinaryOp::remainder:
            return is_signed ? static_cast<Bits>(as_signed(a) % as_signed(b)) : a % b;
        case BinaryOp::minimum:
            return (is_signed ? as_signed(a) < as_signed(b) : a < b) ? a : b;
        case BinaryOp::maximum:
            return (is_signed ? as_signed(a) > as_signed(b) : a > b) ? a : b;
        case BinaryOp::bit_and:
            return a & b;
        case BinaryOp::bit_or:
            return a | b;
        case BinaryOp::bit_xor:
            return a ^ b;
        case BinaryOp::shift_left:
            return a << b;
        case BinaryOp::shift_right:
            return is_signed ? static_cast<Bits>(as_signed(a) >> b) : a >> b;
        case BinaryOp::multiply_high:
            return static_cast<Bits>((std::uint64_t{a} * b) >> 32U);
        default:
            throw InternalError("a comparison reached integer arithmetic");
    }
}

class RowInterpreter {
public:
    using Synapse = std::function<void(std::uint32_t, float, std::uint32_t)>;
    RowInterpreter(const ir::Program& program, const Synapse& synapse) : program_(program), synapse_(synapse) {}

    void run(const ir::Block& block, std::uint32_t source) {
        names_.assign(1, {"i", source});
        run(block);
    }

private:
    void run(const ir::Block& block) {
        const std::size_t outer = names_.size();
        for (const ir::StmtPtr& stmt : block) {
            run(*stmt);
        }
        names_.resize(outer);
    }

    void run(const ir::Stmt& stmt) {
        std::visit(ir::Overload{
                       [this](const ir::Let& let) { names_.emplace_back(let.name, evaluate(*let.value)); },
                       [this](const ir::Assign& assign) { find(assign.name) = evaluate(*assign.value); },
                       [this](const ir::If& branch) {
                           run(evaluate(*branch.condition) != 0 ? branch.then_body : branch.else_body);
                       },
                       [this](const ir::For& loop) { run_loop(loop); },
                       [this](const ir::Accumulate& synapse) {
                           synapse_(evaluate(*synapse.target), as_float(evaluate(*synapse.weight)),
                                    synapse.delay ? evaluate(*synapse.delay) : 0);
                       },
                       [](const auto&) { not_in_rows("a statement"); },
                   },
                   stmt.node);
    }

    void run_loop(const ir::For& loop) {
        const Bits end = evaluate(*loop.end);
        const std::size_t place = names_.size();
        names_.emplace_back(loop.index, evaluate(*loop.begin));
        for (; names_[place].second < end; ++names_[place].second) {
            run(loop.body);
        }
        names_.resize(place);
    }

    /// The innermost local or index of that name.
    Bits& find(const std::string& name) {
        for (std::size_t k = names_.size(); k-- > 0;) {
            if (names_[k].first == name) {
                return names_[k].second;
            }
        }
        throw InternalError("a connectivity's row reads '" + name + "', which it does not introduce");
    }

    Bits evaluate(const ir::Expr& expr) {
        return std::visit(
            ir::Overload{
                [](const ir::Literal& literal) { return literal.bits; },
                [this](const ir::LocalRef& local) { return find(local.name); },
                [this](const ir::IndexRef& index) { return find(index.name); },
                [this](const ir::Load& load) { return element(load); },
                [&](const ir::Unary& unary) { return operation(unary.op, expr.type, evaluate(*unary.operand)); },
                [this](const ir::Binary& binary) {
                    return operation(binary.op, binary.left->type, evaluate(*binary.left), evaluate(*binary.right));
                },
                [this](const ir::Fma& fma) {
                    return bits_of(std::fma(as_float(evaluate(*fma.left)), as_float(evaluate(*fma.right)),
                                            as_float(evaluate(*fma.addend))));
                },
                [this](const ir::Select& select) {
                    return evaluate(*select.condition) != 0 ? evaluate(*select.if_true) : evaluate(*select.if_false);
                },
                [&](const ir::Convert& convert) {
                    return converted(evaluate(*convert.operand), convert.operand->type, expr.type);
                },
                [this](const ir::Bitcast& bitcast) { return evaluate(*bitcast.operand); },
            },
            expr.node);
    }

    static Bits operation(UnaryOp op, Type type, Bits value) {
        switch (op) {
            case UnaryOp::negate:
                return type == Type::f32 ? bits_of(-as_float(value)) : 0U - value;
            case UnaryOp::logical_not:
                return value == 0 ? 1 : 0;
            case UnaryOp::abs:
                return bits_of(std::abs(as_float(value)));
            default:
                not_in_rows("a rounding operation");
        }
    }

    static Bits operation(BinaryOp op, Type type, Bits a, Bits b) {
        if (is_comparison(op)) {
            const bool holds = type == Type::f32   ? compare(op, as_float(a), as_float(b))
                               : type == Type::i32 ? compare(op, as_signed(a), as_signed(b))
                                                   : compare(op, a, b);
            return holds ? 1 : 0;
        }
        return type == Type::f32 ? float_operation(op, as_float(a), as_float(b)) : integer_operation(op, type, a, b);
    }

    static Bits converted(Bits value, Type from, Type to) {
        if (to == Type::f32) {
            return bits_of(from == Type::i32 ? static_cast<float>(as_signed(value)) : static_cast<float>(value));
        }
        if (from == Type::f32) {
            return to == Type::i32 ? static_cast<Bits>(static_cast<std::int32_t>(as_float(value)))
                                   : static_cast<Bits>(as_float(value));
        }
        return value;
    }

    template <class T>
    static T read(const ir::Buffer& buffer, std::size_t index) {
        T value;
        std::memcpy(&value, buffer.data->data() + index * sizeof(T), sizeof(T));
        return value;
    }

    Bits element(const ir::Load& load) {
        const ir::Buffer& buffer = program_.buffer(load.buffer);
        const std::size_t index = evaluate(*load.index);
        if (!buffer.data || index >= buffer.count) {
            throw InternalError("a connectivity's row reads element " + std::to_string(index) + " of '" + buffer.name +
                                "', which has " + std::to_string(buffer.count));
        }
        switch (size_of(buffer.storage)) {
            case 1:
                return buffer.storage == Storage::i8 ? static_cast<Bits>(read<std::int8_t>(buffer, index))
                                                     : read<std::uint8_t>(buffer, index);
            case 2:
                return buffer.storage == Storage::i16 ? static_cast<Bits>(read<std::int16_t>(buffer, index))
                                                      : read<std::uint16_t>(buffer, index);
            default:
                return read<Bits>(buffer, index);
        }
    }

    const ir::Program& program_;
    const Synapse& synapse_;
    /// Locals and indices in scope, innermost last.
    std::vector<std::pair<std::string, Bits>> names_;
};

}  // namespace

void for_each_synapse(const ir::Program& program, const ir::Block& row, std::uint32_t source,
                      const std::function<void(std::uint32_t, float, std::uint32_t)>& synapse) {
    RowInterpreter(program, synapse).run(row, source);
}

}  // namespace mlgenn::passes
