// SPDX-License-Identifier: Apache-2.0
// The body of a timestep: phases in order, barriers where regions conflict.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/backends/cuda/names.h"
#include "compiler/backends/cuda/placement.h"

namespace mlgenn::cuda {

struct TimestepStyle {
    /// Threads of a block.
    std::uint32_t block_size = 128;
    /// A comment behind every statement: what it is generated for.
    bool origin_comments = false;
};
/// Statements of one timestep.
[[nodiscard]] std::string print_timestep(const PlacedProgram& placed, NameTable& names, const TimestepStyle& style);

/// Declarations of every buffer that the time loop uses, by space.
[[nodiscard]] std::string print_buffers(const PlacedProgram& placed, const NameTable& names);

/// A score function's buffers (readout and target of one example, a local score) and body.
[[nodiscard]] std::string print_score_buffers(const PlacedProgram& placed, const NameTable& names,
                                              const ir::ScoreFunction& score);
[[nodiscard]] std::string print_score_body(const PlacedProgram& placed, NameTable& names,
                                           const ir::ScoreFunction& score);

/// The longest loop that threads share, as a hint for the block size.
[[nodiscard]] std::uint32_t widest_parallel_loop(const ir::Program& program);

}  // namespace mlgenn::cuda
