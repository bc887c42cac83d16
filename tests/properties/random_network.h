// SPDX-License-Identifier: Apache-2.0
// Seeded random networks with inputs: networks that nobody wrote.
#pragma once

#include <cstdint>

#include "tests/differential/expect_same.h"

namespace mlgenn::properties {

struct RandomCase {
    Network network;
    differential::RunSettings settings;
    Inputs inputs;
};

/// The same seed gives the same case on every machine.
[[nodiscard]] RandomCase make_random_case(std::uint64_t seed);

}  // namespace mlgenn::properties
