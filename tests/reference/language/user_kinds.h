// SPDX-License-Identifier: Apache-2.0
// Models that a network brings with it, as the interpreter's other models are made (kinds.cpp).
#pragma once

#include <memory>
#include <string>

#include "mlgenn/network.h"
#include "tests/reference/neurons.h"
#include "tests/reference/synapses.h"

namespace mlgenn::reference {

[[nodiscard]] std::unique_ptr<Neurons> make_user_neurons(const UserNeuronModel& model, ParameterView& parameters,
                                                         const NeuronContext& context);
[[nodiscard]] std::unique_ptr<Synapses> make_user_synapses(const UserSynapseModel& model, ParameterView& parameters,
                                                           const SynapseContext& context, const std::string& connection,
                                                           std::uint64_t rng_seed);

}  // namespace mlgenn::reference
