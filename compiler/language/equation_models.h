// SPDX-License-Identifier: Apache-2.0
// Models that a network defines by differential equations, as catalogue entries.
#pragma once

#include "compiler/language/source.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/network.h"

namespace mlgenn::language {

/// As compile_neuron_model and compile_synapse_model, for models with equations.
[[nodiscard]] models::NeuronModel compile_neuron_equations(const UserNeuronModel& model, Findings& findings);
[[nodiscard]] models::SynapseModel compile_synapse_equations(const UserSynapseModel& model, Findings& findings);

}  // namespace mlgenn::language
