// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using ir::Accumulator;
using ir::E;
using ir::Type;

bool summed_in_registers(const Accumulator& accumulator) {
    return accumulator.dense_row_start != nullptr;
}

/// The memory that deliveries add to: the f32 state itself where the order of additions is the state's own, else a
/// buffer that Receive clears. A ring belongs to the synapse's state, if it has one.
void give_memory(ir::Program& program, Accumulator& accumulator) {
    const bool integer = accumulator.form == Accumulator::Form::i32;
    const bool ring = accumulator.ring_slots > 1;
    const bool with_state = ring && (accumulator.state || accumulator.belongs_to_state);
    if (!integer && !ring && accumulator.state) {
        accumulator.buffer = accumulator.state;
        return;
    }
    accumulator.buffer =
        program.add_buffer({.name = accumulator.connection + (ring ? ".ring" : ".delivered"),
                            .storage = integer ? Storage::i32 : Storage::f32,
                            .count = ring ? std::uint64_t{accumulator.ring_slots} * accumulator.ring_stride()
                                          : std::uint64_t{accumulator.num_neurons},
                            .reset_class = with_state ? ResetClass::synaptic : ResetClass::in_flight});
}

/// Element of the accumulator's memory that `target` receives `delay` steps from now (none: now).
E place_of(const Accumulator& accumulator, const E& target, const ir::ExprPtr& delay) {
    if (accumulator.ring_slots == 1) {
        return target;
    }
    const E step = delay ? ir::index("step") + E(delay) : ir::index("step");
    const E slot = ir::binary(ir::BinaryOp::bit_and, step, E(accumulator.ring_slots - 1));
    return slot * E(accumulator.ring_stride()) + target;
}

E as_current(const Accumulator& accumulator, const E& sum) {
    if (accumulator.form == Accumulator::Form::f32) {
        return sum;
    }
    return ir::convert(sum, Type::f32) * E(std::ldexp(1.0, -accumulator.scale_log2));
}

E times_spike_value(const Accumulator& accumulator, const E& weight) {
    return accumulator.spike_value ? weight * E(accumulator.spike_value) : weight;
}

/// local = base + sum over the spikes of a dense row's element, summed by the update itself.
ir::Block sum_in_registers(const ir::Program& program, const ir::Receive& receive) {
    const Accumulator& accumulator = program.accumulator(receive.accumulator);
    const bool integer = accumulator.form == Accumulator::Form::i32;
    const Type type = integer ? Type::i32 : Type::f32;
    const E weight = times_spike_value(
        accumulator, ir::load(*accumulator.weights, type, E(accumulator.dense_row_start) + E(receive.target)));
    const std::string sum = integer && !receive.as_integer ? receive.local + "_sum" : receive.local;
    E init = integer ? E(0) : (receive.base ? E(receive.base) : E(0.0F));
    ir::Block result;
    if (accumulator.negative_queue) {
        const std::string negative = sum + "_negative";
        result.push_back(ir::make(
            ir::SumSpikes{negative, init.ptr(), *accumulator.negative_queue, accumulator.delay, "i", (-weight).ptr()}));
        init = ir::local(negative, type);
    }
    result.push_back(ir::make(ir::SumSpikes{sum, init.ptr(), accumulator.queue, accumulator.delay, "i", weight.ptr()}));
    if (integer && !receive.as_integer) {
        E total = as_current(accumulator, ir::local(sum, Type::i32));
        if (receive.base) {
            total = E(receive.base) + total;
        }
        result.push_back(ir::make(ir::Let{receive.local, total.ptr()}));
    }
    return result;
}

ir::Block take_from_memory(const ir::Program& program, const ir::Receive& receive) {
    const Accumulator& accumulator = program.accumulator(receive.accumulator);
    if (accumulator.buffer == accumulator.state) {
        return {ir::make(ir::Let{receive.local, ir::load(*accumulator.buffer, Type::f32, E(receive.target)).ptr()})};
    }
    const bool integer = accumulator.form == Accumulator::Form::i32;
    const Type type = integer ? Type::i32 : Type::f32;
    const E place = place_of(accumulator, E(receive.target), nullptr);
    E total = ir::load(*accumulator.buffer, type, place);
    if (!receive.as_integer) {
        total = as_current(accumulator, total);
    }
    if (receive.base) {
        total = E(receive.base) + total;
    }
    const E zero = integer ? E(0) : E(0.0F);
    return {ir::make(ir::Let{receive.local, total.ptr()}),
            ir::make(ir::Store{*accumulator.buffer, place.ptr(), zero.ptr()})};
}

ir::Block expand(const ir::Program& program, const ir::StmtPtr& stmt) {
    if (const auto* receive = std::get_if<ir::Receive>(&stmt->node)) {
        return summed_in_registers(program.accumulator(receive->accumulator)) ? sum_in_registers(program, *receive)
                                                                              : take_from_memory(program, *receive);
    }
    if (const auto* add = std::get_if<ir::Accumulate>(&stmt->node)) {
        const Accumulator& accumulator = program.accumulator(add->accumulator);
        const E place = place_of(accumulator, E(add->target), add->delay);
        return {ir::make(
            ir::AddTo{*accumulator.buffer, place.ptr(), times_spike_value(accumulator, E(add->weight)).ptr()})};
    }
    return {stmt};
}

bool delivers_in_registers(const ir::Program& program, const ir::Phase& phase) {
    bool in_registers = false;
    ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
        if (const auto* add = std::get_if<ir::Accumulate>(&stmt.node)) {
            in_registers = in_registers || summed_in_registers(program.accumulator(add->accumulator));
        }
    });
    return in_registers;
}

}  // namespace

void expand_accumulators(ir::Program& program, const CompilerOptions&, const backends::Limits&) {
    for (Accumulator& accumulator : program.accumulators) {
        if (!summed_in_registers(accumulator)) {
            give_memory(program, accumulator);
        }
    }
    for (ir::TimeLoop& loop : program.loops) {
        std::vector<ir::Phase> kept;
        for (ir::Phase& phase : loop.phases) {
            if (delivers_in_registers(program, phase)) {
                continue;
            }
            phase.body = ir::rewrite_block(phase.body, [&](const ir::StmtPtr& stmt) { return expand(program, stmt); });
            kept.push_back(std::move(phase));
        }
        loop.phases = std::move(kept);
    }
}

}  // namespace mlgenn::passes
