// SPDX-License-Identifier: Apache-2.0
// Small networks that between them use every model of the foundation, with inputs; the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/inputs.h"
#include "mlgenn/network.h"

namespace mlgenn::testing {

struct NetworkCase {
    std::string name{};
    Network network{};
    Inputs inputs{};
    Targets targets{};
    std::vector<Recording> recordings{};
    std::uint32_t timesteps = 20;
    std::size_t num_examples = 5;
};

[[nodiscard]] std::vector<NetworkCase> network_cases();
[[nodiscard]] NetworkCase network_case(const std::string& name);

}  // namespace mlgenn::testing
