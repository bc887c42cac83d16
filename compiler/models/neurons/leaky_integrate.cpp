// SPDX-License-Identifier: Apache-2.0
// Leaky integrator that never fires: the usual output neuron.
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build(NeuronBuilder& b) {
    const Variable v = b.state("V", "v");
    E input = b.input();
    if (b.params().boolean("scale_i")) {
        const std::string tau = "tau_mem";
        input = b.scope().derived("input_scale", std::span(&tau, 1), [&](std::span<const double> p) {
            return 1.0 - std::exp(-b.scope().dt_ms() / p[0]);
        }) * input;
    }
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
                  {.name = "tau_mem",
                   .default_value = 20.0,
                   .per_neuron = true,
                   .minimum = 0.0,
                   .above_minimum = true,
                   .unit = "ms",
                   .doc = "membrane time constant"},
                  {.name = "scale_i",
                   .kind = ParameterKind::boolean,
                   .default_value = false,
                   .doc = "scale the input by (1 - alpha)"}},
             .example = R"({"model": "leaky_integrate", "params": {"tau_mem": 20.0}})"},
        .spiking = false,
        .output_variable = "V",
        .variables = {"V"},
        .build = build,
    };
}

}  // namespace mlgenn::models
