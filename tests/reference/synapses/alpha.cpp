// SPDX-License-Identifier: Apache-2.0
// alpha: a weight w that arrived s ms ago injects w (s / tau) exp(1 - s / tau).
#include <cmath>

#include "tests/reference/decay.h"
#include "tests/reference/synapses.h"

namespace mlgenn::reference {
namespace {

class Alpha : public Synapses {
public:
    Alpha(ParameterView& parameters, const SynapseContext& context)
        : in_syn_(context.num_targets, 0.0f), current_(context.num_targets, 0.0f) {
        const std::vector<double> tau = parameters.per_neuron("tau", 5.0, context.num_targets);
        decay_ = decay_constants(tau, context.dt);
        for (const double value : tau) {
            rise_.push_back(
                static_cast<float>(2.718281828459045235 * (context.dt / value) * std::exp(-context.dt / value)));
        }
    }

    void reset() override {
        in_syn_.assign(in_syn_.size(), 0.0f);
        current_.assign(current_.size(), 0.0f);
    }
    void add(std::size_t j, float input) override { in_syn_[j] = in_syn_[j] + input; }
    float take_current(std::size_t j) override {
        const float now = current_[j];
        const float decayed = decay_[j] * now;
        const float risen = rise_[j] * in_syn_[j];
        current_[j] = decayed + risen;
        in_syn_[j] = in_syn_[j] * decay_[j];
        return now;
    }

private:
    std::vector<float> decay_;
    std::vector<float> rise_;
    std::vector<float> in_syn_;
    std::vector<float> current_;
};

}  // namespace

std::unique_ptr<Synapses> make_alpha(ParameterView& parameters, const SynapseContext& context) {
    return std::make_unique<Alpha>(parameters, context);
}

}  // namespace mlgenn::reference
