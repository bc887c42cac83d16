// SPDX-License-Identifier: Apache-2.0
// leaky_integrate: V = alpha V + Isyn + bias, or alpha V + (1 - alpha) Isyn + bias with scale_i. Never spikes.
#include "tests/reference/decay.h"
#include "tests/reference/neurons.h"

namespace mlgenn::reference {
namespace {

class LeakyIntegrate : public Neurons {
public:
    LeakyIntegrate(ParameterView& parameters, const NeuronContext& context)
        : v_initial_(rounded(parameters.per_neuron("v", 0.0, context.num_neurons))),
          bias_(rounded(parameters.per_neuron("bias", 0.0, context.num_neurons))),
          scale_i_(parameters.boolean("scale_i", false)),
          v_(v_initial_) {
        const std::vector<double> tau_mem = parameters.per_neuron("tau_mem", 20.0, context.num_neurons);
        alpha_ = decay_constants(tau_mem, context.dt);
        input_scale_ = one_minus_decay_constants(tau_mem, context.dt);
    }

    void reset() override { v_ = v_initial_; }
    void update(std::size_t j, float isyn) override {
        const float input = scale_i_ ? input_scale_[j] * isyn : isyn;
        const float decayed = alpha_[j] * v_[j];
        const float sum = decayed + input;
        v_[j] = sum + bias_[j];
    }
    bool fires(std::size_t) const override { return false; }
    void on_spike(std::size_t) override {}
    float output(std::size_t j) const override { return v_[j]; }
    const std::vector<float>* variable(std::string_view name) const override { return name == "V" ? &v_ : nullptr; }

private:
    std::vector<float> v_initial_;
    std::vector<float> bias_;
    bool scale_i_;
    std::vector<float> alpha_;
    std::vector<float> input_scale_;
    std::vector<float> v_;
};

}  // namespace

std::unique_ptr<Neurons> make_leaky_integrate(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<LeakyIntegrate>(parameters, context);
}

}  // namespace mlgenn::reference
