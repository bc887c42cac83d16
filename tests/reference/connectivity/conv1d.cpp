// SPDX-License-Identifier: Apache-2.0
// conv1d: cross-correlation of a sequence (length, channels) with a kernel (length, channels per group, filters).
#include <algorithm>
#include <cmath>

#include "tests/reference/connectivity.h"

namespace mlgenn::reference {
namespace {

class Conv1D : public Connectivity {
public:
    Conv1D(ParameterView& parameters, const ConnectivityContext& context)
        : Connectivity(parameters.all_weights(num_elements(kernel_of(parameters, context)))),
          kernel_(kernel_of(parameters, context)),
          stride_(parameters.whole_number("conv_strides", 1)),
          dilation_(parameters.whole_number("conv_dilation", 1)),
          groups_(parameters.whole_number("groups", 1)),
          num_channels_(context.source.at(1)),
          length_(context.source.at(0)) {
        static_cast<void>(parameters.boolean("flatten", false));
        const std::size_t extent = (kernel_[0] - 1) * dilation_ + 1;
        if (parameters.word("conv_padding", "valid") == "same") {
            num_outputs_ = (length_ + stride_ - 1) / stride_;
            const std::size_t needed = (num_outputs_ - 1) * stride_ + extent;
            before_ = needed > length_ ? (needed - length_) / 2 : 0;
        } else {
            num_outputs_ = (length_ - extent) / stride_ + 1;
        }
    }

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        const std::size_t position = pre / num_channels_ + before_;
        const std::size_t channel = pre % num_channels_;
        for (std::size_t output = 0; output < num_outputs_; ++output) {
            for (std::size_t tap = 0; tap < kernel_[0]; ++tap) {
                if (output * stride_ + tap * dilation_ != position) {
                    continue;
                }
                for (std::size_t filter = 0; filter < kernel_[2]; ++filter) {
                    if (filter / (kernel_[2] / groups_) == channel / kernel_[1]) {
                        row.push_back({output * kernel_[2] + filter,
                                       (tap * kernel_[1] + channel % kernel_[1]) * kernel_[2] + filter});
                    }
                }
            }
        }
    }
    /// Over the full kernel, also where the sequence's ends cut it.
    double max_abs_input(std::size_t, std::size_t) const override {
        std::vector<double> sums(kernel_[2], 0.0);
        for (std::size_t i = 0; i < weights().size(); ++i) {
            sums[i % kernel_[2]] += std::fabs(static_cast<double>(weights()[i]));
        }
        return *std::max_element(sums.begin(), sums.end());
    }

private:
    static Shape kernel_of(ParameterView& parameters, const ConnectivityContext& context) {
        return parameters.kernel_shape(1, context.source.at(1) / parameters.whole_number("groups", 1));
    }

    Shape kernel_;
    std::size_t stride_;
    std::size_t dilation_;
    std::size_t groups_;
    std::size_t num_channels_;
    std::size_t length_;
    std::size_t num_outputs_ = 0;
    std::size_t before_ = 0;
};

}  // namespace

std::unique_ptr<Connectivity> make_conv1d(ParameterView& parameters, const ConnectivityContext& context) {
    return std::make_unique<Conv1D>(parameters, context);
}

}  // namespace mlgenn::reference
