// SPDX-License-Identifier: Apache-2.0
// What can be recorded of a population besides spikes.
#pragma once

#include <string>

#include "compiler/models/builders.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/network.h"

namespace mlgenn::passes {

struct RecordedValue {
    /// As the model calls it.
    std::string variable;
    ir::E value;
};

/// The value of `variable` of the neuron at hand at the end of its update: a state variable of the model or of its
/// readout, the input value, or a parameter that every neuron has of its own. A name in other case means a state
/// variable if there is only one such. Throws DescriptionError for other names, saying which there are.
[[nodiscard]] RecordedValue recorded_value(const Population& population, const models::NeuronModel& model,
                                           models::NeuronScope& scope, const std::string& variable);

}  // namespace mlgenn::passes
