// SPDX-License-Identifier: Apache-2.0
// Programs as text, for --emit ir, golden files and cache keys: nothing here depends on pointers, time or locale.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "compiler/ir/program.h"
#include "mlgenn/errors.h"

namespace mlgenn::ir {
namespace {

constexpr std::array binary_names = {"+",  "-",  "*",     "/", "%",  "min", "max", "&",  "|", "^",
                                     "<<", ">>", "mulhi", "<", "<=", ">",   ">=",  "==", "!="};
constexpr std::array unary_names = {"-", "!", "abs", "sqrt", "floor", "ceil", "rint"};
constexpr std::array type_names = {"bool", "u32", "i32", "f32"};
constexpr std::array storage_names = {"i8", "u8", "i16", "u16", "i32", "u32", "f32"};
constexpr std::array space_names = {"constant", "workspace", "argument"};
constexpr std::array reset_names = {"never", "variable", "readout", "synaptic", "in_flight"};
constexpr std::array phase_names = {"read_input", "deliver_spikes", "update_neurons"};

template <class Enum, std::size_t N>
std::string name_of(const std::array<const char*, N>& names, Enum value) {
    return names.at(static_cast<std::size_t>(value));
}

std::string f32_text(float value) {
    if (!std::isfinite(value)) {
        return std::isnan(value) ? "nan" : (value > 0 ? "inf" : "-inf");
    }
    std::array<char, 48> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    std::string result(text.data(), end);
    if (result.find_first_of(".e") == std::string::npos) {
        result += ".0";
    }
    return result;
}

class Printer {
public:
    explicit Printer(const Program& program) : program_(program) {}

    [[nodiscard]] std::string expr(const ExprPtr& e) const {
        return std::visit(
            Overload{
                [&](const Literal& n) { return literal(e->type, n.bits); },
                [](const LocalRef& n) { return n.name; },
                [](const IndexRef& n) { return n.name; },
                [&](const Load& n) { return buffer(n.buffer) + "[" + expr(n.index) + "]"; },
                [&](const Unary& n) { return name_of(unary_names, n.op) + "(" + expr(n.operand) + ")"; },
                [&](const Binary& n) {
                    const std::string op = name_of(binary_names, n.op);
                    if (n.op == BinaryOp::minimum || n.op == BinaryOp::maximum || n.op == BinaryOp::multiply_high) {
                        return op + "(" + expr(n.left) + ", " + expr(n.right) + ")";
                    }
                    return "(" + expr(n.left) + " " + op + " " + expr(n.right) + ")";
                },
                [&](const Fma& n) {
                    return "fma(" + expr(n.left) + ", " + expr(n.right) + ", " + expr(n.addend) + ")";
                },
                [&](const Select& n) {
                    return "select(" + expr(n.condition) + ", " + expr(n.if_true) + ", " + expr(n.if_false) + ")";
                },
                [&](const Convert& n) { return name_of(type_names, e->type) + "(" + expr(n.operand) + ")"; },
                [&](const Bitcast& n) { return name_of(type_names, e->type) + "_bits(" + expr(n.operand) + ")"; },
            },
            e->node);
    }

    void block(const Block& statements, int depth) {
        for (const StmtPtr& stmt : statements) {
            statement(*stmt, depth);
        }
    }

    void line(int depth, const std::string& text) {
        out_.append(static_cast<std::size_t>(depth) * 4, ' ').append(text).append("\n");
    }

