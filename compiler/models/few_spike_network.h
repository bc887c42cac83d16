// SPDX-License-Identifier: Apache-2.0
// Few-spike networks as a whole: who codes how, and which stage of the pipeline each population is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/ir/few_spike.h"
#include "mlgenn/network.h"

namespace mlgenn::models {

/// Whether the population's model is a few-spike one of the catalogue.
[[nodiscard]] bool is_few_spike(const Population& population);
/// The code of a few-spike population whose parameters are valid.
[[nodiscard]] ir::FewSpikeCode few_spike_code(const Population& population);

/// One more than the largest stage of any source, 0 for inputs; nothing when connections form a cycle.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> few_spike_stages(const Network& network);

/// Code, stage and the sources' code by population; empty for a network without few-spike neurons. `network` is valid.
[[nodiscard]] std::vector<ir::FewSpikePopulation> few_spike_populations(const Network& network);

}  // namespace mlgenn::models
