// SPDX-License-Identifier: Apache-2.0
// sum_var and max_var: the output variable's sum and largest value.
#include <limits>

#include "tests/reference/readout_window.h"

namespace mlgenn::reference {
namespace {

class SumVar : public FloatReadout {
public:
    SumVar(ParameterView& parameters, const ReadoutContext& context) : FloatReadout(parameters, context, 0.0f) {}

private:
    void add_step(std::size_t j, float variable) override { values_[j] = values_[j] + variable; }
};

class MaxVar : public FloatReadout {
public:
    using FloatReadout::FloatReadout;

private:
    void add_step(std::size_t j, float variable) override {
        if (variable > values_[j]) {
            values_[j] = variable;
        }
    }
};

}  // namespace

std::unique_ptr<Readout> make_sum_var(ParameterView& parameters, const ReadoutContext& context) {
    return std::make_unique<SumVar>(parameters, context);
}

std::unique_ptr<Readout> make_max_var(ParameterView& parameters, const ReadoutContext& context) {
    const auto floor = parameters.per_neuron_or_off("floor", 1);
    const float initial = floor ? static_cast<float>(floor->front()) : -std::numeric_limits<float>::infinity();
    return std::make_unique<MaxVar>(parameters, context, initial);
}

}  // namespace mlgenn::reference