    void program() {
        line(0, "program " + program_.name + "  dt " + f32_text(static_cast<float>(program_.dt_ms)) +
                    " ms  timesteps " + std::to_string(program_.num_timesteps));
        for (const Buffer& b : program_.buffers) {
            buffer_line(b);
        }
        for (const SpikeQueue& q : program_.queues) {
            line(0, "queue " + q.population + ".spikes  neurons " + std::to_string(q.num_neurons) + "  max_delay " +
                        std::to_string(q.max_delay) + "  slots " + std::to_string(q.slots));
        }
        for (const Accumulator& a : program_.accumulators) {
            accumulator_line(a);
        }
        line(0, "schedule " + program_.schedule.name + "  chunk " + std::to_string(program_.schedule.chunk));
        for (const TimeLoop& loop : program_.loops) {
            line(0, loop.recurrent ? "time_loop (recurrent)" : "time_loop");
            for (const Phase& phase : loop.phases) {
                line(1, name_of(phase_names, phase.kind) + " " + phase.name + "  // " + phase.origin);
                block(phase.body, 2);
            }
        }
        for (const ScoreFunction& score : program_.scores) {
            line(0, "score " + score.plan.entry_point + "  // " + score.plan.metric + " of " +
                        program_.outputs.at(score.plan.output).population);
            block(score.body, 1);
        }
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    static std::string literal(Type type, std::uint32_t bits) {
        switch (type) {
            case Type::boolean:
                return bits != 0 ? "true" : "false";
            case Type::u32:
                return std::to_string(bits) + "u";
            case Type::i32:
                return std::to_string(static_cast<std::int32_t>(bits));
            case Type::f32:
                return f32_text(std::bit_cast<float>(bits));
        }
        throw InternalError("literal of unknown type");
    }

    [[nodiscard]] std::string buffer(BufferId id) const { return program_.buffer(id).name; }
    [[nodiscard]] std::string spikes(QueueId id, std::uint32_t delay) const {
        return program_.queue(id).population + ".spikes[t - " + std::to_string(delay) + "]";
    }

    void buffer_line(const Buffer& b) {
        std::string text = "buffer " + b.name + ": " + name_of(storage_names, b.storage) + "[" +
                           std::to_string(b.count) + "] " + name_of(space_names, b.space) + " @" +
                           std::to_string(b.location);
        if (b.space == Space::workspace && b.reset_class != ResetClass::never) {
            text += "  reset " + name_of(reset_names, b.reset_class);
            text += b.initial_from ? " from " + buffer(*b.initial_from)
                                   : " to " + literal(value_type(b.storage), b.initial_bits);
        }
        line(0, text);
    }

    void accumulator_line(const Accumulator& a) {
        constexpr std::array forms = {"undecided", "f32", "i32"};
        std::string text = "accumulator " + a.connection + "  neurons " + std::to_string(a.num_neurons) + "  " +
                           name_of(forms, a.form);
        if (a.form == Accumulator::Form::i32) {
            text += " * 2^-" + std::to_string(a.scale_log2);
        }
        if (a.spike_value) {
            text += "  times " + expr(a.spike_value);
        }
        line(0, a.ring_slots > 1 ? text + "  ring " + std::to_string(a.ring_slots) : text);
    }

    void statement(const Stmt& stmt, int depth) {
        std::visit(
            Overload{
                [&](const Let& s) {
                    line(depth, "let " + s.name + ": " + name_of(type_names, s.value->type) + " = " + expr(s.value));
                },
                [&](const Assign& s) { line(depth, s.name + " = " + expr(s.value)); },
                [&](const Store& s) { line(depth, buffer(s.buffer) + "[" + expr(s.index) + "] = " + expr(s.value)); },
                [&](const AddTo& s) { line(depth, buffer(s.buffer) + "[" + expr(s.index) + "] += " + expr(s.value)); },
                [&](const If& s) {
                    line(depth, "if " + expr(s.condition));
                    block(s.then_body, depth + 1);
                    if (!s.else_body.empty()) {
                        line(depth, "else");
                        block(s.else_body, depth + 1);
                    }
                },
                [&](const For& s) {
                    line(depth, std::string(s.kind == LoopKind::parallel ? "parallel for " : "for ") + s.index +
                                    " in " + expr(s.begin) + " .. " + expr(s.end));
                    block(s.body, depth + 1);
                },
                [&](const ForSpikes& s) {
                    line(depth, "for " + s.index + " in " + spikes(s.queue, s.delay));
                    block(s.body, depth + 1);
                },
                [&](const Accumulate& s) {
                    line(depth, "accumulate " + program_.accumulator(s.accumulator).connection + "[" + expr(s.target) +
                                    "] += " + expr(s.weight) + (s.delay ? " after " + expr(s.delay) : std::string()));
                },
                [&](const Receive& s) {
                    line(depth, "let " + s.local + (s.as_integer ? ": i32 = " : ": f32 = ") +
                                    (s.base ? expr(s.base) + " + " : std::string()) + "receive " +
                                    program_.accumulator(s.accumulator).connection + "[" + expr(s.target) + "]");
                },
                [&](const SumSpikes& s) {
                    line(depth, "let " + s.local + ": " + name_of(type_names, s.init->type) + " = " + expr(s.init) +
                                    " + sum " + s.index + " in " + spikes(s.queue, s.delay) + " of " + expr(s.value));
                },
                [&](const EmitSpike& s) {
                    line(depth, "emit " + program_.queue(s.queue).population + "[" + expr(s.neuron) + "] if " +
                                    expr(s.condition) + (s.raster ? " into " + buffer(*s.raster) : std::string()));
                },
            },
            stmt.node);
    }

    const Program& program_;
    std::string out_;
};

}  // namespace

Type value_type(Storage storage) {
    switch (storage) {
        case Storage::i8:
        case Storage::i16:
        case Storage::i32:
            return Type::i32;
        case Storage::u8:
        case Storage::u16:
        case Storage::u32:
            return Type::u32;
        case Storage::f32:
            return Type::f32;
    }
    throw InternalError("unknown storage");
}

BufferId Program::add_buffer(Buffer buffer) {
    buffers.push_back(std::move(buffer));
    return static_cast<BufferId>(buffers.size() - 1);
}

std::string print(const Program& program) {
    Printer printer(program);
    printer.program();
    return printer.take();
}

std::string print(const Program& program, const ExprPtr& expr) {
    return Printer(program).expr(expr);
}

}  // namespace mlgenn::ir
