// SPDX-License-Identifier: Apache-2.0
// avg_var: the mean of the output variable over all steps.
#include <bit>

#include "tests/reference/readouts.h"

namespace mlgenn::reference {
namespace {

class AvgVar : public Readout {
public:
    explicit AvgVar(const ReadoutContext& context)
        : scale_(static_cast<float>(1.0 / static_cast<double>(context.num_timesteps))),
          average_(context.num_neurons, 0.0f) {}

    void reset() override { average_.assign(average_.size(), 0.0f); }
    void accumulate(std::size_t j, float variable) override {
        const float part = scale_ * variable;
        average_[j] = average_[j] + part;
    }
    void on_spike(std::size_t) override {}
    DType dtype() const override { return DType::f32; }
    std::uint32_t result_bits(std::size_t j, float) const override { return std::bit_cast<std::uint32_t>(average_[j]); }

private:
    float scale_;
    std::vector<float> average_;
};

}  // namespace

std::unique_ptr<Readout> make_avg_var(ParameterView&, const ReadoutContext& context) {
    return std::make_unique<AvgVar>(context);
}

}  // namespace mlgenn::reference
