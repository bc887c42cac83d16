// SPDX-License-Identifier: Apache-2.0
// one_to_one: neuron i reaches neuron i; one weight per neuron, or one number for all.
#include "tests/reference/connectivity.h"

namespace mlgenn::reference {
namespace {

class OneToOne : public Connectivity {
public:
    using Connectivity::Connectivity;

    void row(std::size_t pre, std::vector<Synapse>& row) const override { row.assign(1, {pre, pre}); }
};

}  // namespace

std::unique_ptr<Connectivity> make_one_to_one(ParameterView& parameters, const ConnectivityContext& context) {
    return std::make_unique<OneToOne>(parameters.weights("weight", num_elements(context.source)));
}

}  // namespace mlgenn::reference
