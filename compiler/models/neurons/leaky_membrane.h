// SPDX-License-Identifier: Apache-2.0
// What the leaky models share: the membrane potential, and of those that fire refractory period and reset.
#pragma once

#include <optional>
#include <vector>

#include "compiler/models/builders.h"

namespace mlgenn::models {

/// v_thresh, v_reset, v, tau_mem, tau_refrac, relative_reset and integrate_during_refrac, which LeakyMembrane reads.
[[nodiscard]] std::vector<ParameterSpec> leaky_membrane_parameters();

[[nodiscard]] ParameterSpec tau_mem_parameter();
[[nodiscard]] ParameterSpec scale_i_parameter();
/// The input, multiplied by 1 - exp(-dt / tau_mem) with scale_i.
[[nodiscard]] ir::E scaled_input(NeuronBuilder& builder);

class LeakyMembrane {
public:
    /// Introduces V and, with tau_refrac, RefracTime.
    explicit LeakyMembrane(NeuronBuilder& builder);

    [[nodiscard]] ir::E v() const { return v_; }
    /// V = alpha V + `input`, except where the refractory period freezes it, and RefracTime goes on.
    void integrate(const ir::E& input) const;
    /// `crossed` where the neuron is not refractory.
    [[nodiscard]] ir::E may_fire(const ir::E& crossed) const;
    /// What a spike does.
    void reset() const;

private:
    NeuronBuilder& builder_;
    Variable v_;
    std::optional<Variable> refrac_time_;
};

}  // namespace mlgenn::models
