// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/readout_window.h"

#include <bit>

namespace mlgenn::reference {

ReadoutWindow::ReadoutWindow(ParameterView& parameters, const ReadoutContext& context) {
    const auto start = parameters.per_neuron_or_off("window_start", 1);
    const auto end = parameters.per_neuron_or_off("window_end", 1);
    has_start_ = start.has_value();
    has_end_ = end.has_value();
    const double first = has_start_ ? start->front() : 0.0;
    const double last = has_end_ ? end->front() : context.num_timesteps * context.dt;
    start_ = static_cast<float>(first);
    end_ = static_cast<float>(last);
    length_ = last - first;
    step_weight_ = has_start_ || has_end_ ? context.dt / length_ : 1.0 / context.num_timesteps;
}

FloatReadout::FloatReadout(ParameterView& parameters, const ReadoutContext& context, float initial)
    : WindowedReadout(parameters, context), values_(context.num_neurons, initial), initial_(initial) {}

void FloatReadout::reset() {
    values_.assign(values_.size(), initial_);
}

std::uint32_t FloatReadout::result_bits(std::size_t j, float) const {
    return std::bit_cast<std::uint32_t>(values_[j]);
}

}  // namespace mlgenn::reference
