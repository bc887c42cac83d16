// SPDX-License-Identifier: Apache-2.0
// first_spike_time: minus the time of the first spike.
#include <limits>

#include "tests/reference/readout_window.h"

namespace mlgenn::reference {
namespace {

class FirstSpikeTime : public FloatReadout {
public:
    FirstSpikeTime(ParameterView& parameters, const ReadoutContext& context)
        : FloatReadout(parameters, context, std::numeric_limits<float>::lowest()) {}

private:
    void add_spike(std::size_t j) override {
        if (-window().t() > values_[j]) {
            values_[j] = -window().t();
        }
    }
};

}  // namespace

std::unique_ptr<Readout> make_first_spike_time(ParameterView& parameters, const ReadoutContext& context) {
    return std::make_unique<FirstSpikeTime>(parameters, context);
}

}  // namespace mlgenn::reference
