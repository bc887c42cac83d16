// SPDX-License-Identifier: Apache-2.0
// Leaky integrator that never fires: the usual output neuron.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/neurons/leaky_membrane.h"

namespace mlgenn::models {
namespace {

void build(NeuronBuilder& b) {
    const Variable v = b.state("V", "v");
    const ir::E input = scaled_input(b);
    // A bias of 0 is added too: it turns the -0 of a decayed state into +0.
    v.set(b.scope().decay("alpha", "tau_mem") * v.value() + input + b.param("bias"));
}

}  // namespace

NeuronModel leaky_integrate() {
    return {
        .entry =
            {.name = "leaky_integrate",
             .summary = "Leaky integrator without spikes.",
             .equations = {"alpha = exp(-dt / tau_mem)", "V = alpha V + Isyn + bias",
                           "with scale_i: V = alpha V + (1 - alpha) Isyn + bias"},
             .parameters =
                 {{.name = "v", .default_value = 0.0, .per_neuron = true, .doc = "initial membrane potential"},
                  {.name = "bias", .default_value = 0.0, .per_neuron = true, .doc = "constant added in every step"},
                  tau_mem_parameter(),
                  scale_i_parameter()},
             .example = R"({"model": "leaky_integrate", "params": {"tau_mem": 20.0}})"},
        .spiking = false,
        .output_variable = "V",
        .variables = {"V"},
        .build = build,
    };
}

}  // namespace mlgenn::models
