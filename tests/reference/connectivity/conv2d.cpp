// SPDX-License-Identifier: Apache-2.0
// conv2d: cross-correlation of the source image with a kernel.
#include "tests/reference/connectivity/grid.h"

namespace mlgenn::reference {
namespace {

class Conv2D : public Connectivity {
public:
    Conv2D(std::vector<float> weights, Kernel kernel, Image input)
        : Connectivity(std::move(weights)), kernel_(kernel), input_(input) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        kernel_.append_synapses(pixel_of(pre, input_), input_, row);
    }
    /// Over the full kernel, also where the image's border cuts it.
    double max_abs_input(std::size_t, std::size_t) const override { return kernel_.max_abs_sum(weights()); }

private:
    Kernel kernel_;
    Image input_;
};

}  // namespace

std::unique_ptr<Connectivity> make_conv2d(ParameterView& parameters, const ConnectivityContext& context) {
    const Image input = image_of(context.source);
    const Kernel kernel = read_kernel(parameters, input.channels);
    return std::make_unique<Conv2D>(parameters.all_weights(kernel.num_weights()), kernel, input);
}

}  // namespace mlgenn::reference
