// SPDX-License-Identifier: Apache-2.0
// Geometry of image populations, which convolution and pooling share: (height, width, channels), channels last.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/array.h"
#include "tests/reference/connectivity.h"

namespace mlgenn::reference {

struct Image {
    std::size_t height = 0;
    std::size_t width = 0;
    std::size_t channels = 0;
};

struct Pixel {
    std::size_t row = 0;
    std::size_t column = 0;
    std::size_t channel = 0;
};

[[nodiscard]] Image image_of(const Shape& shape);
[[nodiscard]] Pixel pixel_of(std::size_t neuron, const Image& image);
[[nodiscard]] std::size_t neuron_of(const Pixel& pixel, const Image& image);

/// Averages complete windows only; pixels in gaps and remainders reach nothing.
struct Pool {
    std::size_t rows = 1;
    std::size_t columns = 1;
    std::size_t row_stride = 1;
    std::size_t column_stride = 1;

    [[nodiscard]] Image output(const Image& input) const;
    /// The pooled pixel that `pixel` contributes to.
    [[nodiscard]] std::optional<Pixel> window_of(const Pixel& pixel, const Image& input) const;
    [[nodiscard]] std::size_t area() const { return rows * columns; }
    /// Every weight divided by the area, in float32.
    [[nodiscard]] std::vector<float> averaged(std::vector<float> weights) const;
};
[[nodiscard]] Pool read_pool(ParameterView& parameters);

/// Cross-correlation with a kernel (rows, columns, input channels per group, filters).
struct Kernel {
    std::size_t rows = 1;
    std::size_t columns = 1;
    std::size_t channels = 1;
    std::size_t filters = 1;
    std::size_t row_stride = 1;
    std::size_t column_stride = 1;
    bool same_padding = false;
    std::size_t row_dilation = 1;
    std::size_t column_dilation = 1;
    std::size_t groups = 1;

    [[nodiscard]] std::size_t num_weights() const { return rows * columns * channels * filters; }
    [[nodiscard]] Image output(const Image& input) const;
    /// Appends the synapses of `pixel` of `input`; weight indices are flat indices into the kernel.
    void append_synapses(const Pixel& pixel, const Image& input, std::vector<Synapse>& row) const;
    /// The largest sum of |kernel| over one filter.
    [[nodiscard]] double max_abs_sum(const std::vector<float>& weights) const;
};
[[nodiscard]] Kernel read_kernel(ParameterView& parameters, std::size_t num_channels);

}  // namespace mlgenn::reference
