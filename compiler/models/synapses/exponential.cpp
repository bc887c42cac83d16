// SPDX-License-Identifier: Apache-2.0
// Synapse whose current decays exponentially.
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

void build(SynapseBuilder& b) {
    const Variable in_syn = b.state("in_syn");
    const ir::E total = b.receive_onto(in_syn);
    ir::E current = total;
    if (b.params().boolean("scale_i")) {
        const double dt = b.scope().dt_ms();
        const std::string tau = "tau";
        current = total * b.scope().derived("current_scale", std::span(&tau, 1), [dt](std::span<const double> p) {
            return (p[0] / dt) * (1.0 - std::exp(-dt / p[0]));
        });
    }
    b.inject(current);
    in_syn.set(total * b.scope().decay("decay", "tau"));
}

}  // namespace

SynapseModel exponential() {
    return {
        .entry = {.name = "exponential",
                  .summary = "Exponentially decaying current; a weight acts fully in the step in which it arrives.",
                  .equations = {"in_syn += sum of arriving weights",
                                "Isyn += in_syn   (scale_i: in_syn (tau / dt) (1 - exp(-dt / tau)))",
                                "in_syn = in_syn exp(-dt / tau)"},
                  .parameters = {{.name = "tau",
                                  .default_value = 5.0,
                                  .per_neuron = true,
                                  .minimum = 0.0,
                                  .above_minimum = true,
                                  .unit = "ms",
                                  .doc = "time constant of the current"},
                                 {.name = "scale_i",
                                  .kind = ParameterKind::boolean,
                                  .default_value = false,
                                  .doc = "scale the current so that its integral is weight * tau"}},
                  .example = R"({"model": "exponential", "params": {"tau": 5.0}})"},
        .build = build,
    };
}

}  // namespace mlgenn::models
