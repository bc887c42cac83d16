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

/// Channels and filters fall into the groups.
bool groups_fit(const ParameterReader& params, const char* things, std::size_t count, const ConnectivityQuery* query) {
    const auto groups = static_cast<std::size_t>(params.integer("groups"));
    if (count % groups == 0) {
        return true;
    }
    if (query != nullptr) {
        const bool are_filters = std::string_view(things) == "filters";
        reject(*query,
               (are_filters ? "the kernel has " : "the source has ") + std::to_string(count) + " " + things +
                   ", which do not fall into " + std::to_string(groups) + " groups",
               std::string("use a number of groups that divides the ") + things);
    }
    return false;
}

/// The kernel for a source with so many channels, once everything about it fits.
std::optional<Shape> grouped_kernel(const ParameterReader& params, std::size_t channels, KernelForm form,
                                    const ConnectivityQuery* query) {
    const auto groups = static_cast<std::size_t>(params.integer("groups"));
    if (!groups_fit(params, "channels", channels, query)) {
        return std::nullopt;
    }
    std::optional<Shape> kernel = kernel_of(params, channels / groups, form, query);
    return kernel && groups_fit(params, "filters", kernel->back(), query) ? kernel : std::nullopt;
}

std::optional<Shape> rejected(const ConnectivityQuery* query, std::string problem, std::string remedy) {
    return query != nullptr ? reject(*query, std::move(problem), std::move(remedy)) : std::nullopt;
}

/// "(kernel rows, kernel columns, 2 channels per group, filters)".
std::string form_text(const ParameterReader& params, std::size_t group_channels, KernelForm form) {
    const bool grouped = params.has("groups") && params.integer("groups") != 1;
    const std::string channels = std::to_string(group_channels) + (grouped ? " channels per group" : " channels");
    const std::string sizes = form.num_sizes == 2 ? "kernel rows, kernel columns" : "kernel length";
    return "(" + sizes + (form.filters_before_channels ? ", filters, " + channels : ", " + channels + ", filters") +
           ")";
}

std::string kernel_remedy(const ParameterReader& params, KernelForm form) {
    if (form.filters_before_channels) {
        return "give a kernel whose last dimension is the source's channels; filters come before channels here";
    }
    return std::string("give a kernel whose last dimension but one is the source's channels") +
           (params.integer("groups") == 1 ? "" : " divided by the groups");
}

/// What conv_size and filters say; 0 where they are off.
Shape declared_kernel(const ParameterReader& params, std::size_t group_channels, KernelForm form) {
    const bool has_size = !params.is_off("conv_size");
    const auto size = has_size ? params.pair("conv_size") : std::pair<std::int64_t, std::int64_t>{0, 0};
    const std::int64_t filters = params.is_off("filters") ? 0 : params.integer("filters");
    Shape shape = {static_cast<std::size_t>(size.first)};
    if (form.num_sizes == 2) {
        shape.push_back(static_cast<std::size_t>(size.second));
    }
    shape.push_back(form.filters_before_channels ? static_cast<std::size_t>(filters) : group_channels);
    shape.push_back(form.filters_before_channels ? group_channels : static_cast<std::size_t>(filters));
    return shape;
}

/// No declared dimension contradicts the array's.
bool agrees(const Shape& declared, const Shape& found) {
    return std::equal(declared.begin(), declared.end(), found.begin(),
                      [](std::size_t wanted, std::size_t is) { return wanted == 0 || wanted == is; });
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

std::optional<Shape> kernel_of(const ParameterReader& params, std::size_t group_channels, KernelForm form,
                               const ConnectivityQuery* query) {
    const Shape declared = declared_kernel(params, group_channels, form);
    if (const Array* weight = params.array("weight")) {
        const Shape& found = weight->shape();
        const std::size_t channels_at = form.rank() - (form.filters_before_channels ? 1 : 2);
        if (found.size() != form.rank() || found[channels_at] != group_channels) {
            return rejected(
                query,
                "weight is " + found_weight(params) + ", expected an array " + form_text(params, group_channels, form),
                kernel_remedy(params, form));
        }
        if (!agrees(declared, found)) {
            return rejected(query,
                            "weight is " + found_weight(params) + ", but conv_size and filters are not those of " +
                                form_text(params, group_channels, form),
                            "correct one of them; an array needs neither conv_size nor filters");
        }
        return found;
    }
    if (params.is_off("conv_size") || params.is_off("filters")) {
        return rejected(
            query,
            "weight is " + found_weight(params) + ", expected an array " + form_text(params, group_channels, form),
            "give an array, or conv_size and filters, which say how large the kernel is");
    }
    constexpr std::uint64_t most = 0xffffffffU - 64;
    std::uint64_t count = 1;
    for (const std::size_t dimension : declared) {
        if (dimension > most / count) {
            return rejected(query, "the kernel " + to_string(declared) + " has more than 4294967231 elements",
                            "use a smaller conv_size or fewer filters");
        }
        count *= dimension;
    }
    return declared;
}

Shape image_kernel_shape(const ParameterReader& params, const Shape& source, const Shape&) {
    constexpr std::size_t sequence_rank = 2;
    constexpr std::size_t image_rank = 3;
    if (source.size() != sequence_rank && source.size() != image_rank) {
        return {};
    }
    const std::size_t channels = source.back() / static_cast<std::size_t>(params.integer("groups"));
    const std::size_t num_sizes = source.size() - 1;
    return kernel_of(params, channels, {.num_sizes = num_sizes}, nullptr).value_or(Shape{});
}

std::vector<float> weight_elements(const ParameterReader& params, std::size_t count) {
    if (const Array* weight = params.array("weight")) {
        return weight->to_f32();
    }
    return std::vector<float>(count, static_cast<float>(params.number("weight")));
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

ParameterSpec conv_weight_parameter() {
    return {.name = "weight",
            .kind = ParameterKind::weights,
            .required = true,
            .doc = "(kernel rows, kernel columns, input channels / groups, filters)"};
}

std::vector<ParameterSpec> kernel_parameters(ParameterKind numbers) {
    const char* sizes = numbers == ParameterKind::pair ? "kernel size (rows, columns)" : "kernel length";
    return {{.name = "filters",
             .kind = ParameterKind::integer,
             .default_value = {},
             .nullable = true,
             .minimum = 1,
             .doc = "number of filters; needed where the weight is no array"},
            {.name = "conv_size",
             .kind = numbers,
             .default_value = {},
             .nullable = true,
             .minimum = 1,
             .doc = std::string(sizes) + "; needed where the weight is no array"}};
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
    if (!is_image(image, query)) {
        return std::nullopt;
    }
    const std::optional<Shape> kernel = grouped_kernel(params, image[2], {.num_sizes = 2}, query);
    if (!kernel) {
        return std::nullopt;
    }
    return convolve(image, *kernel,
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
    const std::optional<Shape> kernel = grouped_kernel(params, sequence[1], {.num_sizes = 1}, query);
    if (!kernel) {
        return std::nullopt;
    }
    return convolve({sequence[0], 1, sequence[1]}, {(*kernel)[0], 1, (*kernel)[1], (*kernel)[2]},
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

Shape produced_image(const ConnectivityQuery& query, std::size_t rows, std::size_t columns, std::size_t channels) {
    const bool flatten = query.params.boolean("flatten");
    return produced(query, flatten ? Shape{rows * columns * channels} : Shape{rows, columns, channels});
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
    std::vector<float> kernel = weight_elements(request.params, conv.taps() * conv.group_channels() * conv.filters);
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
