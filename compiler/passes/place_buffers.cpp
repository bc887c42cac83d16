// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

constexpr std::uint64_t alignment = 64;
/// Elements after a buffer's end that a vector may touch.
constexpr std::uint64_t slack_elements = 16;

std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

std::uint64_t footprint(const ir::Buffer& buffer) {
    return aligned((buffer.count + slack_elements) * size_of(buffer.storage));
}

/// A source may run `chunk` steps before its targets read what it emitted up to max_delay steps before them.
void place_queues(ir::Program& program) {
    const std::uint32_t ahead = program.loops.size() > 1 ? program.schedule.chunk : 1;
    for (ir::SpikeQueue& queue : program.queues) {
        queue.slots = std::bit_ceil(ahead + queue.max_delay);
        queue.stride = static_cast<std::uint32_t>(aligned((queue.num_neurons + slack_elements) * 4) / 4);
        queue.counts = program.add_buffer({.name = queue.population + ".spike_counts",
                                           .storage = Storage::u32,
                                           .count = queue.slots,
                                           .reset_class = ResetClass::in_flight});
        queue.ids = program.add_buffer({.name = queue.population + ".spike_ids",
                                        .storage = Storage::u32,
                                        .count = std::uint64_t{queue.slots} * queue.stride});
    }
}

void place_arguments(ir::Program& program) {
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        if (program.inputs[k].kind == InputPlan::Kind::events) {
            program.inputs[k].offsets_argument = next;
            program.buffer(program.input_buffers[k][0]).location = next++;
            program.inputs[k].ids_argument = next;
            program.buffer(program.input_buffers[k][1]).location = next++;
        }
    }
    for (std::size_t k = 0; k < program.recordings.size(); ++k) {
        program.recordings[k].argument = next;
        program.buffer(program.recording_buffers[k]).location = next++;
    }
    program.num_arguments = next;
}

}  // namespace

void place_buffers(ir::Program& program, const CompilerOptions&, const backends::Limits&) {
    place_queues(program);
    program.step_counter_location = 0;
    std::uint64_t workspace = alignment;
    std::uint64_t constants = 0;
    for (ir::Buffer& buffer : program.buffers) {
        if (buffer.space == ir::Space::workspace) {
            buffer.location = workspace;
            workspace += footprint(buffer);
        } else if (buffer.space == ir::Space::constant) {
            buffer.location = constants;
            constants += footprint(buffer);
        }
    }
    program.workspace_bytes = workspace;
    program.constants_bytes = constants;
    place_arguments(program);
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        if (program.inputs[k].kind == InputPlan::Kind::values) {
            program.inputs[k].workspace_offset = program.buffer(program.input_buffers[k][0]).location;
        }
    }
    for (std::size_t k = 0; k < program.outputs.size(); ++k) {
        program.outputs[k].workspace_offset = program.buffer(program.output_buffers[k]).location;
    }
}

}  // namespace mlgenn::passes
