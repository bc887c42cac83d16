// SPDX-License-Identifier: Apache-2.0
// Readout: the output variable's largest value.
#include <limits>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/readouts/window.h"

namespace mlgenn::models {
namespace {

void build(ReadoutBuilder& b) {
    const float lowest = b.params().is_off("floor") ? -std::numeric_limits<float>::infinity()
                                                    : static_cast<float>(b.params().number("floor"));
    const Variable largest = b.accumulator("VMax", lowest);
    const ir::E variable = b.variable();
    Window(b).each_step([=] { largest.set(ir::max(variable, largest.value())); });
    b.result("VMax");
}

}  // namespace

ReadoutModel max_var() {
    return {
        .entry = {.name = "max_var",
                  .summary = "Largest value of the output variable in the example, taken before a reset of the same "
                             "step.",
                  .equations = {"VMax = max(V, VMax), from -infinity or floor"},
                  .parameters = with_window({{.name = "floor",
                                              .default_value = {},
                                              .nullable = true,
                                              .doc = "the result is at least this (mlGeNN 2.4: 0); null: no floor"}}),
                  .example = R"({"model": "max_var", "params": {"floor": 0.0}})"},
        .needs_variable = true,
        .build = build,
    };
}

}  // namespace mlgenn::models
