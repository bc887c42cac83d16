// SPDX-License-Identifier: Apache-2.0
// CUDA source for a program: a template per schedule, filled with what the IR says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/backends/cuda/placement.h"
#include "compiler/ir/program.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn::cuda {

struct GenerateOptions {
    /// Threads that carry one example, a multiple of 32 up to 1024; 0: fitted to the network.
    std::uint32_t team_size = 0;
    /// Shared memory that one example's state may take.
    std::uint64_t state_bytes = 48 << 10;
    /// Shared memory that a block may have on the target (shared_memory_of_block).
    std::uint64_t block_bytes = 48 << 10;
    bool origin_comments = false;
};

/// What is decided before any text is written.
struct GpuLayout {
    /// The program with the places that the text uses.
    PlacedProgram placed;
    GpuLaunchPlan launch;
    bool origin_comments = false;
};

/// The program's schedule must be `whole_sequence` or `step`; throws InternalError for another one.
[[nodiscard]] GpuLayout lay_out(const ir::Program& program, const GenerateOptions& options);

/// Depends on its argument and the templates alone. Throws BackendError for a template that does not fit.
[[nodiscard]] std::string generate_text(const GpuLayout& layout);

/// Every kernel of the text; the first runs the network.
[[nodiscard]] std::vector<std::string> kernel_names(const ir::Program& program);

/// Why the CUDA back end cannot run `program`; empty if it can.
[[nodiscard]] std::string unsupported_reason(const ir::Program& program);

}  // namespace mlgenn::cuda
