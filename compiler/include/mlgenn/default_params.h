// SPDX-License-Identifier: Apache-2.0
// Defaults for a whole network, as mlGeNN's `default_params`: networks trained by e-prop or EventProp need those that
// they were trained with.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn {

/// By name of a neuron or synapse model: parameters that take the place of the catalogue's defaults.
using DefaultParams = std::map<std::string, Parameters>;

/// The table "e_prop" or "event_prop"; null for other names.
[[nodiscard]] const DefaultParams* find_default_params(std::string_view name);
[[nodiscard]] std::vector<std::string> default_params_names();

/// Gives every population and connection of exactly these models the parameters that it does not have itself. Models
/// that do not occur in the network are left alone; parameters that a model has not are validation's business.
void apply_default_params(Network& network, const DefaultParams& defaults);

}  // namespace mlgenn
