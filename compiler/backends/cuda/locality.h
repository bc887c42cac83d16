// SPDX-License-Identifier: Apache-2.0
// Which memory of a program could lie closer to the threads than global memory.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "compiler/ir/program.h"

namespace mlgenn::cuda {

/// State of which thread j of `team_size` touches element j and nothing else, in every statement of the time loop: it
/// can be a local variable of that thread while the loop runs. Inputs and rows of spikes are never among them.
[[nodiscard]] std::set<ir::BufferId> state_of_single_threads(const ir::Program& program, std::uint32_t team_size);

/// Constants that spikes look up on their way through connections that close a cycle: they are read again in every
/// timestep, and nothing else hides how long that takes.
[[nodiscard]] std::set<ir::BufferId> constants_of_recurrent_connections(const ir::Program& program);

/// Dynamic shared memory that a block may have on `target` ("sm_90"), in bytes. 48 KiB where the target is PTX, which
/// may run on any newer device, and where it is not known. Source: CUDA C++ Programming Guide, "Technical
/// Specifications per Compute Capability".
[[nodiscard]] std::uint64_t shared_memory_of_block(const std::string& target);

}  // namespace mlgenn::cuda
