// SPDX-License-Identifier: Apache-2.0
// Seeded random few-spike networks.
#pragma once

#include <cstdint>

#include "tests/properties/random_network.h"

namespace mlgenn::properties {

/// Layers with any connectivity, and skip connections over any number of them; some layers besides the last are
/// outputs.
[[nodiscard]] RandomCase make_random_few_spike_case(std::uint64_t seed);

}  // namespace mlgenn::properties
