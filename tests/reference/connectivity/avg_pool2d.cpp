// SPDX-License-Identifier: Apache-2.0
// avg_pool2d: the mean of each complete window, channel by channel.
#include "tests/reference/connectivity/grid.h"

namespace mlgenn::reference {
namespace {

class AvgPool2D : public Connectivity {
public:
    AvgPool2D(Pool pool, Image input) : Connectivity(pool.averaged({1.0f})), pool_(pool), input_(input) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        if (const auto window = pool_.window_of(pixel_of(pre, input_), input_)) {
            row.push_back({neuron_of(*window, pool_.output(input_)), 0});
        }
    }

private:
    Pool pool_;
    Image input_;
};

}  // namespace

std::unique_ptr<Connectivity> make_avg_pool2d(ParameterView& parameters, const ConnectivityContext& context) {
    static_cast<void>(parameters.boolean("flatten", false));
    return std::make_unique<AvgPool2D>(read_pool(parameters), image_of(context.source));
}

}  // namespace mlgenn::reference
