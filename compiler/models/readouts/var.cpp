// SPDX-License-Identifier: Apache-2.0
// The output variable's final value.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

ReadoutModel var() {
    return {
        .entry = {.name = "var",
                  .summary = "The output variable after the last step (after a reset, if it spiked in it).",
                  .equations = {"result = V"},
                  .example = R"("var")"},
        .needs_variable = true,
        .build = [](ReadoutBuilder& b) { b.result_is_variable(); },
    };
}

}  // namespace mlgenn::models
