// SPDX-License-Identifier: Apache-2.0
// Runs a connectivity's row view on the host: which synapses a presynaptic neuron has.
#pragma once

#include <cstdint>
#include <functional>

#include "compiler/ir/program.h"

namespace mlgenn::passes {

/// Calls synapse(target, weight, delay) for every synapse that `row` accumulates for presynaptic neuron `source`;
/// `delay` is 0 for synapses without one of their own. `program` holds the constant buffers that the row reads.
void for_each_synapse(const ir::Program& program, const ir::Block& row, std::uint32_t source,
                      const std::function<void(std::uint32_t, float, std::uint32_t)>& synapse);

}  // namespace mlgenn::passes
