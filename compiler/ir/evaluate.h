// SPDX-License-Identifier: Apache-2.0
// Runs statements on the host, with the same roundings as generated code: what a description computes once, when it is
// compiled, gives the bits that a back end would give.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "compiler/ir/stmt.h"

namespace mlgenn::ir {

/// Independent runs of the same statements, side by side.
inline constexpr std::size_t num_host_lanes = 64;
/// Bit patterns of one value, one per lane.
using HostLanes = std::array<std::uint32_t, num_host_lanes>;
using HostLocals = std::map<std::string, HostLanes, std::less<>>;

/// Runs `block` with `locals`, which may hold inputs and holds every top-level local afterwards. There is no memory
/// and no time: InternalError for a Load, a Store or an index other than those of loops.
void evaluate(const Block& block, HostLocals& locals);

}  // namespace mlgenn::ir
