// SPDX-License-Identifier: Apache-2.0
// Explicit lists of synapses.
#include <algorithm>
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

/// Reports the first index of `name` that is not below `limit`.
bool indices_fit(const ConnectivityQuery& query, const std::string& name, const Shape& shape) {
    if (shape.empty()) {
        return true;
    }
    const auto limit = static_cast<std::int64_t>(num_elements(shape));
    const std::vector<std::int64_t> values = query.params.array(name)->to_i64();
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (values[k] < 0 || values[k] >= limit) {
            reject(query,
                   name + "[" + std::to_string(k) + "] is " + std::to_string(values[k]) + ", but the population has " +
                       std::to_string(limit) + " neurons",
                   "use indices from 0 to " + std::to_string(limit - 1));
            return false;
        }
    }
    return true;
}

std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    const Array* pre = query.params.array("pre_ind");
    const Array* post = query.params.array("post_ind");
    const Array* weight = query.params.array("weight");
    if (pre == nullptr || post == nullptr) {
        return std::nullopt;
    }
    if (pre->size() != post->size() || (weight != nullptr && weight->size() != pre->size())) {
        return reject(query,
                      "sparse has " + std::to_string(pre->size()) + " pre_ind, " + std::to_string(post->size()) +
                          " post_ind" +
                          (weight != nullptr ? " and " + std::to_string(weight->size()) + " weights" : std::string()),
                      "give the three lists the same length");
    }
    if (indices_fit(query, "pre_ind", query.source)) {
        indices_fit(query, "post_ind", query.target);
    }
    return std::nullopt;
}

LoweredConnectivity lower(const ParameterReader& params, const Shape& source, const Shape& target) {
    const std::vector<std::int64_t> pre = params.array("pre_ind")->to_i64();
    const std::vector<std::int64_t> post = params.array("post_ind")->to_i64();
    const Array* weight = params.array("weight");
    const std::vector<float> weights =
        weight != nullptr ? weight->to_f32()
                          : std::vector<float>(pre.size(), static_cast<float>(params.number("weight")));
    const std::size_t num_source = num_elements(source);
    std::vector<std::uint32_t> row_start(num_source + 1, 0);
    for (const std::int64_t i : pre) {
        ++row_start[static_cast<std::size_t>(i) + 1];
    }
    for (std::size_t i = 0; i < num_source; ++i) {
        row_start[i + 1] += row_start[i];
    }
    LoweredConnectivity result;
    result.num_synapses = pre.size();
    result.weights.resize(pre.size());
    std::vector<std::uint32_t> targets(pre.size());
    std::vector<std::uint32_t> next(row_start.begin(), row_start.end() - 1);
    std::vector<double> sums(num_elements(target), 0.0);
    for (std::size_t k = 0; k < pre.size(); ++k) {
        const std::uint32_t place = next[static_cast<std::size_t>(pre[k])]++;
        targets[place] = static_cast<std::uint32_t>(post[k]);
        result.weights[place] = weights[k];
        sums[static_cast<std::size_t>(post[k])] += std::abs(static_cast<double>(weights[k]));
    }
    result.max_abs_input = *std::max_element(sums.begin(), sums.end());
    result.indices = {{"row_start", std::move(row_start)}, {"target", std::move(targets)}};
    return result;
}

void row(RowBuilder& b) {
    const E begin = b.index_array("row_start", b.pre());
    const E end = b.index_array("row_start", b.pre() + E(1U));
    b.code().loop("s", begin, end, ir::LoopKind::serial, [&](const E& s) { b.synapse(b.index_array("target", s), s); });
}

}  // namespace

ConnectivityModel sparse() {
    return {
        .entry =
            {.name = "sparse",
             .summary = "Explicit synapses, in any order; duplicate pairs are separate synapses.",
             .equations = {"synapse k: pre_ind[k] -> post_ind[k] with weight[k]"},
             .parameters = {{.name = "pre_ind",
                             .kind = ParameterKind::indices,
                             .required = true,
                             .doc = "(synapses), source neurons"},
                            {.name = "post_ind",
                             .kind = ParameterKind::indices,
                             .required = true,
                             .doc = "(synapses), target neurons"},
                            {.name = "weight",
                             .kind = ParameterKind::weights,
                             .required = true,
                             .doc = "(synapses), or one number"}},
             .example =
                 R"({"model": "sparse", "params": {"pre_ind": [0, 1], "post_ind": [1, 0], "weight": [0.5, -0.5]}})"},
        .target_shape = target_shape,
        .lower = lower,
        .row = row,
    };
}

}  // namespace mlgenn::models
