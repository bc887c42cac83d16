// SPDX-License-Identifier: Apache-2.0
// delta: the current of a step is what arrived in it.
#include "tests/reference/synapses.h"

namespace mlgenn::reference {
namespace {

class Delta : public Synapses {
public:
    explicit Delta(std::size_t num_targets) : x_(num_targets, 0.0f) {}

    void reset() override { x_.assign(x_.size(), 0.0f); }
    void add(std::size_t j, float input) override { x_[j] = x_[j] + input; }
    float take_current(std::size_t j) override {
        const float current = x_[j];
        x_[j] = 0.0f;
        return current;
    }

private:
    std::vector<float> x_;
};

}  // namespace

std::unique_ptr<Synapses> make_delta(ParameterView&, const SynapseContext& context) {
    return std::make_unique<Delta>(context.num_targets);
}

}  // namespace mlgenn::reference
