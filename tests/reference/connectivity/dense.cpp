// SPDX-License-Identifier: Apache-2.0
// dense: every source neuron reaches every target neuron; weight (sources, targets), or one number for all.
#include "tests/reference/connectivity.h"

namespace mlgenn::reference {
namespace {

class Dense : public Connectivity {
public:
    Dense(std::vector<float> weights, std::size_t num_post) : Connectivity(std::move(weights)), num_post_(num_post) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        for (std::size_t j = 0; j < num_post_; ++j) {
            row.push_back({j, pre * num_post_ + j});
        }
    }

private:
    std::size_t num_post_;
};

}  // namespace

std::unique_ptr<Connectivity> make_dense(ParameterView& parameters, const ConnectivityContext& context) {
    const std::size_t num_post = num_elements(context.target);
    return std::make_unique<Dense>(parameters.weights("weight", num_elements(context.source) * num_post), num_post);
}

}  // namespace mlgenn::reference
