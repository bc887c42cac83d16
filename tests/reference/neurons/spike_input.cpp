// SPDX-License-Identifier: Apache-2.0
// spike_input: fires in the steps in which an event is due.
#include "tests/reference/neurons.h"

namespace mlgenn::reference {
namespace {

class SpikeInputNeurons : public Neurons {
public:
    explicit SpikeInputNeurons(std::size_t num_neurons) : due_(num_neurons, false) {}

    void reset() override {}
    void update(std::size_t j, float isyn) override { due_[j] = isyn > 0.0f; }
    bool fires(std::size_t j) const override { return due_[j]; }
    void on_spike(std::size_t) override {}
    float output(std::size_t) const override { return 0.0f; }
    const std::vector<float>* variable(std::string_view) const override { return nullptr; }

private:
    std::vector<bool> due_;
};

}  // namespace

std::unique_ptr<Neurons> make_spike_input(ParameterView&, const NeuronContext& context) {
    return std::make_unique<SpikeInputNeurons>(context.num_neurons);
}

}  // namespace mlgenn::reference
