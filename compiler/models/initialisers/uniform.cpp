// SPDX-License-Identifier: Apache-2.0
// Initialiser: evenly distributed.
#include "compiler/models/element_random.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

InitialiserModel uniform() {
    return {
        .entry = {.name = "uniform",
                  .summary = "Evenly distributed between two bounds.",
                  .equations = {"min + u (max - min), u uniform in [0, 1)"},
                  .parameters = {{.name = "min", .default_value = 0.0, .doc = "lower bound"},
                                 {.name = "max", .default_value = 1.0, .doc = "upper bound"}},
                  .example = R"({"initialiser": "uniform", "min": -0.5, "max": 0.5})"},
        .bounds = {"min", "max"},
        .draw =
            [](const ParameterReader& params, ElementRandom& random) {
                const double min = params.number("min");
                return min + random.uniform() * (params.number("max") - min);
            },
    };
}

}  // namespace mlgenn::models
