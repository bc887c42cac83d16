// SPDX-License-Identifier: Apache-2.0
// Filters of recordings as texts on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/filters.h"

namespace mlgenn::cli {

/// What stands between the brackets of "hidden.V[::2]", as NumPy indexes: an index, a slice or a list "[1, 4]", for
/// populations of several dimensions one per dimension. Throws DescriptionError that names `option` for other texts.
[[nodiscard]] NeuronFilter parse_neuron_filter(std::string_view text, const std::string& option);

/// "0,3,10:20": examples, and ranges without their ends. Throws DescriptionError for other texts.
[[nodiscard]] ExampleFilter parse_example_filter(std::string_view text, const std::string& option);

}  // namespace mlgenn::cli
