// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/connectivity/convolution.h"

#include <algorithm>
#include <cmath>

#include "compiler/models/connectivity/findings.h"

namespace mlgenn::models {
namespace {

using ir::E;

E lit(std::size_t value) {
    return {static_cast<std::uint32_t>(value)};
}

/// Output size and padding as TensorFlow has them; 0 outputs when the kernel does not fit.
ConvAxis conv_axis(std::size_t input, std::size_t kernel, std::size_t stride, bool same) {
    ConvAxis axis{.input = input, .kernel = kernel, .stride = stride};
    if (same) {
        axis.output = (input + stride - 1) / stride;
        const std::size_t covered = input % stride == 0 ? stride : input % stride;
        axis.padding = (std::max(kernel, covered) - covered) / 2;
    } else {
        axis.output = input < kernel ? 0 : (input - kernel + stride) / stride;
    }
    return axis;
}

PoolAxis pool_axis(std::size_t input, std::size_t size, std::size_t stride) {
    return {
        .input = input, .size = size, .stride = stride, .output = input < size ? 0 : (input - size + stride) / stride};
}

bool is_image(const Shape& image, const ConnectivityQuery* query) {
    if (image.size() == 3) {
        return true;
    }
    if (query != nullptr) {
        reject(*query, "source has shape " + to_string(image) + ", expected (height, width, channels)",
               "give the source population three dimensions");
    }
    return false;
}

std::uint32_t first_output_numerator_offset(const ConvAxis& axis) {
    return static_cast<std::uint32_t>(axis.padding + axis.stride);
}

/// Outputs that a position reaches: [begin, end).
std::pair<E, E> reached(const ConvAxis& axis, const E& position) {
    const E begin = (ir::max(position + E(first_output_numerator_offset(axis)), lit(axis.kernel)) - lit(axis.kernel)) /
                    lit(axis.stride);
    const E end = ir::min((position + lit(axis.padding)) / lit(axis.stride) + E(1U), lit(axis.output));
    return {begin, end};
}

}  // namespace

ParameterSpec conv_weight_parameter() {
    return {.name = "weight",
            .kind = ParameterKind::weights,
            .required = true,
            .doc = "(kernel rows, kernel columns, input channels, filters)"};
}

std::vector<ParameterSpec> conv_parameters() {
    return {{.name = "conv_strides",
             .kind = ParameterKind::pair,
             .default_value = 1,
             .minimum = 1,
             .doc = "steps between outputs (rows, columns)"},
            {.name = "conv_padding",
             .kind = ParameterKind::word,
             .default_value = "valid",
             .choices = {"valid", "same"},
             .doc = "valid: kernels stay inside; same: output = ceil(input / stride)"}};
}

std::vector<ParameterSpec> pool_parameters() {
    return {{.name = "pool_size",
             .kind = ParameterKind::pair,
             .required = true,
             .minimum = 1,
             .doc = "window (rows, columns)"},
            {.name = "pool_strides",
             .kind = ParameterKind::pair,
             .default_value = {},
             .nullable = true,
             .minimum = 1,
             .doc = "steps between windows, at least pool_size; null: pool_size"}};
}

ParameterSpec flatten_parameter() {
    return {.name = "flatten",
            .kind = ParameterKind::boolean,
            .default_value = false,
            .doc = "give the target one dimension"};
}

std::optional<Convolution> convolution_of(const ParameterReader& params, const Shape& image,
                                          const ConnectivityQuery* query) {
    if (!is_image(image, query)) {
        return std::nullopt;
    }
    const Array* weight = params.array("weight");
    if (weight == nullptr || weight->shape().size() != 4 || weight->shape()[2] != image[2]) {
        if (query != nullptr) {
            reject(*query,
                   "convolution weight has shape " + (weight != nullptr ? to_string(weight->shape()) : "[]") +
                       ", expected (kernel rows, kernel columns, " + std::to_string(image[2]) + " channels, filters)",
                   "give a kernel with four dimensions whose third is the source's channels");
        }
        return std::nullopt;
    }
    const Shape& kernel = weight->shape();
    const auto [row_stride, column_stride] = params.pair("conv_strides");
    const bool same = params.word("conv_padding") == "same";
    Convolution conv{.rows = conv_axis(image[0], kernel[0], static_cast<std::size_t>(row_stride), same),
                     .columns = conv_axis(image[1], kernel[1], static_cast<std::size_t>(column_stride), same),
                     .channels = kernel[2],
                     .filters = kernel[3]};
    if (conv.rows.output == 0 || conv.columns.output == 0) {
        if (query != nullptr) {
            reject(*query,
                   "a kernel of " + std::to_string(kernel[0]) + " x " + std::to_string(kernel[1]) +
                       " does not fit into " + std::to_string(image[0]) + " x " + std::to_string(image[1]),
                   "use padding \"same\" or a smaller kernel");
        }
        return std::nullopt;
    }
    return conv;
}

std::optional<Pooling> pooling_of(const ParameterReader& params, const Shape& image, const ConnectivityQuery* query) {
    if (!is_image(image, query)) {
        return std::nullopt;
    }
    const auto size = params.pair("pool_size");
    const auto stride = params.is_off("pool_strides") ? size : params.pair("pool_strides");
    if (stride.first < size.first || stride.second < size.second) {
        if (query != nullptr) {
            reject(*query,
                   "pool_strides (" + std::to_string(stride.first) + ", " + std::to_string(stride.second) +
                       ") are below pool_size (" + std::to_string(size.first) + ", " + std::to_string(size.second) +
                       ")",
                   "overlapping windows are not supported: use strides of at least the window size");
        }
        return std::nullopt;
    }
    const auto axis = [](std::size_t input, std::int64_t window, std::int64_t step) {
        return pool_axis(input, static_cast<std::size_t>(window), static_cast<std::size_t>(step));
    };
    Pooling pool{.rows = axis(image[0], size.first, stride.first),
                 .columns = axis(image[1], size.second, stride.second),
                 .channels = image[2]};
    if (pool.rows.output == 0 || pool.columns.output == 0) {
        if (query != nullptr) {
            reject(*query,
                   "a pooling window of " + std::to_string(size.first) + " x " + std::to_string(size.second) +
                       " does not fit into " + std::to_string(image[0]) + " x " + std::to_string(image[1]),
                   "use a smaller pool_size");
        }
        return std::nullopt;
    }
    return pool;
}

Shape output_shape(std::size_t rows, std::size_t columns, std::size_t channels, bool flatten) {
    return flatten ? Shape{rows * columns * channels} : Shape{rows, columns, channels};
}

LoweredConnectivity lower_kernel(const Array& weight, const Convolution& conv, std::size_t divisor) {
    const std::vector<float> kernel = weight.to_f32();
    const std::size_t taps = conv.rows.kernel * conv.columns.kernel;
    LoweredConnectivity result;
    result.weights.resize(kernel.size());
    std::vector<double> sums(conv.filters, 0.0);
    for (std::size_t tap = 0; tap < taps; ++tap) {
        for (std::size_t c = 0; c < conv.channels; ++c) {
            for (std::size_t f = 0; f < conv.filters; ++f) {
                const float scaled = kernel[(tap * conv.channels + c) * conv.filters + f] / static_cast<float>(divisor);
                result.weights[(c * taps + tap) * conv.filters + f] = scaled;
                sums[f] += std::abs(static_cast<double>(scaled)) * static_cast<double>(divisor);
            }
        }
    }
    result.max_abs_input = *std::max_element(sums.begin(), sums.end());
    return result;
}

std::uint64_t num_pairs(const ConvAxis& axis) {
    std::uint64_t pairs = 0;
    for (std::size_t output = 0; output < axis.output; ++output) {
        for (std::size_t tap = 0; tap < axis.kernel; ++tap) {
            const std::size_t position = output * axis.stride + tap;
            pairs += position >= axis.padding && position - axis.padding < axis.input ? 1 : 0;
        }
    }
    return pairs;
}

Pixel pixel_of(RowBuilder& b, const E& neuron, std::size_t width, std::size_t channels) {
    const E place = b.code().let("place", neuron / lit(channels));
    return {b.code().let("row", place / lit(width)), b.code().let("column", place % lit(width)),
            b.code().let("channel", neuron % lit(channels))};
}

void pooled(RowBuilder& b, const Pixel& pixel, const Pooling& pool, const std::function<void(Pixel)>& body) {
    const E row = b.code().let("window_row", pixel.row / lit(pool.rows.stride));
    const E column = b.code().let("window_column", pixel.column / lit(pool.columns.stride));
    const auto inside = [](const PoolAxis& axis, const E& window, const E& position) {
        return window < lit(axis.output) && position - window * lit(axis.stride) < lit(axis.size);
    };
    const auto complete = [](const PoolAxis& axis) {
        return axis.stride == axis.size && axis.input == axis.output * axis.size;
    };
    if (complete(pool.rows) && complete(pool.columns)) {
        body({row, column, pixel.channel});
        return;
    }
    b.code().when(inside(pool.rows, row, pixel.row) && inside(pool.columns, column, pixel.column), [&] {
        body({row, column, pixel.channel});
    });
}

void conv_row(RowBuilder& b, const Pixel& pixel, const Convolution& conv) {
    CodeBuilder& code = b.code();
    const auto [row_begin, row_end] = reached(conv.rows, pixel.row);
    const auto [column_begin, column_end] = reached(conv.columns, pixel.column);
    code.loop("r", row_begin, row_end, ir::LoopKind::serial, [&](const E& r) {
        const E tap_row = code.let("tap_row", pixel.row + lit(conv.rows.padding) - r * lit(conv.rows.stride));
        code.loop("c", column_begin, column_end, ir::LoopKind::serial, [&](const E& c) {
            const E tap_column =
                code.let("tap_column", pixel.column + lit(conv.columns.padding) - c * lit(conv.columns.stride));
            const E tap = (pixel.channel * lit(conv.rows.kernel) + tap_row) * lit(conv.columns.kernel) + tap_column;
            const E weight_start = code.let("weight_start", tap * lit(conv.filters));
            const E target_start = code.let("target_start", (r * lit(conv.columns.output) + c) * lit(conv.filters));
            code.loop("f", E(0U), lit(conv.filters), ir::LoopKind::parallel,
                      [&](const E& f) { b.synapse(target_start + f, weight_start + f); });
        });
    });
}

}  // namespace mlgenn::models
