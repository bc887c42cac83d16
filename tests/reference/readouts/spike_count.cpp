// SPDX-License-Identifier: Apache-2.0
// spike_count: how often each neuron fired.
#include "tests/reference/readout_window.h"

namespace mlgenn::reference {
namespace {

class SpikeCount : public WindowedReadout {
public:
    SpikeCount(ParameterView& parameters, const ReadoutContext& context)
        : WindowedReadout(parameters, context), counts_(context.num_neurons, 0) {}

    void reset() override { counts_.assign(counts_.size(), 0); }
    DType dtype() const override { return DType::u32; }
    std::uint32_t result_bits(std::size_t j, float) const override { return counts_[j]; }

private:
    void add_step(std::size_t, float) override {}
    void add_spike(std::size_t j) override { counts_[j] += 1; }

    std::vector<std::uint32_t> counts_;
};

}  // namespace

std::unique_ptr<Readout> make_spike_count(ParameterView& parameters, const ReadoutContext& context) {
    return std::make_unique<SpikeCount>(parameters, context);
}

}  // namespace mlgenn::reference
