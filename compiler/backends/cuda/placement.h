// SPDX-License-Identifier: Apache-2.0
// Where the state of one example, and the weights that all share, lie on a GPU.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "compiler/ir/program.h"

namespace mlgenn::cuda {

struct PlacementLimits {
    /// Threads that carry one example.
    std::uint32_t team_size = 128;
    /// Shared memory that one example's state may take; 0: state stays in global memory, also that of single threads.
    std::uint64_t state_bytes = 0;
    /// Shared memory of a block, for the state of an example and copies of weights.
    std::uint64_t block_bytes = 0;
};

/// Constants that a block copies into shared memory before it runs examples.
struct StagedConstants {
    ir::BufferId buffer{};
    /// Offset in the block's shared memory, and whole words.
    std::uint64_t offset = 0;
    std::uint64_t num_bytes = 0;
};

/// A program whose workspace is laid out for a GPU. Spike queues are rings of bit rows: the queue's `ids` buffer holds
/// [slots][words] u32, bit j % 32 of word j / 32; its `counts` buffer is empty.
struct PlacedProgram {
    ir::Program program;
    /// Bytes from the workspace's start that are kept in shared memory while an example runs; a multiple of 16.
    std::uint64_t shared_bytes = 0;
    /// State that is a local variable of thread j while an example runs; its place in the workspace holds it between
    /// launches.
    std::set<ir::BufferId> in_registers{};
    /// They come first in shared memory; a multiple of 16 bytes in all.
    std::vector<StagedConstants> staged{};
    std::uint64_t staged_bytes = 0;

    [[nodiscard]] bool in_shared_memory(ir::BufferId id) const {
        const ir::Buffer& buffer = program.buffer(id);
        return buffer.space == ir::Space::workspace && buffer.location < shared_bytes;
    }
    [[nodiscard]] const StagedConstants* staged_copy(ir::BufferId id) const {
        for (const StagedConstants& copy : staged) {
            if (copy.buffer == id) {
                return &copy;
            }
        }
        return nullptr;
    }
};

/// Lays `program` out again. State that single threads use goes to registers, other state to shared memory, smaller
/// buffers first and inputs never; then constants of recurrent connections take what is left of the block's shared
/// memory, smaller ones first. Throws InternalError if the program has more than one time loop.
[[nodiscard]] PlacedProgram place_for_gpu(ir::Program program, const PlacementLimits& limits);

}  // namespace mlgenn::cuda
