// SPDX-License-Identifier: Apache-2.0
// conv2d_transpose: every pixel stamps the kernel (rows, columns, filters, channels) onto the output.
#include <algorithm>
#include <cmath>

#include "tests/reference/connectivity/grid.h"

namespace mlgenn::reference {
namespace {

class Conv2DTranspose : public Connectivity {
public:
    Conv2DTranspose(ParameterView& parameters, const ConnectivityContext& context)
        : Connectivity(parameters.all_weights(num_elements(kernel_of(parameters, context)))),
          kernel_(kernel_of(parameters, context)),
          strides_(parameters.pair("conv_strides", {1, 1})),
          input_(image_of(context.source)) {
        static_cast<void>(parameters.boolean("flatten", false));
        const std::size_t extra_rows = kernel_[0] > strides_.first ? kernel_[0] - strides_.first : 0;
        const std::size_t extra_columns = kernel_[1] > strides_.second ? kernel_[1] - strides_.second : 0;
        output_ = {input_.height * strides_.first, input_.width * strides_.second, kernel_[2]};
        if (parameters.word("conv_padding", "valid") == "same") {
            top_ = extra_rows / 2;
            left_ = extra_columns / 2;
        } else {
            output_.height += extra_rows;
            output_.width += extra_columns;
        }
    }

    void row(std::size_t pre, std::vector<Synapse>& row) const override {
        row.clear();
        const Pixel pixel = pixel_of(pre, input_);
        for (std::size_t kr = 0; kr < kernel_[0]; ++kr) {
            for (std::size_t kc = 0; kc < kernel_[1]; ++kc) {
                const std::size_t r = pixel.row * strides_.first + kr;
                const std::size_t c = pixel.column * strides_.second + kc;
                if (r < top_ || c < left_ || r - top_ >= output_.height || c - left_ >= output_.width) {
                    continue;
                }
                for (std::size_t filter = 0; filter < kernel_[2]; ++filter) {
                    row.push_back({neuron_of({r - top_, c - left_, filter}, output_),
                                   ((kr * kernel_[1] + kc) * kernel_[2] + filter) * kernel_[3] + pixel.channel});
                }
            }
        }
    }
    /// Over all kernel elements that can meet in one output, as if the image had no border.
    double max_abs_input(std::size_t, std::size_t) const override {
        double largest = 0.0;
        for (std::size_t r = 0; r < strides_.first; ++r) {
            for (std::size_t c = 0; c < strides_.second; ++c) {
                for (std::size_t filter = 0; filter < kernel_[2]; ++filter) {
                    largest = std::max(largest, sum_at(r, c, filter));
                }
            }
        }
        return largest;
    }

private:
    static Shape kernel_of(ParameterView& parameters, const ConnectivityContext& context) {
        return parameters.kernel_shape(2, context.source.at(2), true);
    }

    double sum_at(std::size_t row, std::size_t column, std::size_t filter) const {
        double sum = 0.0;
        for (std::size_t kr = row; kr < kernel_[0]; kr += strides_.first) {
            for (std::size_t kc = column; kc < kernel_[1]; kc += strides_.second) {
                for (std::size_t channel = 0; channel < kernel_[3]; ++channel) {
                    const std::size_t index = ((kr * kernel_[1] + kc) * kernel_[2] + filter) * kernel_[3] + channel;
                    sum += std::fabs(static_cast<double>(weights()[index]));
                }
            }
        }
        return sum;
    }

    Shape kernel_;
    std::pair<std::size_t, std::size_t> strides_;
    Image input_;
    Image output_;
    std::size_t top_ = 0;
    std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<Connectivity> make_conv2d_transpose(ParameterView& parameters, const ConnectivityContext& context) {
    return std::make_unique<Conv2DTranspose>(parameters, context);
}

}  // namespace mlgenn::reference
