// SPDX-License-Identifier: Apache-2.0
// Readout: the sum of the output variable.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/readouts/window.h"

namespace mlgenn::models {

ReadoutModel sum_var() {
    return {
        .entry = {.name = "sum_var",
                  .summary = "Sum of the output variable over the example, taken before a reset of the same step.",
                  .equations = {"VSum += V"},
                  .parameters = with_window(),
                  .example = R"({"model": "sum_var", "params": {"window_start": 10.0}})"},
        .needs_variable = true,
        .build =
            [](ReadoutBuilder& b) {
                const Variable sum = b.accumulator("VSum", 0.0F);
                const ir::E variable = b.variable();
                Window(b).each_step([=] { sum.set(sum.value() + variable); });
                b.result("VSum");
            },
    };
}

}  // namespace mlgenn::models
