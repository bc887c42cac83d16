// SPDX-License-Identifier: Apache-2.0
// The body of a timestep: phases in order, barriers where regions conflict.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/backends/cuda/names.h"
#include "compiler/backends/cuda/placement.h"
#include "compiler/backends/cuda/team_printer.h"

namespace mlgenn::cuda {

struct TimestepStyle {
    TeamStyle team{};
    /// A comment behind every statement: what it is generated for.
    bool origin_comments = false;
};
/// Statements of one timestep.
[[nodiscard]] std::string print_timestep(const PlacedProgram& placed, NameTable& names, const TimestepStyle& style);

/// Declarations of the constants that the time loop uses.
[[nodiscard]] std::string print_constants(const PlacedProgram& placed, const NameTable& names);
/// Declarations of an example's arguments and state that it uses.
[[nodiscard]] std::string print_state(const PlacedProgram& placed, const NameTable& names);
/// Statements that bring state into registers, and back.
[[nodiscard]] std::string print_register_loads(const PlacedProgram& placed, const NameTable& names);
[[nodiscard]] std::string print_register_stores(const PlacedProgram& placed, const NameTable& names);

/// A score function's buffers (readout and target of one example, a local score) and body.
[[nodiscard]] std::string print_score_buffers(const PlacedProgram& placed, const NameTable& names,
                                              const ir::ScoreFunction& score);
[[nodiscard]] std::string print_score_body(const PlacedProgram& placed, NameTable& names,
                                           const ir::ScoreFunction& score);

/// Threads that an example can make use of: one for each neuron of the largest population that receives spikes, which
/// it sums up; for inputs, which have little to do, one for four neurons.
[[nodiscard]] std::uint32_t useful_threads(const ir::Program& program);

}  // namespace mlgenn::cuda
