// SPDX-License-Identifier: Apache-2.0
// avg_pool_conv2d: average pooling followed by a convolution, in one step.
#include "tests/reference/connectivity/grid.h"

namespace mlgenn::reference {
namespace {

class AvgPoolConv2D : public Connectivity {
public:
    AvgPoolConv2D(std::vector<float> weights, Pool pool, Kernel kernel, Image input)
        : Connectivity(pool.averaged(std::move(weights))), pool_(pool), kernel_(kernel), input_(input) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        if (const auto window = pool_.window_of(pixel_of(pre, input_), input_)) {
            kernel_.append_synapses(*window, pool_.output(input_), row);
        }
    }
    /// Over the full kernel and all pixels of the windows under it.
    double max_abs_input(std::size_t, std::size_t) const override {
        return kernel_.max_abs_sum(weights()) * static_cast<double>(pool_.area());
    }

private:
    Pool pool_;
    Kernel kernel_;
    Image input_;
};

}  // namespace

std::unique_ptr<Connectivity> make_avg_pool_conv2d(ParameterView& parameters, const ConnectivityContext& context) {
    const Image input = image_of(context.source);
    const Kernel kernel = read_kernel(parameters, input.channels);
    return std::make_unique<AvgPoolConv2D>(parameters.all_weights(kernel.num_weights()), read_pool(parameters), kernel,
                                           input);
}

}  // namespace mlgenn::reference
