// SPDX-License-Identifier: Apache-2.0
// Geometry of image populations.
#include "tests/reference/connectivity/grid.h"

#include <algorithm>
#include <cmath>

namespace mlgenn::reference {
namespace {

std::size_t divide_rounding_up(std::size_t a, std::size_t b) {
    return (a + b - 1) / b;
}

/// The smaller (top or left) half of the padding, as TensorFlow splits it.
std::size_t padding_before(std::size_t size, std::size_t kernel, std::size_t stride) {
    const std::size_t covered = size % stride == 0 ? stride : size % stride;
    return kernel > covered ? (kernel - covered) / 2 : 0;
}

}  // namespace

Image image_of(const Shape& shape) {
    if (shape.size() != 3) {
        throw Unsupported("shape " + to_string(shape) + " is not (height, width, channels)");
    }
    return {shape[0], shape[1], shape[2]};
}

Pixel pixel_of(std::size_t neuron, const Image& image) {
    const std::size_t position = neuron / image.channels;
    return {position / image.width, position % image.width, neuron % image.channels};
}

std::size_t neuron_of(const Pixel& pixel, const Image& image) {
    return (pixel.row * image.width + pixel.column) * image.channels + pixel.channel;
}

Image Pool::output(const Image& input) const {
    return {divide_rounding_up(input.height - rows + 1, row_stride),
            divide_rounding_up(input.width - columns + 1, column_stride), input.channels};
}

std::optional<Pixel> Pool::window_of(const Pixel& pixel, const Image& input) const {
    const Image pooled = output(input);
    const Pixel window{pixel.row / row_stride, pixel.column / column_stride, pixel.channel};
    const bool inside_rows = window.row < pooled.height && pixel.row < window.row * row_stride + rows;
    const bool inside_columns = window.column < pooled.width && pixel.column < window.column * column_stride + columns;
    if (!inside_rows || !inside_columns) {
        return std::nullopt;
    }
    return window;
}

std::vector<float> Pool::averaged(std::vector<float> weights) const {
    for (float& weight : weights) {
        weight = weight / static_cast<float>(area());
    }
    return weights;
}

Pool read_pool(ParameterView& parameters) {
    const auto [rows, columns] = parameters.pair("pool_size", {0, 0});
    const auto [row_stride, column_stride] = parameters.pair("pool_strides", {rows, columns});
    if (row_stride < rows || column_stride < columns) {
        parameters.fail("overlapping pools are not known to the reference");
    }
    return {rows, columns, row_stride, column_stride};
}

Image Kernel::output(const Image& input) const {
    if (same_padding) {
        return {divide_rounding_up(input.height, row_stride), divide_rounding_up(input.width, column_stride), filters};
    }
    return {divide_rounding_up(input.height - (rows - 1) * row_dilation, row_stride),
            divide_rounding_up(input.width - (columns - 1) * column_dilation, column_stride), filters};
}

void Kernel::append_synapses(const Pixel& pixel, const Image& input, std::vector<Synapse>& row) const {
    const Image out = output(input);
    const std::size_t top = same_padding ? padding_before(input.height, (rows - 1) * row_dilation + 1, row_stride) : 0;
    const std::size_t left =
        same_padding ? padding_before(input.width, (columns - 1) * column_dilation + 1, column_stride) : 0;
    const std::size_t group = pixel.channel / channels;
    for (std::size_t kr = 0; kr < rows; ++kr) {
        for (std::size_t kc = 0; kc < columns; ++kc) {
            // Target (r, c) looks at input row r * stride - top + kr * dilation.
            if (pixel.row + top < kr * row_dilation || pixel.column + left < kc * column_dilation) {
                continue;
            }
            const std::size_t r = pixel.row + top - kr * row_dilation;
            const std::size_t c = pixel.column + left - kc * column_dilation;
            if (r % row_stride != 0 || c % column_stride != 0 || r / row_stride >= out.height ||
                c / column_stride >= out.width) {
                continue;
            }
            for (std::size_t filter = 0; filter < filters; ++filter) {
                if (filter / (filters / groups) == group) {
                    row.push_back({neuron_of({r / row_stride, c / column_stride, filter}, out),
                                   ((kr * columns + kc) * channels + pixel.channel % channels) * filters + filter});
                }
            }
        }
    }
}

double Kernel::max_abs_sum(const std::vector<float>& weights) const {
    std::vector<double> sums(filters, 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sums[i % filters] += std::fabs(static_cast<double>(weights[i]));
    }
    return *std::max_element(sums.begin(), sums.end());
}

Kernel read_kernel(ParameterView& parameters, std::size_t num_channels) {
    const Shape shape = parameters.kernel_shape(2, num_channels / parameters.whole_number("groups", 1));
    const auto [row_stride, column_stride] = parameters.pair("conv_strides", {1, 1});
    const std::string padding = parameters.word("conv_padding", "valid");
    const auto [row_dilation, column_dilation] = parameters.pair("conv_dilation", {1, 1});
    static_cast<void>(parameters.boolean("flatten", false));
    return {.rows = shape[0],
            .columns = shape[1],
            .channels = shape[2],
            .filters = shape[3],
            .row_stride = row_stride,
            .column_stride = column_stride,
            .same_padding = padding == "same",
            .row_dilation = row_dilation,
            .column_dilation = column_dilation,
            .groups = parameters.whole_number("groups", 1)};
}

}  // namespace mlgenn::reference
