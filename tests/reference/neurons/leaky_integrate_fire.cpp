// SPDX-License-Identifier: Apache-2.0
// leaky_integrate_fire with every option of mlGeNN 2.4.
#include "tests/reference/decay.h"
#include "tests/reference/neurons.h"

namespace mlgenn::reference {
namespace {

class LeakyIntegrateFire : public Neurons {
public:
    LeakyIntegrateFire(ParameterView& parameters, const NeuronContext& context)
        : relative_reset_(parameters.boolean("relative_reset", true)),
          integrate_during_refrac_(parameters.boolean("integrate_during_refrac", true)),
          scale_i_(parameters.boolean("scale_i", false)),
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
        const std::vector<double> tau_mem = parameters.per_neuron("tau_mem", 20.0, count);
        alpha_ = decay_constants(tau_mem, context.dt);
        input_scale_ = one_minus_decay_constants(tau_mem, context.dt);
        if (const auto tau_refrac = parameters.per_neuron_or_off("tau_refrac", count)) {
            refractory_ = true;
            tau_refrac_ = rounded(*tau_refrac);
            refrac_time_.assign(count, 0.0f);
        }
        v_ = v_initial_;
    }

    void reset() override {
        v_ = v_initial_;
        refrac_time_.assign(refrac_time_.size(), 0.0f);
    }

    void update(std::size_t j, float isyn) override {
        if (!refractory_) {
            integrate(j, isyn);
        } else if (integrate_during_refrac_) {
            integrate(j, isyn);
            if (refrac_time_[j] > 0.0f) {
                refrac_time_[j] = refrac_time_[j] - dt_;
            }
        } else if (refrac_time_[j] > 0.0f) {
            refrac_time_[j] = refrac_time_[j] - dt_;
        } else {
            integrate(j, isyn);
        }
    }

    bool fires(std::size_t j) const override {
        return v_[j] >= v_thresh_[j] && (!refractory_ || refrac_time_[j] <= 0.0f);
    }

    void on_spike(std::size_t j) override {
        v_[j] = relative_reset_ ? v_[j] - v_step_down_[j] : v_reset_[j];
        if (refractory_) {
            refrac_time_[j] = tau_refrac_[j];
        }
    }

    float output(std::size_t j) const override { return v_[j]; }
    const std::vector<float>* variable(std::string_view name) const override {
        if (name == "V") {
            return &v_;
        }
        return refractory_ && name == "RefracTime" ? &refrac_time_ : nullptr;
    }

private:
    void integrate(std::size_t j, float isyn) {
        const float input = scale_i_ ? input_scale_[j] * isyn : isyn;
        const float decayed = alpha_[j] * v_[j];
        v_[j] = decayed + input;
    }

    bool relative_reset_;
    bool integrate_during_refrac_;
    bool scale_i_;
    float dt_;
    bool refractory_ = false;
    std::vector<float> v_thresh_;
    std::vector<float> v_reset_;
    std::vector<float> v_step_down_;
    std::vector<float> v_initial_;
    std::vector<float> alpha_;
    std::vector<float> input_scale_;
    std::vector<float> tau_refrac_;
    std::vector<float> v_;
    std::vector<float> refrac_time_;
};

}  // namespace

std::unique_ptr<Neurons> make_leaky_integrate_fire(ParameterView& parameters, const NeuronContext& context) {
    return std::make_unique<LeakyIntegrateFire>(parameters, context);
}

}  // namespace mlgenn::reference
