// SPDX-License-Identifier: Apache-2.0
// integrate_fire and integrate_fire_input: V += Isyn; at v_thresh a spike, then V = v_reset.
#include "tests/reference/neurons.h"

namespace mlgenn::reference {
namespace {

class IntegrateFire : public Neurons {
public:
    IntegrateFire(ParameterView& parameters, std::size_t num_neurons)
        : v_thresh_(rounded(parameters.per_neuron("v_thresh", 1.0, num_neurons))),
          v_reset_(rounded(parameters.per_neuron("v_reset", 0.0, num_neurons))),
          v_initial_(rounded(parameters.per_neuron("v", 0.0, num_neurons))),
          v_(v_initial_) {}

    void reset() override { v_ = v_initial_; }
    void update(std::size_t j, float isyn) override { v_[j] = v_[j] + isyn; }
    bool fires(std::size_t j) const override { return v_[j] >= v_thresh_[j]; }
    void on_spike(std::size_t j) override { v_[j] = v_reset_[j]; }
    float output(std::size_t j) const override { return v_[j]; }
    const std::vector<float>* variable(std::string_view name) const override { return name == "V" ? &v_ : nullptr; }

private:
    std::vector<float> v_thresh_;
    std::vector<float> v_reset_;
    std::vector<float> v_initial_;
    std::vector<float> v_;
};

}  // namespace

std::unique_ptr<Neurons> make_integrate_fire(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<IntegrateFire>(parameters, context.num_neurons);
}

}  // namespace mlgenn::reference
