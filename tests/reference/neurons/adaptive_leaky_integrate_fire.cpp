// SPDX-License-Identifier: Apache-2.0
// adaptive_leaky_integrate_fire: the threshold rises with every spike.
#include "tests/reference/decay.h"
#include "tests/reference/neurons.h"

namespace mlgenn::reference {
namespace {

class AdaptiveLeakyIntegrateFire : public Neurons {
public:
    AdaptiveLeakyIntegrateFire(ParameterView& parameters, const NeuronContext& context)
        : relative_reset_(parameters.boolean("relative_reset", true)),
          integrate_during_refrac_(parameters.boolean("integrate_during_refrac", true)),
          dt_(static_cast<float>(context.dt)) {
        const std::size_t count = context.num_neurons;
        const std::vector<double> v_thresh = parameters.per_neuron("v_thresh", 1.0, count);
        const std::vector<double> v_reset = parameters.per_neuron("v_reset", 0.0, count);
        v_thresh_ = rounded(v_thresh);
        v_reset_ = rounded(v_reset);
        for (std::size_t j = 0; j < count; ++j) {
            v_step_down_.push_back(static_cast<float>(v_thresh[j] - v_reset[j]));
        }
        v_initial_ = rounded(parameters.per_neuron("v", 0.0, count));
        a_initial_ = rounded(parameters.per_neuron("a", 0.0, count));
        beta_ = rounded(parameters.per_neuron("beta", 0.0174, count));
        alpha_ = decay_constants(parameters.per_neuron("tau_mem", 20.0, count), context.dt);
        rho_ = decay_constants(parameters.per_neuron("tau_adapt", 2000.0, count), context.dt);
        if (const auto tau_refrac = parameters.per_neuron_or_off("tau_refrac", count)) {
            refractory_ = true;
            tau_refrac_ = rounded(*tau_refrac);
        }
        refrac_time_.assign(count, 0.0f);
        v_ = v_initial_;
        a_ = a_initial_;
    }

    void reset() override {
        v_ = v_initial_;
        a_ = a_initial_;
        refrac_time_.assign(refrac_time_.size(), 0.0f);
    }

    void update(std::size_t j, float isyn) override {
        const bool counting = refractory_ && refrac_time_[j] > 0.0f;
        if (!counting || integrate_during_refrac_) {
            const float decayed = alpha_[j] * v_[j];
            v_[j] = decayed + isyn;
        }
        if (counting) {
            refrac_time_[j] = refrac_time_[j] - dt_;
        }
        a_[j] = a_[j] * rho_[j];
    }

    bool fires(std::size_t j) const override {
        const float raised = beta_[j] * a_[j];
        return v_[j] >= v_thresh_[j] + raised && (!refractory_ || refrac_time_[j] <= 0.0f);
    }

    void on_spike(std::size_t j) override {
        v_[j] = relative_reset_ ? v_[j] - v_step_down_[j] : v_reset_[j];
        a_[j] = a_[j] + 1.0f;
        if (refractory_) {
            refrac_time_[j] = tau_refrac_[j];
        }
    }

    float output(std::size_t j) const override { return v_[j]; }
    const std::vector<float>* variable(std::string_view name) const override {
        if (name == "V") {
            return &v_;
        }
        if (name == "A") {
            return &a_;
        }
        return refractory_ && name == "RefracTime" ? &refrac_time_ : nullptr;
    }

private:
    bool relative_reset_;
    bool integrate_during_refrac_;
    float dt_;
    bool refractory_ = false;
    std::vector<float> v_thresh_;
    std::vector<float> v_reset_;
    std::vector<float> v_step_down_;
    std::vector<float> v_initial_;
    std::vector<float> a_initial_;
    std::vector<float> beta_;
    std::vector<float> alpha_;
    std::vector<float> rho_;
    std::vector<float> tau_refrac_;
    std::vector<float> v_;
    std::vector<float> a_;
    std::vector<float> refrac_time_;
};

}  // namespace

std::unique_ptr<Neurons> make_adaptive_leaky_integrate_fire(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<AdaptiveLeakyIntegrateFire>(parameters, context);
}

}  // namespace mlgenn::reference
