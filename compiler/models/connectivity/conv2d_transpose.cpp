// SPDX-License-Identifier: Apache-2.0
// Transposed two-dimensional convolution: every source neuron stamps the kernel onto the target image.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/models/connectivity/convolution.h"
#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

E lit(std::size_t value) {
    return {static_cast<std::uint32_t>(value)};
}

/// One dimension: input i reaches output i * stride + tap - padding.
struct StampAxis {
    std::size_t input = 0;
    std::size_t kernel = 0;
    std::size_t stride = 1;
    std::size_t output = 0;
    std::size_t padding = 0;
};

struct Stamp {
    StampAxis rows;
    StampAxis columns;
    std::size_t channels = 0;
    std::size_t filters = 0;
    [[nodiscard]] std::size_t taps() const { return rows.kernel * columns.kernel; }
};

/// As TensorFlow: "valid" keeps every stamp whole, "same" gives input * stride outputs.
StampAxis stamp_axis(std::size_t input, std::size_t kernel, std::int64_t stride, bool same) {
    StampAxis axis{.input = input, .kernel = kernel, .stride = static_cast<std::size_t>(stride)};
    const std::size_t overlap = kernel - std::min(kernel, axis.stride);
    axis.output = input * axis.stride + (same ? 0 : overlap);
    axis.padding = same ? overlap / 2 : 0;
    return axis;
}

constexpr KernelForm transposed_kernel{.num_sizes = 2, .filters_before_channels = true};

bool is_too_large(const Stamp& stamp) {
    constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
    return stamp.rows.output > most || stamp.columns.output > most / stamp.rows.output ||
           stamp.filters > most / (stamp.rows.output * stamp.columns.output);
}

std::optional<Stamp> stamp_of(const ParameterReader& params, const Shape& image, const ConnectivityQuery* query) {
    if (!is_image(image, query)) {
        return std::nullopt;
    }
    const std::optional<Shape> kernel_found = kernel_of(params, image[2], transposed_kernel, query);
    if (!kernel_found) {
        return std::nullopt;
    }
    const Shape& kernel = *kernel_found;
    const auto [row_stride, column_stride] = params.pair("conv_strides");
    const bool same = params.word("conv_padding") == "same";
    const Stamp stamp{.rows = stamp_axis(image[0], kernel[0], row_stride, same),
                      .columns = stamp_axis(image[1], kernel[1], column_stride, same),
                      .channels = image[2],
                      .filters = kernel[2]};
    if (is_too_large(stamp)) {
        if (query != nullptr) {
            reject(*query,
                   "the output would have " + std::to_string(stamp.rows.output) + " x " +
                       std::to_string(stamp.columns.output) + " x " + std::to_string(stamp.filters) +
                       " neurons, more than the 2147483647 that a population can have",
                   "use smaller strides");
        }
        return std::nullopt;
    }
    return stamp;
}

std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    if (query.source.empty()) {
        return std::nullopt;
    }
    const auto stamp = stamp_of(query.params, query.source, &query);
    return stamp ? std::optional(produced_image(query, stamp->rows.output, stamp->columns.output, stamp->filters))
                 : std::nullopt;
}

/// Kernel (rows, columns, filters, channels) as (channels, rows, columns, filters): a source neuron's synapses
/// together.
std::vector<float> kernel_by_channel(std::span<const float> kernel, const Stamp& stamp) {
    std::vector<float> result(kernel.size());
    for (std::size_t place = 0; place < stamp.taps() * stamp.filters; ++place) {
        for (std::size_t channel = 0; channel < stamp.channels; ++channel) {
            result[channel * stamp.taps() * stamp.filters + place] = kernel[place * stamp.channels + channel];
        }
    }
    return result;
}

/// Kernel elements a stride apart meet in one output; others never do.
double largest_input(std::span<const float> kernel, const Stamp& stamp) {
    const std::size_t row_phases = std::min(stamp.rows.stride, stamp.rows.kernel);
    const std::size_t column_phases = std::min(stamp.columns.stride, stamp.columns.kernel);
    std::vector<double> sums(row_phases * column_phases * stamp.filters, 0.0);
    for (std::size_t k = 0; k < kernel.size(); ++k) {
        const std::size_t filter = k / stamp.channels % stamp.filters;
        const std::size_t tap = k / stamp.channels / stamp.filters;
        const std::size_t row_phase = tap / stamp.columns.kernel % stamp.rows.stride;
        const std::size_t column_phase = tap % stamp.columns.kernel % stamp.columns.stride;
        sums[(row_phase * column_phases + column_phase) * stamp.filters + filter] +=
            std::abs(static_cast<double>(kernel[k]));
    }
    return *std::max_element(sums.begin(), sums.end());
}

