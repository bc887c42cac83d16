// SPDX-License-Identifier: Apache-2.0
// Parameters against the table of their catalogue entry.
#pragma once

#include <span>
#include <string>

#include "compiler/description/report.h"
#include "compiler/models/parameters.h"

namespace mlgenn::description {

/// Checks names, kinds, ranges and contents; `place` is the model's ("/neuron").
void check_parameters(const models::Entry& entry, const Parameters& given, const Place& place, Report& report);

/// Checks that arrays with one element per neuron fit a population of this shape.
void check_per_neuron_sizes(const models::Entry& entry, const Parameters& given, const std::string& population,
                            const Shape& shape, const Place& place, Report& report);

/// "3.5", "'abc'", "null", "an array of shape [3] (float32)".
[[nodiscard]] std::string describe(const Value& value);

}  // namespace mlgenn::description
