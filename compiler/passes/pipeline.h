// SPDX-License-Identifier: Apache-2.0
// The passes between lowering and a back end, in their order.
#pragma once

#include <span>
#include <string>

#include "compiler/backends/backend.h"
#include "compiler/ir/program.h"
#include "mlgenn/compiler.h"

namespace mlgenn::passes {

struct Pass {
    std::string name;
    /// What the program satisfies afterwards.
    ir::VerifyStage establishes;
    void (*run)(ir::Program&, const CompilerOptions&, const backends::Limits&);
};

/// The only place that knows the order.
[[nodiscard]] std::span<const Pass> pipeline();

/// Runs every pass, verifying after each, and reports names and times (and texts of those that `print_after` names).
void run_pipeline(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits,
                  const std::string& print_after, CompileReport& report);

// Splits the phases into one time loop per strongly connected component of the population graph.
// Requires: a single loop. Establishes: loops in topological order, sources before targets; `recurrent` is set for
// components with a cycle. Leaves alone: the phases.
void split_time_loops(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Decides how synaptic input adds up, and stores weights accordingly.
// Requires: undecided accumulators. Establishes: i32 accumulators with a power-of-two scale and integer weights as
// narrow as they fit (exact), or f32 ones (ordered, fast). Leaves alone: the phases' structure.
void choose_accumulation(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Replaces the steps of a few-spike network by one pass in which spikes carry whole numbers, if that is expected to be
// faster or asked for.
// Requires: split loops, decided accumulators. Establishes: one timestep in which every population follows its sources,
// or the program as it was; says why in the schedule's explanation. Leaves alone: other networks.
void collapse_few_spike(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Chooses from the planner's table how time is run, and says why.
// Requires: split loops. Establishes: program.schedule; loops merged into one where the schedule asks for it.
void choose_schedule(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Replaces Accumulate and Receive by memory or register sums.
// Requires: decided accumulators. Establishes: VerifyStage::expanded. Connections whose rows reach every target are
// summed in registers by the update (SumSpikes), so that their delivery phase disappears.
void expand_accumulators(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Lets code take the time of every phase and count spikes, if the options ask for it.
// Requires: expanded accumulators. Establishes: program.profile and its buffer. Leaves alone: the phases; back ends take
// the times between them.
void instrument(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

// Gives every buffer its place in the constants, the workspace or the arguments, and every queue its ring.
// Requires: a schedule. Establishes: locations, sizes, places in the plans.
void place_buffers(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits);

}  // namespace mlgenn::passes
