// SPDX-License-Identifier: Apache-2.0
// avg_var and avg_var_exp_weight: means of the output variable.
#include "tests/reference/exponential_function.h"
#include "tests/reference/readout_window.h"

namespace mlgenn::reference {
namespace {

class AvgVar : public FloatReadout {
public:
    AvgVar(ParameterView& parameters, const ReadoutContext& context)
        : FloatReadout(parameters, context, 0.0f), share_(static_cast<float>(window().step_weight())) {}

private:
    void add_step(std::size_t j, float variable) override {
        const float part = share_ * variable;
        values_[j] = values_[j] + part;
    }

    float share_;
};

class AvgVarExpWeight : public FloatReadout {
public:
    AvgVarExpWeight(ParameterView& parameters, const ReadoutContext& context)
        : FloatReadout(parameters, context, 0.0f),
          share_(static_cast<float>(window().step_weight())),
          slope_(static_cast<float>(1.0 / window().length())) {}

private:
    void add_step(std::size_t j, float variable) override {
        const float since = window().start() - window().t();
        const float weight = exponential_function(since * slope_) * share_;
        const float part = weight * variable;
        values_[j] = values_[j] + part;
    }

    float share_;
    float slope_;
};

}  // namespace

std::unique_ptr<Readout> make_avg_var(ParameterView& parameters, const ReadoutContext& context) {
    return std::make_unique<AvgVar>(parameters, context);
}

std::unique_ptr<Readout> make_avg_var_exp_weight(ParameterView& parameters, const ReadoutContext& context) {
    return std::make_unique<AvgVarExpWeight>(parameters, context);
}

}  // namespace mlgenn::reference
