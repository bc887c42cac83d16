// SPDX-License-Identifier: Apache-2.0
// sparse: synapses listed by pre_ind, post_ind and weight, in any order; a pair that stands twice is two synapses.
#include "tests/reference/connectivity.h"

namespace mlgenn::reference {
namespace {

class Sparse : public Connectivity {
public:
    Sparse(std::vector<float> weights, const std::vector<std::size_t>& pre, const std::vector<std::size_t>& post,
           std::size_t num_pre)
        : Connectivity(std::move(weights)), rows_(num_pre) {
        for (std::size_t i = 0; i < pre.size(); ++i) {
            rows_.at(pre[i]).push_back({post[i], i});
        }
    }

    void row(std::size_t pre, std::vector<Synapse>& row) const override { row = rows_[pre]; }

private:
    std::vector<std::vector<Synapse>> rows_;
};

}  // namespace

std::unique_ptr<Connectivity> make_sparse(ParameterView& parameters, const ConnectivityContext& context) {
    const std::vector<std::size_t> pre = parameters.indices("pre_ind");
    const std::vector<std::size_t> post = parameters.indices("post_ind");
    return std::make_unique<Sparse>(parameters.weights("weight", pre.size()), pre, post, num_elements(context.source));
}

}  // namespace mlgenn::reference
