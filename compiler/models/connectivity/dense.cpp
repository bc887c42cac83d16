// SPDX-License-Identifier: Apache-2.0
// Every source neuron reaches every target neuron.
#include <algorithm>
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/dense_rows.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

std::vector<float> padded_rows(std::span<const float> values, std::size_t num_columns, std::size_t extra_zero_rows) {
    const std::size_t stride = padded_columns(num_columns);
    const std::size_t num_rows = values.size() / num_columns;
    std::vector<float> result((num_rows + extra_zero_rows) * stride, 0.0F);
    for (std::size_t row = 0; row < num_rows; ++row) {
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(row * num_columns), num_columns,
                    result.begin() + static_cast<std::ptrdiff_t>(row * stride));
    }
    return result;
}

double largest_column_sum(std::span<const float> weights, std::size_t num_columns) {
    std::vector<double> sums(num_columns, 0.0);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        sums[k % num_columns] += std::abs(static_cast<double>(weights[k]));
    }
    return sums.empty() ? 0.0 : *std::max_element(sums.begin(), sums.end());
}

namespace {

std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    const Array* weight = query.params.array("weight");
    if (weight == nullptr) {
        return std::nullopt;
    }
    const Shape& shape = weight->shape();
    if (shape.size() != 2) {
        return reject(query, "dense weight has shape " + to_string(shape) + ", expected two dimensions",
                      "give a weight of shape [source neurons, target neurons]");
    }
    if (!query.source.empty() && shape[0] != num_elements(query.source)) {
        return reject(query,
                      "dense weight has shape " + to_string(shape) + ", expected " +
                          std::to_string(num_elements(query.source)) + " rows, one per source neuron",
                      "give a weight of shape [source neurons, target neurons]");
    }
    return produced(query, {shape[1]});
}

LoweredConnectivity lower(const ConnectivityRequest& request) {
    const std::size_t num_source = num_elements(request.source);
    const std::size_t num_target = num_elements(request.target);
    const auto arrange = [&](std::span<const float> values) { return padded_rows(values, num_target, 0); };
    LoweredConnectivity result;
    result.row_stride = static_cast<std::uint32_t>(padded_columns(num_target));
    if (const Array* weight = request.params.array("weight")) {
        const std::vector<float> values = weight->to_f32();
        result.weights = arrange(values);
        result.max_abs_input = largest_column_sum(values, num_target);
    } else {
        result.uniform_weight = static_cast<float>(request.params.number("weight"));
        result.max_abs_input = std::abs(static_cast<double>(*result.uniform_weight)) * static_cast<double>(num_source);
    }
    result.delays = arranged_delays(request.delays, arrange);
    result.num_synapses = static_cast<std::uint64_t>(num_source) * num_target;
    return result;
}

void row(RowBuilder& b) {
    b.dense_row(b.pre() * ir::E(b.lowered().row_stride));
}

}  // namespace

ConnectivityModel dense() {
    return {
        .entry = {.name = "dense",
                  .summary = "Every source neuron reaches every target neuron.",
                  .equations = {"w_ij = weight[i][j]"},
                  .parameters = {{.name = "weight",
                                  .kind = ParameterKind::weights,
                                  .required = true,
                                  .doc = "(source neurons, target neurons), or one number for all synapses"}},
                  .example = R"({"model": "dense", "params": {"weight": 0.5}})"},
        .target_shape = target_shape,
        .element_shape =
            [](const ParameterReader&, const Shape& source, const Shape& target) {
                return Shape{num_elements(source), num_elements(target)};
            },
        .elements = ElementKind::matrix,
        .lower = lower,
        .row = row,
    };
}

}  // namespace mlgenn::models
