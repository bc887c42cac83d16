// SPDX-License-Identifier: Apache-2.0
// Synapse whose weight arrives as an instantaneous current.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

SynapseModel delta() {
    return {
        .entry = {.name = "delta",
                  .summary = "Instantaneous current: a weight acts in the step in which it arrives.",
                  .equations = {"Isyn += sum of arriving weights"},
                  .parameters = {},
                  .example = R"("delta")"},
        .build = [](SynapseBuilder& b) { b.inject(b.receive()); },
    };
}

}  // namespace mlgenn::models
