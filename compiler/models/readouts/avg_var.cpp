// SPDX-License-Identifier: Apache-2.0
// Means of the output variable, plain and with weights that fall over the example.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/math.h"
#include "compiler/models/readouts/window.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build_plain(ReadoutBuilder& b) {
    const Variable mean = b.accumulator("VAvg", 0.0F);
    const Window window(b);
    const E weight(window.step_weight());
    const E variable = b.variable();
    window.each_step([=] { mean.set(mean.value() + weight * variable); });
    b.result("VAvg");
}

/// The weight is computed in every step rather than looked up: `t` may go on beyond the example's timesteps.
void build_weighted(ReadoutBuilder& b) {
    const Variable mean = b.accumulator("VAvg", 0.0F);
    const Window window(b);
    const E share(window.step_weight());
    const E start(window.start_ms());
    const E slope(1.0 / window.length_ms());
    const E variable = b.variable();
    window.each_step([=, &b] {
        const E weight = exp(b.scope().code(), "weight", (start - b.time_ms()) * slope);
        mean.set(mean.value() + weight * share * variable);
    });
    b.result("VAvg");
}

}  // namespace

ReadoutModel avg_var() {
    return {
        .entry = {.name = "avg_var",
                  .summary = "Mean of the output variable over the example, taken before a reset of the same step.",
                  .equations = {"VAvg += f32(1 / T) V",
                                "with a window: VAvg += f32(dt / (window_end - window_start)) V"},
                  .parameters = with_window(),
                  .example = R"("avg_var")"},
        .needs_variable = true,
        .build = build_plain,
    };
}

ReadoutModel avg_var_exp_weight() {
    return {
        .entry =
            {.name = "avg_var_exp_weight",
             .summary = "Mean of the output variable with weights that fall from 1 to 1 / e, taken before a reset "
                        "of the same step.",
             .equations = {"VAvg += exp(-t / (dt T)) f32(1 / T) V",
                           "with a window: exp(-(t - window_start) / L) f32(dt / L), L = window_end - window_start"},
             .parameters = with_window(),
             .example = R"("avg_var_exp_weight")"},
        .needs_variable = true,
        .build = build_weighted,
    };
}

}  // namespace mlgenn::models
