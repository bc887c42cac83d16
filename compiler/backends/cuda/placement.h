// SPDX-License-Identifier: Apache-2.0
// Where the state of one example lies on a GPU: what every step touches comes first and fits into shared memory.
#pragma once

#include <cstdint>

#include "compiler/ir/program.h"

namespace mlgenn::cuda {

/// A program whose workspace is laid out for a GPU. Spike queues are rings of bit rows: the queue's `ids` buffer holds
/// [slots][words] u32, bit j % 32 of word j / 32; its `counts` buffer is empty.
struct PlacedProgram {
    ir::Program program;
    /// Bytes from the workspace's start that are kept in shared memory while an example runs; a multiple of 16.
    std::uint64_t shared_bytes = 0;

    [[nodiscard]] bool in_shared_memory(ir::BufferId id) const {
        const ir::Buffer& buffer = program.buffer(id);
        return buffer.space == ir::Space::workspace && buffer.location < shared_bytes;
    }
};

/// Lays `program` out again. `shared_limit`: bytes of shared memory that state may take; smaller buffers come first,
/// inputs never. Throws InternalError if the program has more than one time loop.
[[nodiscard]] PlacedProgram place_for_gpu(ir::Program program, std::uint64_t shared_limit);

}  // namespace mlgenn::cuda
