// SPDX-License-Identifier: Apache-2.0
// avg_pool_dense2d: average pooling followed by a dense matrix over the pooled image, in one step.
#include "tests/reference/connectivity/grid.h"

namespace mlgenn::reference {
namespace {

class AvgPoolDense2D : public Connectivity {
public:
    AvgPoolDense2D(std::vector<float> weights, Pool pool, Image input, std::size_t num_post)
        : Connectivity(pool.averaged(std::move(weights))), pool_(pool), input_(input), num_post_(num_post) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        const auto window = pool_.window_of(pixel_of(pre, input_), input_);
        if (!window) {
            return;
        }
        const std::size_t first = neuron_of(*window, pool_.output(input_)) * num_post_;
        for (std::size_t j = 0; j < num_post_; ++j) {
            row.push_back({j, first + j});
        }
    }

private:
    Pool pool_;
    Image input_;
    std::size_t num_post_;
};

}  // namespace

std::unique_ptr<Connectivity> make_avg_pool_dense2d(ParameterView& parameters, const ConnectivityContext& context) {
    const Pool pool = read_pool(parameters);
    const Image input = image_of(context.source);
    const Image pooled = pool.output(input);
    const std::size_t num_post = num_elements(context.target);
    const std::size_t num_weights = pooled.height * pooled.width * pooled.channels * num_post;
    return std::make_unique<AvgPoolDense2D>(parameters.all_weights(num_weights), pool, input, num_post);
}

}  // namespace mlgenn::reference
