// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/neurons/leaky_membrane.h"

#include <cmath>

namespace mlgenn::models {

using ir::E;

ParameterSpec tau_mem_parameter() {
    return {.name = "tau_mem",
            .default_value = 20.0,
            .per_neuron = true,
            .minimum = 0.0,
            .above_minimum = true,
            .unit = "ms",
            .doc = "membrane time constant"};
}

ParameterSpec scale_i_parameter() {
    return {.name = "scale_i",
            .kind = ParameterKind::boolean,
            .default_value = false,
            .doc = "scale the input by (1 - alpha)"};
}

E scaled_input(NeuronBuilder& builder) {
    if (!builder.params().boolean("scale_i")) {
        return builder.input();
    }
    const std::string tau = "tau_mem";
    return builder.scope().derived("input_scale", std::span(&tau, 1), [&](std::span<const double> p) {
        return 1.0 - std::exp(-builder.scope().dt_ms() / p[0]);
    }) * builder.input();
}

std::vector<ParameterSpec> leaky_membrane_parameters() {
    return {
        {.name = "v_thresh", .default_value = 1.0, .per_neuron = true, .doc = "firing threshold"},
        {.name = "v_reset", .default_value = 0.0, .per_neuron = true, .doc = "reset potential"},
        {.name = "v", .default_value = 0.0, .per_neuron = true, .doc = "initial membrane potential"},
        tau_mem_parameter(),
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
    };
}

LeakyMembrane::LeakyMembrane(NeuronBuilder& builder) : builder_(builder), v_(builder.state("V", "v")) {
    if (!builder.params().is_off("tau_refrac")) {
        refrac_time_ = builder.scope().state("RefracTime", 0.0F, ResetClass::variable, "RefracTime");
    }
}

void LeakyMembrane::integrate(const E& input) const {
    const E integrated = builder_.scope().decay("alpha", "tau_mem") * v_.value() + input;
    if (!refrac_time_) {
        v_.set(integrated);
        return;
    }
    const E refractory = refrac_time_->value() > E(0.0F);
    const auto count_down = [&] { refrac_time_->set(refrac_time_->value() - E(builder_.scope().dt_ms())); };
    if (builder_.params().boolean("integrate_during_refrac")) {
        v_.set(integrated);
        builder_.code().when(refractory, count_down);
    } else {
        builder_.code().when(refractory, count_down, [&] { v_.set(integrated); });
    }
}

E LeakyMembrane::may_fire(const E& crossed) const {
    return refrac_time_ ? crossed && refrac_time_->value() <= E(0.0F) : crossed;
}

void LeakyMembrane::reset() const {
    if (builder_.params().boolean("relative_reset")) {
        const std::vector<std::string> names = {"v_thresh", "v_reset"};
        v_.set(v_.value() -
               builder_.scope().derived("reset_step", names, [](std::span<const double> p) { return p[0] - p[1]; }));
    } else {
        v_.set(builder_.param("v_reset"));
    }
    if (refrac_time_) {
        refrac_time_->set(builder_.param("tau_refrac"));
    }
}

}  // namespace mlgenn::models
