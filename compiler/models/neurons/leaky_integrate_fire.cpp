// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire with the options of mlGeNN 2.4.
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

std::vector<ParameterSpec> parameters() {
    return {
        {.name = "v_thresh", .default_value = 1.0, .per_neuron = true, .doc = "firing threshold"},
        {.name = "v_reset", .default_value = 0.0, .per_neuron = true, .doc = "reset potential"},
        {.name = "v", .default_value = 0.0, .per_neuron = true, .doc = "initial membrane potential"},
        {.name = "tau_mem",
         .default_value = 20.0,
         .per_neuron = true,
         .minimum = 0.0,
         .above_minimum = true,
         .unit = "ms",
         .doc = "membrane time constant"},
        {.name = "tau_refrac",
         .default_value = {},
         .nullable = true,
         .per_neuron = true,
         .minimum = 0.0,
         .unit = "ms",
         .doc = "refractory period; null: none"},
        {.name = "relative_reset",
         .kind = ParameterKind::boolean,
         .default_value = true,
         .doc = "a spike subtracts v_thresh - v_reset instead of setting V = v_reset"},
        {.name = "integrate_during_refrac",
         .kind = ParameterKind::boolean,
         .default_value = true,
         .doc = "V keeps integrating while refractory"},
        {.name = "scale_i",
         .kind = ParameterKind::boolean,
         .default_value = false,
         .doc = "scale the input by (1 - alpha)"},
    };
}

E scaled_input(NeuronBuilder& b) {
    if (!b.params().boolean("scale_i")) {
        return b.input();
    }
    const std::string tau = "tau_mem";
    return b.scope().derived("input_scale", std::span(&tau, 1), [&](std::span<const double> p) {
        return 1.0 - std::exp(-b.scope().dt_ms() / p[0]);
    }) * b.input();
}

void build(NeuronBuilder& b) {
    const Variable v = b.state("V", "v");
    const E integrated = b.scope().decay("alpha", "tau_mem") * v.value() + scaled_input(b);
    const bool refractory = !b.params().is_off("tau_refrac");
    std::optional<Variable> refrac_time;
    E can_fire = E(true);
    if (refractory) {
        refrac_time = b.scope().state("RefracTime", 0.0F, ResetClass::variable, "RefracTime");
        const auto count_down = [&] { refrac_time->set(refrac_time->value() - E(b.scope().dt_ms())); };
        if (b.params().boolean("integrate_during_refrac")) {
            v.set(integrated);
            b.code().when(refrac_time->value() > E(0.0F), count_down);
        } else {
            b.code().when(refrac_time->value() > E(0.0F), count_down, [&] { v.set(integrated); });
        }
        can_fire = refrac_time->value() <= E(0.0F);
    } else {
        v.set(integrated);
    }
    const E crossed = v.value() >= b.param("v_thresh");
    b.spike(refractory ? crossed && can_fire : crossed, [&] {
        if (b.params().boolean("relative_reset")) {
            const std::vector<std::string> names = {"v_thresh", "v_reset"};
            v.set(v.value() -
                  b.scope().derived("reset_step", names, [](std::span<const double> p) { return p[0] - p[1]; }));
        } else {
            v.set(b.param("v_reset"));
        }
        if (refractory) {
            refrac_time->set(b.param("tau_refrac"));
        }
    });
}

}  // namespace

NeuronModel leaky_integrate_fire() {
    return {
        .entry = {.name = "leaky_integrate_fire",
                  .summary = "Leaky integrate-and-fire neuron.",
                  .equations =
                      {"alpha = exp(-dt / tau_mem)", "V = alpha V + Isyn   (scale_i: alpha V + (1 - alpha) Isyn)",
                       "tau_refrac: while RefracTime > 0 it falls by dt and no spike is emitted",
                       "without integrate_during_refrac V is frozen in those steps",
                       "spike if V >= v_thresh: V -= v_thresh - v_reset   (else V = v_reset), RefracTime = tau_refrac"},
                  .parameters = parameters(),
                  .example = R"({"model": "leaky_integrate_fire", "params": {"tau_mem": 20.0, "tau_refrac": 2.0}})"},
        .output_variable = "V",
        .variables = {"V", "RefracTime"},
        .build = build,
    };
}

}  // namespace mlgenn::models
