// SPDX-License-Identifier: Apache-2.0
// Geometry and row view that convolutions and poolings share. Images are (height, width, channels).
#pragma once

#include <functional>
#include <span>

#include "compiler/models/builders.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// One dimension of a convolution: output size and the zeros before the first input.
struct ConvAxis {
    std::size_t input = 0;
    std::size_t kernel = 0;
    std::size_t stride = 1;
    /// Steps between the inputs that neighbouring kernel elements look at.
    std::size_t dilation = 1;
    std::size_t output = 0;
    std::size_t padding = 0;
    /// Inputs from the first to the last kernel element.
    [[nodiscard]] std::size_t extent() const { return (kernel - 1) * dilation + 1; }
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
    /// Channels and filters come in so many groups, and every filter sees the channels of its own group only.
    std::size_t groups = 1;
    [[nodiscard]] std::size_t taps() const { return rows.kernel * columns.kernel; }
    [[nodiscard]] std::size_t group_channels() const { return channels / groups; }
    [[nodiscard]] std::size_t group_filters() const { return filters / groups; }
};

struct Pooling {
    PoolAxis rows;
    PoolAxis columns;
    std::size_t channels = 0;
    [[nodiscard]] std::size_t area() const { return rows.size * columns.size; }
};

[[nodiscard]] ParameterSpec conv_weight_parameter();
/// filters and conv_size, a pair of numbers or a single one: the kernel's shape where the weight is no array.
[[nodiscard]] std::vector<ParameterSpec> kernel_parameters(ParameterKind numbers = ParameterKind::pair);
/// conv_strides, conv_padding, conv_dilation, groups; a pair of numbers for strides and dilation, or a single one.
[[nodiscard]] std::vector<ParameterSpec> conv_parameters(ParameterKind numbers = ParameterKind::pair);
/// "weight" and all of `groups` of parameters behind it.
[[nodiscard]] std::vector<ParameterSpec> with_weight(ParameterSpec weight,
                                                     std::vector<std::vector<ParameterSpec>> groups);
/// pool_size, pool_strides.
[[nodiscard]] std::vector<ParameterSpec> pool_parameters();
[[nodiscard]] ParameterSpec flatten_parameter();

[[nodiscard]] bool is_image(const Shape& image, const ConnectivityQuery* query);

/// Geometry of a convolution of `image` (height, width, channels); findings go to the query, if there is one.
[[nodiscard]] std::optional<Convolution> convolution_of(const ParameterReader& params, const Shape& image,
                                                        const ConnectivityQuery* query);
/// The same for a sequence (length, channels): an image of one column.
[[nodiscard]] std::optional<Convolution> convolution_of_sequence(const ParameterReader& params, const Shape& sequence,
                                                                 const ConnectivityQuery* query);
[[nodiscard]] std::optional<Pooling> pooling_of(const ParameterReader& params, const Shape& image,
                                                const ConnectivityQuery* query);
/// The image that a connection produces: (rows, columns, channels), or one dimension with its parameter `flatten`.
[[nodiscard]] Shape produced_image(const ConnectivityQuery& query, std::size_t rows, std::size_t columns,
                                   std::size_t channels);

/// Kernel (rows, columns, group channels, filters) reordered to (channels, rows, columns, group filters), so that the
/// synapses of one source neuron lie together.
[[nodiscard]] std::vector<float> kernel_by_channel(std::span<const float> kernel, const Convolution& conv);

/// Weights divided by `divisor`, delays, and the bound over the full kernel.
[[nodiscard]] LoweredConnectivity lower_kernel(const ConnectivityRequest& request, const Convolution& conv,
                                               std::size_t divisor);
/// How a kernel's dimensions stand: sizes, then channels and filters.
struct KernelForm {
    /// 2 for images, 1 for sequences.
    std::size_t num_sizes = 2;
    /// As transposed convolutions have it.
    bool filters_before_channels = false;
    [[nodiscard]] std::size_t rank() const { return num_sizes + 2; }
};

/// The kernel's shape: that of the weights, or what conv_size and filters say where they are no array. Findings go to
/// the query, if there is one.
[[nodiscard]] std::optional<Shape> kernel_of(const ParameterReader& params, std::size_t group_channels, KernelForm form,
                                             const ConnectivityQuery* query);
/// The same for arrays of weights and delays (ConnectivityModel::element_shape) of convolutions.
[[nodiscard]] Shape image_kernel_shape(const ParameterReader& params, const Shape& source, const Shape& target);

/// The weight as an array of `count` elements, also where all have one value.
[[nodiscard]] std::vector<float> weight_elements(const ParameterReader& params, std::size_t count);

[[nodiscard]] std::uint64_t num_synapses(const Convolution& conv);

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
