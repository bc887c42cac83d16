// SPDX-License-Identifier: Apache-2.0
// Readouts of the output variable: its final value and its mean.
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

ReadoutModel avg_var() {
    return {
        .entry = {.name = "avg_var",
                  .summary = "Mean of the output variable over the example, taken before a reset of the same step.",
                  .equations = {"VAvg += f32(1 / T) V"},
                  .example = R"("avg_var")"},
        .needs_variable = true,
        .build =
            [](ReadoutBuilder& b) {
                const Variable mean = b.accumulator("VAvg", 0.0F);
                const ir::E weight(1.0 / b.scope().num_timesteps());
                const ir::E variable = b.variable();
                b.each_step([=] { mean.set(mean.value() + weight * variable); });
                b.result("VAvg");
            },
    };
}

}  // namespace mlgenn::models
