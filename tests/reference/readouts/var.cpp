// SPDX-License-Identifier: Apache-2.0
// var: the output variable after the last step.
#include <bit>

#include "tests/reference/readouts.h"

namespace mlgenn::reference {
namespace {

class Var : public Readout {
public:
    void reset() override {}
    void accumulate(std::size_t, float) override {}
    void on_spike(std::size_t) override {}
    DType dtype() const override { return DType::f32; }
    std::uint32_t result_bits(std::size_t, float variable) const override {
        return std::bit_cast<std::uint32_t>(variable);
    }
};

}  // namespace

std::unique_ptr<Readout> make_var(ParameterView&, const ReadoutContext&) {
    return std::make_unique<Var>();
}

}  // namespace mlgenn::reference
