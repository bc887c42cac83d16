// SPDX-License-Identifier: Apache-2.0
// Lays out an example's state for a GPU.
#include "compiler/backends/cuda/placement.h"

#include <algorithm>
#include <vector>

#include "compiler/backends/cuda/locality.h"
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

/// Event ids travel in half the bytes where that is enough.
void narrow_event_ids(ir::Program& program) {
    constexpr std::uint32_t most_neurons = 65536;
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        InputPlan& input = program.inputs[k];
        if (input.kind == InputPlan::Kind::events && input.num_neurons <= most_neurons) {
            input.ids_storage = Storage::u16;
            program.buffer(program.input_buffers[k].at(1)).storage = Storage::u16;
        }
    }
}

bool is_input(const ir::Program& program, ir::BufferId id) {
    return std::any_of(program.input_buffers.begin(), program.input_buffers.end(), [&](const auto& buffers) {
        return std::find(buffers.begin(), buffers.end(), id) != buffers.end();
    });
}

/// State that threads share, then that of single threads, then inputs.
int layout_class(const PlacedProgram& placed, ir::BufferId id) {
    if (is_input(placed.program, id)) {
        return 2;
    }
    return placed.in_registers.count(id) != 0 ? 1 : 0;
}

/// Workspace buffers in the order in which they are laid out: by class, in each by size.
std::vector<ir::BufferId> layout_order(const PlacedProgram& placed) {
    const ir::Program& program = placed.program;
    std::vector<ir::BufferId> order;
    for (std::size_t k = 0; k < program.buffers.size(); ++k) {
        if (program.buffers[k].space == ir::Space::workspace) {
            order.push_back(static_cast<ir::BufferId>(k));
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](ir::BufferId a, ir::BufferId b) {
        const int a_class = layout_class(placed, a);
        const int b_class = layout_class(placed, b);
        return a_class != b_class ? a_class < b_class : footprint(program.buffer(a)) < footprint(program.buffer(b));
    });
    return order;
}

void place_state(PlacedProgram& placed, std::uint64_t state_bytes) {
    ir::Program& program = placed.program;
    std::uint64_t next = 0;
    std::uint64_t shared = 0;
    bool fits = true;
    for (const ir::BufferId id : layout_order(placed)) {
        ir::Buffer& buffer = program.buffer(id);
        fits = fits && layout_class(placed, id) == 0 && next + footprint(buffer) <= state_bytes;
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
    placed.shared_bytes = shared;
}

void stage_constants(PlacedProgram& placed, std::uint64_t block_bytes) {
    const ir::Program& program = placed.program;
    const std::set<ir::BufferId> wanted = constants_of_recurrent_connections(program);
    std::vector<ir::BufferId> order(wanted.begin(), wanted.end());
    std::stable_sort(order.begin(), order.end(), [&](ir::BufferId a, ir::BufferId b) {
        return footprint(program.buffer(a)) < footprint(program.buffer(b));
    });
    for (const ir::BufferId id : order) {
        const std::uint64_t bytes = footprint(program.buffer(id));
        if (placed.staged_bytes + bytes + placed.shared_bytes > block_bytes) {
            return;
        }
        placed.staged.push_back({.buffer = id, .offset = placed.staged_bytes, .num_bytes = bytes});
        placed.staged_bytes += bytes;
    }
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

PlacedProgram place_for_gpu(ir::Program program, const PlacementLimits& limits) {
    if (program.loops.size() != 1) {
        throw InternalError("the CUDA back end runs one time loop, the program has " +
                            std::to_string(program.loops.size()));
    }
    PlacedProgram placed{.program = std::move(program)};
    make_bit_rows(placed.program);
    narrow_event_ids(placed.program);
    if (limits.state_bytes > 0) {
        placed.in_registers = state_of_single_threads(placed.program, limits.team_size);
    }
    place_state(placed, limits.state_bytes);
    stage_constants(placed, limits.block_bytes);
    update_plans(placed.program);
    return placed;
}

}  // namespace mlgenn::cuda
