// SPDX-License-Identifier: Apache-2.0
// Random models in code and as equations: whatever the language can say, in combinations that nobody wrote.
#pragma once

#include "mlgenn/network.h"
#include "tests/support/dice.h"

namespace mlgenn::properties {

/// Parameters a, b; variables x, y, z, which stay within reason. Spikes now and then.
[[nodiscard]] UserNeuronModel random_program(test_support::Dice& dice, const std::string& name);
[[nodiscard]] UserNeuronModel random_equations(test_support::Dice& dice, const std::string& name);
[[nodiscard]] UserSynapseModel random_synapse_program(test_support::Dice& dice, const std::string& name);

}  // namespace mlgenn::properties
