// SPDX-License-Identifier: Apache-2.0
// What lowering does differently for few-spike networks: stages instead of delays, and shared scales.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "compiler/ir/program.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/compiler.h"
#include "mlgenn/network.h"

namespace mlgenn::passes {

/// Fills program.few_spike and the number of timesteps that an example takes to pass through all stages, if `network`
/// is a few-spike one. Throws DescriptionError when the options do not fit it.
void begin_few_spike(ir::Program& program, const Network& network, const CompilerOptions& options);

/// Steps between a spike and its delivery, so that a target hears all its sources' presentations at the same time.
[[nodiscard]] std::uint32_t few_spike_delay(const ir::FewSpikePopulation& source, const ir::FewSpikePopulation& target);

/// The rows of the population's own presentation.
[[nodiscard]] RecordedRows few_spike_rows(const ir::Program& program, const ir::FewSpikePopulation& population);

/// Bits behind the binary point of a connection's weights.
[[nodiscard]] int weight_fraction_bits(const models::LoweredConnectivity& lowered);

/// Chooses one scale for the connections into population `p`, all of which have been lowered; `fraction_bits` holds
/// theirs by name. Throws DescriptionError when the weights are too large.
void choose_few_spike_scale(ir::Program& program, std::size_t p, const Network& network,
                            const std::map<std::string, int>& fraction_bits);

}  // namespace mlgenn::passes
