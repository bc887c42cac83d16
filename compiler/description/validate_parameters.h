// SPDX-License-Identifier: Apache-2.0
// Parameters against the table of their catalogue entry.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compiler/description/report.h"
#include "compiler/language/initialiser.h"
#include "compiler/models/parameters.h"

namespace mlgenn::description {

/// Checks names, kinds, ranges and contents; `place` is the model's ("/neuron").
/// Code of initialisers knows the names that go with `elements`.
void check_parameters(const models::Entry& entry, const Parameters& given, const Place& place, Report& report,
                      language::ElementKind elements = language::ElementKind::neuron);

/// The same without a look at what is missing; `params` is the place of the parameters themselves.
void check_parameter_values(const models::Entry& entry, const Parameters& given, const Place& params, Report& report,
                            language::ElementKind elements = language::ElementKind::neuron);

/// What is wrong with a parameter's value, or nothing.
[[nodiscard]] std::optional<std::string> value_problem(const models::ParameterSpec& spec, const Value& value);

/// The parameter takes an initialiser.
[[nodiscard]] bool is_drawable(const models::ParameterSpec& spec);

/// Checks that arrays with one element per neuron fit a population of this shape.
void check_per_neuron_sizes(const models::Entry& entry, const Parameters& given, const std::string& population,
                            const Shape& shape, const Place& place, Report& report);

/// "3.5", "'abc'", "null", "an array of shape [3] (float32)".
[[nodiscard]] std::string describe(const Value& value);

}  // namespace mlgenn::description
