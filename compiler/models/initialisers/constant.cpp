// SPDX-License-Identifier: Apache-2.0
// Initialiser: the same value everywhere.
#include "compiler/models/entries.h"

namespace mlgenn::models {

InitialiserModel constant() {
    return {
        .entry = {.name = "constant",
                  .summary = "The same value everywhere, as if the number itself stood there.",
                  .equations = {"value"},
                  .parameters = {{.name = "value", .default_value = 0.0, .doc = "the value"}},
                  .example = R"({"initialiser": "constant", "value": 0.5})"},
        .bounds = {"value"},
        .draw = [](const ParameterReader& params, ElementRandom&) { return params.number("value"); },
    };
}

}  // namespace mlgenn::models
