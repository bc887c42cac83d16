// SPDX-License-Identifier: Apache-2.0
// The body of a timestep: phases in order, barriers where regions conflict.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/backends/cuda/names.h"
#include "compiler/backends/cuda/placement.h"

namespace mlgenn::cuda {

/// Statements of one timestep for a block of `block_size` threads.
[[nodiscard]] std::string print_timestep(const PlacedProgram& placed, NameTable& names, std::uint32_t block_size);

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