std::uint64_t num_pairs(const StampAxis& axis) {
    std::uint64_t pairs = 0;
    for (std::size_t tap = 0; tap < axis.kernel; ++tap) {
        for (std::size_t input = 0; input < axis.input; ++input) {
            const std::size_t place = input * axis.stride + tap;
            pairs += place >= axis.padding && place - axis.padding < axis.output ? 1 : 0;
        }
    }
    return pairs;
}

LoweredConnectivity lower(const ConnectivityRequest& request) {
    const Stamp stamp = stamp_of(request.params, request.source, nullptr).value();
    const std::vector<float> kernel = weight_elements(request.params, stamp.taps() * stamp.filters * stamp.channels);
    const auto arrange = [&](std::span<const float> values) { return kernel_by_channel(values, stamp); };
    LoweredConnectivity result;
    result.weights = arrange(kernel);
    result.delays = arranged_delays(request.delays, arrange);
    result.max_abs_input = largest_input(kernel, stamp);
    result.num_synapses = num_pairs(stamp.rows) * num_pairs(stamp.columns) * stamp.channels * stamp.filters;
    return result;
}

/// Kernel elements of a position that fall into the image: [begin, end).
std::pair<E, E> kept_taps(const StampAxis& axis, const E& start) {
    const E padding = lit(axis.padding);
    return {ir::max(padding, start) - start, ir::min(lit(axis.kernel), lit(axis.output) + padding - start)};
}

void row(RowBuilder& b) {
    const Stamp stamp = stamp_of(b.params(), b.source(), nullptr).value();
    CodeBuilder& code = b.code();
    const Pixel pixel = pixel_of(b, b.pre(), stamp.columns.input, stamp.channels);
    const E top = code.let("top", pixel.row * lit(stamp.rows.stride));
    const E left = code.let("left", pixel.column * lit(stamp.columns.stride));
    const auto [row_begin, row_end] = kept_taps(stamp.rows, top);
    const auto columns = kept_taps(stamp.columns, left);
    code.loop("r", row_begin, row_end, ir::LoopKind::serial, [&](const E& r) {
        const E target_row = code.let("target_row", top + r - lit(stamp.rows.padding));
        code.loop("c", columns.first, columns.second, ir::LoopKind::serial, [&](const E& c) {
            const E target_column = left + c - lit(stamp.columns.padding);
            const E tap = (pixel.channel * lit(stamp.rows.kernel) + r) * lit(stamp.columns.kernel) + c;
            const E weight_start = code.let("weight_start", tap * lit(stamp.filters));
            const E target_start =
                code.let("target_start", (target_row * lit(stamp.columns.output) + target_column) * lit(stamp.filters));
            code.loop("f", E(0U), lit(stamp.filters), ir::LoopKind::parallel,
                      [&](const E& f) { b.synapse(target_start + f, weight_start + f); });
        });
    });
}

/// Strides and padding only: dilation and groups do not exist here.
std::vector<ParameterSpec> stamp_parameters() {
    std::vector<ParameterSpec> parameters = conv_parameters();
    parameters.resize(2);
    parameters[0].doc = "distance between stamps (rows, columns)";
    parameters[1].doc = "valid: stamps stay whole; same: output = input * stride";
    return parameters;
}

}  // namespace

ConnectivityModel conv2d_transpose() {
    ParameterSpec weight = conv_weight_parameter();
    weight.doc = "(kernel rows, kernel columns, filters, input channels)";
    return {
        .entry =
            {.name = "conv2d_transpose",
             .summary = "Transposed two-dimensional convolution of an image population.",
             .equations = {"source (y, x, c) reaches target (y s + i - pad, x s + j - pad, f) with weight[i][j][f][c]",
                           "pad: 0 for valid, floor(max(kernel - s, 0) / 2) for same; s: stride"},
             .parameters =
                 with_weight(std::move(weight), {kernel_parameters(), stamp_parameters(), {flatten_parameter()}}),
             .example =
                 R"({"model": "conv2d_transpose", "params": {"weight": {"file": "kernel.npy"}, "conv_strides": 2}})"},
        .target_shape = target_shape,
        .element_shape =
            [](const ParameterReader& params, const Shape& source, const Shape&) {
                return is_image(source, nullptr)
                           ? kernel_of(params, source[2], transposed_kernel, nullptr).value_or(Shape{})
                           : Shape{};
            },
        .elements = ElementKind::kernel,
        .lower = lower,
        .row = row,
    };
}

}  // namespace mlgenn::models
