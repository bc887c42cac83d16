// SPDX-License-Identifier: Apache-2.0
// Average pooling over complete windows, alone or followed by a dense layer in the same step.
#include <cmath>

#include "compiler/models/connectivity/convolution.h"
#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/dense_rows.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

E lit(std::size_t value) {
    return {static_cast<std::uint32_t>(value)};
}

/// Every pixel belongs to a complete window.
bool covers_all(const Pooling& pool) {
    const auto covered = [](const PoolAxis& axis) {
        return axis.stride == axis.size && axis.input == axis.output * axis.size;
    };
    return covered(pool.rows) && covered(pool.columns);
}

std::size_t num_pooled(const Pooling& pool) {
    return pool.rows.output * pool.columns.output * pool.channels;
}

void pool_row(RowBuilder& b) {
    const Pooling pool = pooling_of(b.params(), b.source(), nullptr).value();
    const Pixel pixel = pixel_of(b, b.pre(), pool.columns.input, pool.channels);
    pooled(b, pixel, pool, [&](const Pixel& window) {
        b.synapse((window.row * lit(pool.columns.output) + window.column) * lit(pool.channels) + window.channel, E(0U));
    });
}

std::optional<Shape> dense_target(const ConnectivityQuery& query) {
    if (query.source.empty()) {
        return std::nullopt;
    }
    const auto pool = pooling_of(query.params, query.source, &query);
    if (!pool) {
        return std::nullopt;
    }
    const std::size_t rows = num_pooled(*pool);
    const Array* weight = query.params.array("weight");
    if (weight == nullptr) {
        return std::nullopt;
    }
    if (weight->shape().size() != 2 || weight->shape()[0] != rows) {
        return reject(query,
                      "weight is " + found_weight(query.params) + ", expected an array with " + std::to_string(rows) +
                          " rows, one per pooled neuron (" + std::to_string(pool->rows.output) + " x " +
                          std::to_string(pool->columns.output) + " x " + std::to_string(pool->channels) + ")",
                      "give a weight of shape [pooled neurons, target neurons]");
    }
    return produced(query, {weight->shape()[1]});
}

LoweredConnectivity lower_dense(const ConnectivityRequest& request) {
    const Pooling pool = pooling_of(request.params, request.source, nullptr).value();
    const std::size_t columns = num_elements(request.target);
    std::vector<float> weights = weight_elements(request.params, num_pooled(pool) * columns);
    for (float& w : weights) {
        w /= static_cast<float>(pool.area());
    }
    const std::size_t rows = weights.size() / columns;
    const auto arrange = [&](std::span<const float> values) {
        return padded_rows(values, columns, covers_all(pool) ? 0 : 1);
    };
    LoweredConnectivity result;
    result.weights = arrange(weights);
    result.delays = arranged_delays(request.delays, arrange);
    result.row_stride = static_cast<std::uint32_t>(padded_columns(columns));
    result.max_abs_input = largest_column_sum(weights, columns) * static_cast<double>(pool.area());
    result.num_synapses = static_cast<std::uint64_t>(rows) * pool.area() * columns;
    return result;
}

/// Pixels outside every complete window use the row of zeros that follows the last one.
void dense_pool_row(RowBuilder& b) {
    const Pooling pool = pooling_of(b.params(), b.source(), nullptr).value();
    const E place = b.pre() / lit(pool.channels);
    const E y = place / lit(pool.columns.input);
    const E x = place % lit(pool.columns.input);
    const E row = y / lit(pool.rows.stride);
    const E column = x / lit(pool.columns.stride);
    E window = (row * lit(pool.columns.output) + column) * lit(pool.channels) + b.pre() % lit(pool.channels);
    if (!covers_all(pool)) {
        const auto inside = [](const PoolAxis& axis, const E& index, const E& position) {
            return index < lit(axis.output) && position - index * lit(axis.stride) < lit(axis.size);
        };
        window =
            ir::select(inside(pool.rows, row, y) && inside(pool.columns, column, x), window, lit(num_pooled(pool)));
    }
    b.dense_row(window * E(b.lowered().row_stride));
}

}  // namespace

ConnectivityModel avg_pool2d() {
    ConnectivityModel model;
    model.entry = {
        .name = "avg_pool2d",
        .summary = "Mean over complete windows of an image population.",
        .equations =
            {"source (y, x, c) reaches target (y div s, x div s, c) with weight 1 / (pool rows * pool columns)"},
        .parameters = pool_parameters(),
        .example = R"({"model": "avg_pool2d", "params": {"pool_size": 2}})"};
    model.entry.parameters.push_back(flatten_parameter());
    model.target_shape = [](const ConnectivityQuery& query) -> std::optional<Shape> {
        if (query.source.empty()) {
            return std::nullopt;
        }
        const auto pool = pooling_of(query.params, query.source, &query);
        return pool ? std::optional(produced_image(query, pool->rows.output, pool->columns.output, pool->channels))
                    : std::nullopt;
    };
    model.lower = [](const ConnectivityRequest& request) {
        const Pooling pool = pooling_of(request.params, request.source, nullptr).value();
        LoweredConnectivity result;
        result.uniform_weight = 1.0F / static_cast<float>(pool.area());
        result.max_abs_input = static_cast<double>(*result.uniform_weight) * static_cast<double>(pool.area());
        result.num_synapses =
            static_cast<std::uint64_t>(pool.rows.output) * pool.columns.output * pool.channels * pool.area();
        return result;
    };
    model.row = pool_row;
    return model;
}

ConnectivityModel avg_pool_dense2d() {
    ConnectivityModel model;
    model.entry = {
        .name = "avg_pool_dense2d",
        .summary = "Average pooling over complete windows, then a dense layer, in one step.",
        .equations = {"dense layer on the pooled image (row-major) with weight / (pool rows * pool columns)"},
        .parameters = {{.name = "weight",
                        .kind = ParameterKind::weights,
                        .required = true,
                        .doc = "(pooled neurons, target neurons), or one number for all"}},
        .example = R"({"model": "avg_pool_dense2d", "params": {"weight": {"file": "w.npy"}, "pool_size": 2}})"};
    for (ParameterSpec& spec : pool_parameters()) {
        model.entry.parameters.push_back(std::move(spec));
    }
    model.target_shape = dense_target;
    model.element_shape = [](const ParameterReader& params, const Shape& source, const Shape& target) {
        const auto pool = pooling_of(params, source, nullptr);
        return pool ? Shape{num_pooled(*pool), num_elements(target)} : Shape{};
    };
    model.elements = ElementKind::kernel;
    model.lower = lower_dense;
    model.row = dense_pool_row;
    return model;
}

}  // namespace mlgenn::models
