// SPDX-License-Identifier: Apache-2.0
// Integrate-and-fire without leak, driven by synapses or by a constant input value.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/neurons/value_input.h"

namespace mlgenn::models {
namespace {

std::vector<ParameterSpec> integrate_fire_parameters() {
    return {
        {.name = "v_thresh", .default_value = 1.0, .per_neuron = true, .doc = "firing threshold"},
        {.name = "v_reset", .default_value = 0.0, .per_neuron = true, .doc = "membrane potential after a spike"},
        {.name = "v", .default_value = 0.0, .per_neuron = true, .doc = "initial membrane potential"},
    };
}

void build(NeuronBuilder& b) {
    const Variable v = b.state("V", "v");
    v.set(v.value() + b.input());
    b.spike(v.value() >= b.param("v_thresh"), [&] { v.set(b.param("v_reset")); });
}

}  // namespace

NeuronModel integrate_fire() {
    return {
        .entry = {.name = "integrate_fire",
                  .summary = "Integrate-and-fire neuron without leak, absolute reset.",
                  .equations = {"V += Isyn", "spike if V >= v_thresh, then V = v_reset"},
                  .parameters = integrate_fire_parameters(),
                  .example = R"({"model": "integrate_fire", "params": {"v_thresh": 5.0}})"},
        .output_variable = "V",
        .variables = {"V"},
        .build = build,
    };
}

NeuronModel integrate_fire_input() {
    return {
        .entry = {.name = "integrate_fire_input",
                  .summary = "Integrate-and-fire neuron that receives its input value in every step.",
                  .equations = {"V += Input", "spike if V >= v_thresh, then V = v_reset"},
                  .parameters = with_input_frames(integrate_fire_parameters()),
                  .example = R"({"model": "integrate_fire_input", "params": {"v_thresh": 5.0}})"},
        .input = InputForm::values,
        .variables = {"V"},
        .build = build,
    };
}

}  // namespace mlgenn::models
