// SPDX-License-Identifier: Apache-2.0
// exponential: what arrives adds to in_syn, which is the current and then decays with tau.
#include <cmath>

#include "tests/reference/decay.h"
#include "tests/reference/synapses.h"

namespace mlgenn::reference {
namespace {

class Exponential : public Synapses {
public:
    Exponential(ParameterView& parameters, const SynapseContext& context)
        : scale_i_(parameters.boolean("scale_i", false)), in_syn_(context.num_targets, 0.0f) {
        const std::vector<double> tau = parameters.per_neuron("tau", 5.0, context.num_targets);
        decay_ = decay_constants(tau, context.dt);
        for (const double value : tau) {
            i_scale_.push_back(static_cast<float>((value / context.dt) * (1.0 - std::exp(-context.dt / value))));
        }
    }

    void reset() override { in_syn_.assign(in_syn_.size(), 0.0f); }
    void add(std::size_t j, float input) override { in_syn_[j] = in_syn_[j] + input; }
    float take_current(std::size_t j) override {
        const float current = scale_i_ ? in_syn_[j] * i_scale_[j] : in_syn_[j];
        in_syn_[j] = in_syn_[j] * decay_[j];
        return current;
    }

private:
    bool scale_i_;
    std::vector<float> decay_;
    std::vector<float> i_scale_;
    std::vector<float> in_syn_;
};

}  // namespace

std::unique_ptr<Synapses> make_exponential(ParameterView& parameters, const SynapseContext& context) {
    return std::make_unique<Exponential>(parameters, context);
}

}  // namespace mlgenn::reference
