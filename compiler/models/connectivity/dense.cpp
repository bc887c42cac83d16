// SPDX-License-Identifier: Apache-2.0
// Every source neuron reaches every target neuron.
#include <algorithm>
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/connectivity/dense_rows.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

LoweredConnectivity dense_rows(std::span<const float> weights, std::size_t num_rows, std::size_t num_columns,
                               std::size_t extra_zero_rows) {
    LoweredConnectivity result;
    const std::size_t stride = (num_columns + 15) / 16 * 16;
    result.row_stride = static_cast<std::uint32_t>(stride);
    result.weights.assign((num_rows + extra_zero_rows) * stride, 0.0F);
    for (std::size_t row = 0; row < num_rows; ++row) {
        std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(row * num_columns), num_columns,
                    result.weights.begin() + static_cast<std::ptrdiff_t>(row * stride));
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

LoweredConnectivity lower(const ParameterReader& params, const Shape& source, const Shape& target) {
    const std::size_t num_source = num_elements(source);
    const std::size_t num_target = num_elements(target);
    LoweredConnectivity result;
    if (const Array* weight = params.array("weight")) {
        const std::vector<float> values = weight->to_f32();
        result = dense_rows(values, num_source, num_target, 0);
        result.max_abs_input = largest_column_sum(values, num_target);
    } else {
        result.uniform_weight = static_cast<float>(params.number("weight"));
        result.max_abs_input = std::abs(static_cast<double>(*result.uniform_weight)) * static_cast<double>(num_source);
    }
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
        .lower = lower,
        .row = row,
    };
}

}  // namespace mlgenn::models
