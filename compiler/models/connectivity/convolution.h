// SPDX-License-Identifier: Apache-2.0
// Geometry and row view that convolutions and poolings share. Images are (height, width, channels).
#pragma once

#include <functional>

#include "compiler/models/builders.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// One dimension of a convolution: output size and the zeros before the first input.
struct ConvAxis {
    std::size_t input = 0;
    std::size_t kernel = 0;
    std::size_t stride = 1;
    std::size_t output = 0;
    std::size_t padding = 0;
};

/// One dimension of an average pooling over complete windows.
struct PoolAxis {
    std::size_t input = 0;
    std::size_t size = 0;
    std::size_t stride = 0;
    std::size_t output = 0;
};

struct Convolution {
    ConvAxis rows;
    ConvAxis columns;
    std::size_t channels = 0;
    std::size_t filters = 0;
};

struct Pooling {
    PoolAxis rows;
    PoolAxis columns;
    std::size_t channels = 0;
    [[nodiscard]] std::size_t area() const { return rows.size * columns.size; }
};

[[nodiscard]] ParameterSpec conv_weight_parameter();
/// conv_strides, conv_padding.
[[nodiscard]] std::vector<ParameterSpec> conv_parameters();
/// pool_size, pool_strides.
[[nodiscard]] std::vector<ParameterSpec> pool_parameters();
[[nodiscard]] ParameterSpec flatten_parameter();

/// Geometry of a convolution of `image` (height, width, channels); findings go to the query, if there is one.
[[nodiscard]] std::optional<Convolution> convolution_of(const ParameterReader& params, const Shape& image,
                                                        const ConnectivityQuery* query);
[[nodiscard]] std::optional<Pooling> pooling_of(const ParameterReader& params, const Shape& image,
                                                const ConnectivityQuery* query);
/// (rows, columns, filters), or one dimension with `flatten`.
[[nodiscard]] Shape output_shape(std::size_t rows, std::size_t columns, std::size_t channels, bool flatten);

/// Kernel (rows, columns, channels, filters) reordered to (channels, rows, columns, filters) and divided by
/// `divisor`, so that the synapses of one source neuron lie together.
[[nodiscard]] LoweredConnectivity lower_kernel(const Array& weight, const Convolution& conv, std::size_t divisor);

/// Number of (input, output) pairs along one axis that some kernel element connects.
[[nodiscard]] std::uint64_t num_pairs(const ConvAxis& axis);

/// Splits a neuron index into row, column and channel locals.
struct Pixel {
    ir::E row;
    ir::E column;
    ir::E channel;
};
[[nodiscard]] Pixel pixel_of(RowBuilder& b, const ir::E& neuron, std::size_t width, std::size_t channels);

/// The window that a pixel falls into; `body` gets the pooled pixel and runs only inside complete windows.
void pooled(RowBuilder& b, const Pixel& pixel, const Pooling& pool, const std::function<void(Pixel)>& body);

/// Synapses of one (possibly pooled) pixel through a kernel ordered as lower_kernel orders it.
void conv_row(RowBuilder& b, const Pixel& pixel, const Convolution& conv);

}  // namespace mlgenn::models
