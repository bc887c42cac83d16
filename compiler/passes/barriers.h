// SPDX-License-Identifier: Apache-2.0
// Where threads that share one example must wait for each other, derived from what statements read and write.
//
// The picture: a group of threads runs the regions of a timestep in order and starts over in the next step. Iteration
// j of a parallel loop that is a region of its own belongs to thread j mod (number of threads), in every region.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/ir/program.h"

namespace mlgenn::passes {

/// One way in which a region touches memory.
struct Access {
    enum class Kind : std::uint8_t {
        read,
        write,
        add,  ///< commutative and atomic: two of them may overlap
    };
    Kind kind = Kind::read;
    /// Either a buffer, or the spikes that a queue's population emitted `delay` steps ago.
    std::optional<ir::BufferId> buffer;
    std::optional<ir::QueueId> queue;
    std::uint32_t delay = 0;
    /// Thread j mod threads touches element j and no other.
    bool own = false;
};

struct Region {
    std::vector<Access> accesses;
};

/// Everything that `stmt`, a statement at the top of a phase, reads and writes. Constants do not count.
[[nodiscard]] Region region_of(const ir::Program& program, const ir::Stmt& stmt);

/// True if the loop over spikes does nothing but add integers to buffers that it does not read: any order, any
/// interleaving gives the same sums, so threads may share the spikes out with atomic adds.
[[nodiscard]] bool is_commutative_scatter(const ir::Program& program, const ir::ForSpikes& spikes);

/// True if a step's row of `queue`'s ring is not the row of any earlier step that is still read. Element r of the
/// result: all threads must wait for each other before region r. Throws InternalError if a queue has no slots yet.
[[nodiscard]] std::vector<bool> place_barriers(const ir::Program& program, std::span<const Region> regions);

/// Throws InternalError naming both regions if `barriers` leave two conflicting regions unseparated.
void verify_barriers(const ir::Program& program, std::span<const Region> regions, const std::vector<bool>& barriers);

}  // namespace mlgenn::passes
