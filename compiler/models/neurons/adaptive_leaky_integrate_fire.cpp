// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire whose threshold rises with every spike.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/neurons/leaky_membrane.h"

namespace mlgenn::models {
namespace {

using ir::E;

std::vector<ParameterSpec> parameters() {
    std::vector<ParameterSpec> result = leaky_membrane_parameters();
    result.push_back({.name = "a", .default_value = 0.0, .per_neuron = true, .doc = "initial adaptation"});
    result.push_back(
        {.name = "beta", .default_value = 0.0174, .per_neuron = true, .doc = "threshold per unit of adaptation"});
    result.push_back({.name = "tau_adapt",
                      .default_value = 2000.0,
                      .per_neuron = true,
                      .minimum = 0.0,
                      .above_minimum = true,
                      .unit = "ms",
                      .doc = "time constant of the adaptation"});
    return result;
}

void build(NeuronBuilder& b) {
    const LeakyMembrane membrane(b);
    const Variable a = b.state("A", "a");
    membrane.integrate(b.input());
    a.set(a.value() * b.scope().decay("rho", "tau_adapt"));
    const E threshold = b.param("v_thresh") + b.param("beta") * a.value();
    b.spike(membrane.may_fire(membrane.v() >= threshold), [&] {
        membrane.reset();
        a.set(a.value() + E(1.0F));
    });
}

}  // namespace

NeuronModel adaptive_leaky_integrate_fire() {
    return {
        .entry =
            {.name = "adaptive_leaky_integrate_fire",
             .summary = "Leaky integrate-and-fire neuron whose threshold rises with every spike.",
             .equations = {"alpha = exp(-dt / tau_mem), rho = exp(-dt / tau_adapt)", "V = alpha V + Isyn",
                           "A = rho A   (also while refractory)",
                           "tau_refrac and integrate_during_refrac as in leaky_integrate_fire",
                           "spike if V >= v_thresh + beta A: V -= v_thresh - v_reset   (else V = v_reset), A += 1"},
             .parameters = parameters(),
             .example = R"({"model": "adaptive_leaky_integrate_fire", "params": {"tau_adapt": 200.0, "beta": 0.1}})"},
        .output_variable = "V",
        .variables = {"V", "A", "RefracTime"},
        .build = build,
    };
}

}  // namespace mlgenn::models
