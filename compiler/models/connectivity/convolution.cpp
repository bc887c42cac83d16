// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/connectivity/convolution.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/findings.h"

namespace mlgenn::models {
namespace {

using ir::E;

E lit(std::size_t value) {
    return {static_cast<std::uint32_t>(value)};
}

/// Output size and padding as TensorFlow has them; 0 outputs when the kernel does not fit.
ConvAxis conv_axis(std::size_t input, std::size_t kernel, std::int64_t stride, std::int64_t dilation, bool same) {
    // Longer strides than the input give the same single output.
    ConvAxis axis{.input = input,
                  .kernel = kernel,
                  .stride = std::min(static_cast<std::size_t>(stride), input),
                  .dilation = static_cast<std::size_t>(dilation)};
    if (same) {
        axis.output = (input + axis.stride - 1) / axis.stride;
        const std::size_t covered = input % axis.stride == 0 ? axis.stride : input % axis.stride;
        axis.padding = (std::max(axis.extent(), covered) - covered) / 2;
    } else {
        axis.output = input < axis.extent() ? 0 : (input - axis.extent() + axis.stride) / axis.stride;
    }
    return axis;
}

PoolAxis pool_axis(std::size_t input, std::size_t size, std::size_t stride) {
    return {
        .input = input, .size = size, .stride = stride, .output = input < size ? 0 : (input - size + stride) / stride};
}

/// Kernels of more inputs would overflow the index arithmetic of generated code.
constexpr std::size_t max_extent = 1U << 30;

std::uint32_t first_output_numerator_offset(const ConvAxis& axis) {
    return static_cast<std::uint32_t>(axis.padding + axis.stride);
}

/// Outputs that a position reaches: [begin, end).
std::pair<E, E> reached(const ConvAxis& axis, const E& position) {
    const E begin =
        (ir::max(position + E(first_output_numerator_offset(axis)), lit(axis.extent())) - lit(axis.extent())) /
        lit(axis.stride);
    const E end = ir::min((position + lit(axis.padding)) / lit(axis.stride) + E(1U), lit(axis.output));
    return {begin, end};
}

/// Number of (input, output) pairs along one axis that some kernel element connects.
std::uint64_t num_pairs(const ConvAxis& axis) {
    std::uint64_t pairs = 0;
    for (std::size_t output = 0; output < axis.output; ++output) {
        for (std::size_t tap = 0; tap < axis.kernel; ++tap) {
            const std::size_t position = output * axis.stride + tap * axis.dilation;
            pairs += position >= axis.padding && position - axis.padding < axis.input ? 1 : 0;
        }
    }
    return pairs;
}

/// What a kernel is applied with.
struct Steps {
    std::pair<std::int64_t, std::int64_t> strides;
    std::pair<std::int64_t, std::int64_t> dilation;
    std::size_t groups;
    bool same;
};

std::string by(std::size_t rows, std::size_t columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
}

/// `kernel` is (rows, columns, group channels, filters).
std::optional<Convolution> convolve(const Shape& image, const Shape& kernel, const Steps& steps,
                                    const ConnectivityQuery* query) {
    const Convolution conv{
        .rows = conv_axis(image[0], kernel[0], steps.strides.first, steps.dilation.first, steps.same),
        .columns = conv_axis(image[1], kernel[1], steps.strides.second, steps.dilation.second, steps.same),
        .channels = image[2],
        .filters = kernel[3],
        .groups = steps.groups};
    const std::size_t longest = std::max(conv.rows.extent(), conv.columns.extent());
    if (conv.rows.output == 0 || conv.columns.output == 0 || longest > max_extent) {
        if (query != nullptr) {
            reject(*query,
                   "a kernel of " + by(conv.rows.extent(), conv.columns.extent()) + " does not fit into " +
                       by(image[0], image[1]),
                   "use padding \"same\", a smaller kernel or a smaller dilation");
        }
        return std::nullopt;
    }
    return conv;
}

/// The kernel has dimensions `words` ("kernel rows, kernel columns"), then group channels and filters.
bool fits(const ParameterReader& params, std::size_t channels, const std::string& words, std::size_t rank,
          const ConnectivityQuery* query) {
    const auto groups = static_cast<std::size_t>(params.integer("groups"));
    const Array* weight = params.array("weight");
    if (channels % groups != 0) {
        if (query != nullptr) {
            reject(*query,
                   "the source has " + std::to_string(channels) + " channels, which do not fall into " +
                       std::to_string(groups) + " groups",
                   "use a number of groups that divides the channels");
        }
        return false;
    }
    if (weight == nullptr || weight->shape().size() != rank || weight->shape()[rank - 2] != channels / groups) {
        if (query != nullptr) {
            reject(*query,
                   "weight is " + found_weight(params) + ", expected an array (" + words + ", " +
                       std::to_string(channels / groups) + (groups == 1 ? " channels" : " channels per group") +
                       ", filters)",
                   "give a kernel whose last dimension but one is the source's channels" +
                       std::string(groups == 1 ? "" : " divided by the groups"));
        }
        return false;
    }
    if (weight->shape()[rank - 1] % groups != 0) {
        if (query != nullptr) {
            reject(*query,
                   "the kernel has " + std::to_string(weight->shape()[rank - 1]) + " filters, which do not fall into " +
                       std::to_string(groups) + " groups",
                   "use a number of groups that divides the filters");
        }
        return false;
    }
    return true;
}

/// Runs `body` with the kernel element that looks at `position` from `output`; between dilated elements there is none.
void with_tap(CodeBuilder& code, const std::string& name, const ConvAxis& axis, const E& position, const E& output,
              const std::function<void(E)>& body) {
    const E offset = position + lit(axis.padding) - output * lit(axis.stride);
    if (axis.dilation == 1) {
        body(code.let("tap_" + name, offset));
        return;
    }
    const E distance = code.let("distance_" + name, offset);
    code.when(distance % lit(axis.dilation) == E(0U),
              [&] { body(code.let("tap_" + name, distance / lit(axis.dilation))); });
}

}  // namespace

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

ParameterSpec conv_weight_parameter() {
    return {.name = "weight",
            .kind = ParameterKind::weights,
            .required = true,
            .doc = "(kernel rows, kernel columns, input channels / groups, filters)"};
}

std::vector<ParameterSpec> conv_parameters(ParameterKind numbers) {
    const std::string both = numbers == ParameterKind::pair ? " (rows, columns)" : "";
    return {{.name = "conv_strides",
             .kind = numbers,
             .default_value = 1,
             .minimum = 1,
             .doc = "steps between outputs" + both},
            {.name = "conv_padding",
             .kind = ParameterKind::word,
             .default_value = "valid",
             .choices = {"valid", "same"},
             .doc = "valid: kernels stay inside; same: output = ceil(input / stride)"},
            {.name = "conv_dilation",
             .kind = numbers,
             .default_value = 1,
             .minimum = 1,
             .doc = "steps between the inputs of one kernel" + both},
            {.name = "groups",
             .kind = ParameterKind::integer,
             .default_value = 1,
             .minimum = 1,
             .doc = "channels and filters are split into so many groups that do not see each other"}};
}

std::vector<ParameterSpec> with_weight(ParameterSpec weight, std::vector<std::vector<ParameterSpec>> groups) {
    std::vector<ParameterSpec> result = {std::move(weight)};
    for (std::vector<ParameterSpec>& group : groups) {
        std::move(group.begin(), group.end(), std::back_inserter(result));
    }
    return result;
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
    if (!is_image(image, query) || !fits(params, image[2], "kernel rows, kernel columns", 4, query)) {
        return std::nullopt;
    }
    return convolve(image, params.array("weight")->shape(),
                    {.strides = params.pair("conv_strides"),
                     .dilation = params.pair("conv_dilation"),
                     .groups = static_cast<std::size_t>(params.integer("groups")),
                     .same = params.word("conv_padding") == "same"},
                    query);
}

std::optional<Convolution> convolution_of_sequence(const ParameterReader& params, const Shape& sequence,
                                                   const ConnectivityQuery* query) {
    if (sequence.size() != 2) {
        if (query != nullptr) {
            reject(*query, "source has shape " + to_string(sequence) + ", expected (length, channels)",
                   "give the source population two dimensions");
        }
        return std::nullopt;
    }
    if (!fits(params, sequence[1], "kernel length", 3, query)) {
        return std::nullopt;
    }
    const Shape& kernel = params.array("weight")->shape();
    return convolve({sequence[0], 1, sequence[1]}, {kernel[0], 1, kernel[1], kernel[2]},
                    {.strides = {params.integer("conv_strides"), 1},
                     .dilation = {params.integer("conv_dilation"), 1},
                     .groups = static_cast<std::size_t>(params.integer("groups")),
                     .same = params.word("conv_padding") == "same"},
                    query);
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

std::vector<float> kernel_by_channel(std::span<const float> kernel, const Convolution& conv) {
    const std::size_t filters = conv.group_filters();
    std::vector<float> result(kernel.size());
    for (std::size_t tap = 0; tap < conv.taps(); ++tap) {
        for (std::size_t channel = 0; channel < conv.channels; ++channel) {
            const std::size_t group = channel / conv.group_channels();
            const std::size_t from = (tap * conv.group_channels() + channel % conv.group_channels()) * conv.filters;
            for (std::size_t f = 0; f < filters; ++f) {
                result[(channel * conv.taps() + tap) * filters + f] = kernel[from + group * filters + f];
            }
        }
    }
    return result;
}

LoweredConnectivity lower_kernel(const ConnectivityRequest& request, const Convolution& conv, std::size_t divisor) {
    std::vector<float> kernel = request.params.array("weight")->to_f32();
    std::vector<double> sums(conv.filters, 0.0);
    for (std::size_t k = 0; k < kernel.size(); ++k) {
        kernel[k] /= static_cast<float>(divisor);
        sums[k % conv.filters] += std::abs(static_cast<double>(kernel[k])) * static_cast<double>(divisor);
    }
    const auto arrange = [&](std::span<const float> values) { return kernel_by_channel(values, conv); };
    LoweredConnectivity result;
    result.weights = arrange(kernel);
    result.delays = arranged_delays(request.delays, arrange);
    result.max_abs_input = *std::max_element(sums.begin(), sums.end());
    result.num_synapses = num_synapses(conv) * divisor;
    return result;
}

Shape kernel_shape(const ParameterReader& params, const Shape&, const Shape&) {
    const Array* weight = params.array("weight");
    return weight != nullptr ? weight->shape() : Shape{};
}

std::uint64_t num_synapses(const Convolution& conv) {
    return num_pairs(conv.rows) * num_pairs(conv.columns) * conv.channels * conv.group_filters();
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
    const E filters = lit(conv.group_filters());
    const auto [row_begin, row_end] = reached(conv.rows, pixel.row);
    const auto columns = reached(conv.columns, pixel.column);
    code.loop("r", row_begin, row_end, ir::LoopKind::serial, [&](const E& r) {
        with_tap(code, "row", conv.rows, pixel.row, r, [&](const E& tap_row) {
            code.loop("c", columns.first, columns.second, ir::LoopKind::serial, [&](const E& c) {
                with_tap(code, "column", conv.columns, pixel.column, c, [&](const E& tap_column) {
                    const E tap =
                        (pixel.channel * lit(conv.rows.kernel) + tap_row) * lit(conv.columns.kernel) + tap_column;
                    const E weight_start = code.let("weight_start", tap * filters);
                    E target = (r * lit(conv.columns.output) + c) * lit(conv.filters);
                    if (conv.groups > 1) {
                        target = target + pixel.channel / lit(conv.group_channels()) * filters;
                    }
                    const E target_start = code.let("target_start", target);
                    code.loop("f", E(0U), filters, ir::LoopKind::parallel,
                              [&](const E& f) { b.synapse(target_start + f, weight_start + f); });
                });
            });
        });
    });
}

}  // namespace mlgenn::models
