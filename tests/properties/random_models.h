// SPDX-License-Identifier: Apache-2.0
// Random parameters for the models of a random network.
#pragma once

#include <optional>
#include <vector>

#include "mlgenn/network.h"
#include "tests/support/dice.h"

namespace mlgenn::properties {

using test_support::Dice;

[[nodiscard]] ModelSpec random_spiking_neuron(Dice& dice, std::size_t num_neurons);
[[nodiscard]] ModelSpec random_leaky_integrator(Dice& dice, std::size_t num_neurons);
[[nodiscard]] ModelSpec random_value_input(Dice& dice, std::size_t num_neurons);
[[nodiscard]] ModelSpec random_synapse(Dice& dice, std::size_t num_targets);
/// `step_times` are the times (ms) of the example's steps; a window holds at least one.
[[nodiscard]] ModelSpec random_readout(Dice& dice, bool spiking, const std::vector<double>& step_times);

struct Wiring {
    ModelSpec connectivity;
    /// What the connection produces.
    Shape target;
};
/// Any connectivity that the source's shape allows; it decides the target's shape.
[[nodiscard]] Wiring random_wiring(Dice& dice, const Shape& source);
/// Between two populations that exist already.
[[nodiscard]] ModelSpec random_wiring_between(Dice& dice, const Shape& source, const Shape& target);
/// One delay for all synapses, or sometimes one per weight.
[[nodiscard]] Value random_delay(Dice& dice, const ModelSpec& connectivity, const Shape& source, const Shape& target);

}  // namespace mlgenn::properties
