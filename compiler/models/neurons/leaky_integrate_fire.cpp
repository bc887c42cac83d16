// SPDX-License-Identifier: Apache-2.0
// Leaky integrate-and-fire with the options of mlGeNN 2.4, driven by synapses or by an input value.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/neurons/leaky_membrane.h"
#include "compiler/models/neurons/value_input.h"

namespace mlgenn::models {
namespace {

std::vector<ParameterSpec> parameters() {
    std::vector<ParameterSpec> result = leaky_membrane_parameters();
    result.push_back(scale_i_parameter());
    return result;
}

std::vector<std::string> equations(const std::string& input) {
    return {"alpha = exp(-dt / tau_mem)",
            "V = alpha V + " + input + "   (scale_i: alpha V + (1 - alpha) " + input + ")",
            "tau_refrac: while RefracTime > 0 it falls by dt and no spike is emitted",
            "without integrate_during_refrac V is frozen in those steps",
            "spike if V >= v_thresh: V -= v_thresh - v_reset   (else V = v_reset), RefracTime = tau_refrac"};
}

void build(NeuronBuilder& b) {
    const LeakyMembrane membrane(b);
    membrane.integrate(scaled_input(b));
    b.spike(membrane.may_fire(membrane.v() >= b.param("v_thresh")), [&] { membrane.reset(); });
}

}  // namespace

NeuronModel leaky_integrate_fire() {
    return {
        .entry = {.name = "leaky_integrate_fire",
                  .summary = "Leaky integrate-and-fire neuron.",
                  .equations = equations("Isyn"),
                  .parameters = parameters(),
                  .example = R"({"model": "leaky_integrate_fire", "params": {"tau_mem": 20.0, "tau_refrac": 2.0}})"},
        .output_variable = "V",
        .variables = {"V", "RefracTime"},
        .build = build,
    };
}

NeuronModel leaky_integrate_fire_input() {
    return {
        .entry = {.name = "leaky_integrate_fire_input",
                  .summary = "Leaky integrate-and-fire neuron that receives its input value in every step.",
                  .equations = equations("Input"),
                  .parameters = with_input_frames(parameters()),
                  .example = R"({"model": "leaky_integrate_fire_input", "params": {"tau_mem": 10.0}})"},
        .input = InputForm::values,
        .variables = {"V", "RefracTime"},
        .build = build,
    };
}

}  // namespace mlgenn::models
