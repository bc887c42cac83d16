// SPDX-License-Identifier: Apache-2.0
// spike_count: how often each neuron fired.
#include "tests/reference/readouts.h"

namespace mlgenn::reference {
namespace {

class SpikeCount : public Readout {
public:
    explicit SpikeCount(std::size_t num_neurons) : counts_(num_neurons, 0) {}

    void reset() override { counts_.assign(counts_.size(), 0); }
    void accumulate(std::size_t, float) override {}
    void on_spike(std::size_t j) override { counts_[j] += 1; }
    DType dtype() const override { return DType::u32; }
    std::uint32_t result_bits(std::size_t j, float) const override { return counts_[j]; }

private:
    std::vector<std::uint32_t> counts_;
};

}  // namespace

std::unique_ptr<Readout> make_spike_count(ParameterView&, const ReadoutContext& context) {
    return std::make_unique<SpikeCount>(context.num_neurons);
}

}  // namespace mlgenn::reference
