// SPDX-License-Identifier: Apache-2.0
// Lays out an example's state for a GPU.
#include "compiler/backends/cuda/placement.h"

#include <algorithm>
#include <vector>

#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

constexpr std::uint64_t buffer_alignment = 16;
/// Examples lie this far apart at least, so that no two share a memory transaction.
constexpr std::uint64_t workspace_alignment = 256;

std::uint64_t aligned(std::uint64_t bytes, std::uint64_t alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
}

std::uint64_t footprint(const ir::Buffer& buffer) {
    return aligned(buffer.count * size_of(buffer.storage), buffer_alignment);
}

void make_bit_rows(ir::Program& program) {
    for (const ir::SpikeQueue& queue : program.queues) {
        if (queue.slots <= queue.max_delay) {
            throw InternalError("spike queue of population '" + queue.population + "' has no ring");
        }
        ir::Buffer& counts = program.buffer(queue.counts);
        counts.count = 0;
        counts.reset_class = ResetClass::never;
        ir::Buffer& rows = program.buffer(queue.ids);
        rows.name = queue.population + ".spikes";
        rows.count = std::uint64_t{queue.slots} * ((queue.num_neurons + 31) / 32);
        rows.reset_class = ResetClass::in_flight;
        rows.initial_bits = 0;
    }
}

bool is_input(const ir::Program& program, ir::BufferId id) {
    return std::any_of(program.input_buffers.begin(), program.input_buffers.end(), [&](const auto& buffers) {
        return std::find(buffers.begin(), buffers.end(), id) != buffers.end();
    });
}

/// Workspace buffers in the order in which they are laid out: state by size, then inputs.
std::vector<ir::BufferId> layout_order(const ir::Program& program) {
    std::vector<ir::BufferId> order;
    for (std::size_t k = 0; k < program.buffers.size(); ++k) {
        if (program.buffers[k].space == ir::Space::workspace) {
            order.push_back(static_cast<ir::BufferId>(k));
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](ir::BufferId a, ir::BufferId b) {
        const bool a_input = is_input(program, a);
        const bool b_input = is_input(program, b);
        return a_input != b_input ? b_input : footprint(program.buffer(a)) < footprint(program.buffer(b));
    });
    return order;
}

void update_plans(ir::Program& program) {
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        if (program.inputs[k].kind == InputPlan::Kind::values) {
            program.inputs[k].workspace_offset = program.buffer(program.input_buffers[k].at(0)).location;
        }
    }
    for (std::size_t k = 0; k < program.outputs.size(); ++k) {
        program.outputs[k].workspace_offset = program.buffer(program.output_buffers[k]).location;
    }
}

}  // namespace

PlacedProgram place_for_gpu(ir::Program program, std::uint64_t shared_limit) {
    if (program.loops.size() != 1) {
        throw InternalError("the CUDA back end runs one time loop, the program has " +
                            std::to_string(program.loops.size()));
    }
    make_bit_rows(program);
    std::uint64_t next = 0;
    std::uint64_t shared = 0;
    bool fits = true;
    for (const ir::BufferId id : layout_order(program)) {
        ir::Buffer& buffer = program.buffer(id);
        fits = fits && !is_input(program, id) && next + footprint(buffer) <= shared_limit;
        if (!fits && next == shared) {
            // The step counter stands between what is copied to shared memory and what is not.
            program.step_counter_location = next;
            next += buffer_alignment;
        }
        buffer.location = next;
        next += footprint(buffer);
        shared = fits ? next : shared;
    }
    if (fits) {
        program.step_counter_location = next;
        next += buffer_alignment;
    }
    program.workspace_bytes = aligned(next, workspace_alignment);
    update_plans(program);
    return {std::move(program), shared};
}

}  // namespace mlgenn::cuda
