// SPDX-License-Identifier: Apache-2.0
// Initialiser: normally distributed.
#include "compiler/models/element_random.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

InitialiserModel normal() {
    return {
        .entry = {.name = "normal",
                  .summary = "Normally distributed.",
                  .equations = {"mean + sd sqrt(-2 ln(1 - u)) cos(2 pi u'), u and u' uniform in [0, 1)"},
                  .parameters = {{.name = "mean", .default_value = 0.0, .doc = "mean"},
                                 {.name = "sd", .default_value = 1.0, .minimum = 0.0, .doc = "standard deviation"}},
                  .example = R"({"initialiser": "normal", "mean": 0.0, "sd": 0.1})"},
        .draw = [](const ParameterReader& params,
                   ElementRandom& random) { return params.number("mean") + params.number("sd") * random.normal(); },
    };
}

}  // namespace mlgenn::models
