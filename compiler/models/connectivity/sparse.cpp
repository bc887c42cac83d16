// SPDX-License-Identifier: Apache-2.0
// Explicit lists of synapses.
#include <algorithm>
#include <cmath>

#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/connectivity/sparse_rows.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {

void add_rows(LoweredConnectivity& lowered, std::vector<std::uint32_t> row_start, std::vector<std::uint32_t> targets) {
    lowered.indices = {{"row_start", std::move(row_start)}, {"target", std::move(targets)}};
}

void sparse_row(RowBuilder& b) {
    const ir::E begin = b.index_array("row_start", b.pre());
    const ir::E end = b.index_array("row_start", b.pre() + ir::E(1U));
    b.code().loop("s", begin, end, ir::LoopKind::serial,
                  [&](const ir::E& s) { b.synapse(b.index_array("target", s), s); });
}

double largest_input(const LoweredConnectivity& lowered, std::span<const std::uint32_t> targets,
                     std::size_t num_targets) {
    std::vector<double> sums(num_targets, 0.0);
    for (std::size_t s = 0; s < targets.size(); ++s) {
        const float weight = lowered.uniform_weight ? *lowered.uniform_weight : lowered.weights[s];
        sums[targets[s]] += std::abs(static_cast<double>(weight));
    }
    const double unused = lowered.uniform_weight ? std::abs(static_cast<double>(*lowered.uniform_weight)) : 0.0;
    return std::max(unused, *std::max_element(sums.begin(), sums.end()));
}

namespace {

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
    if (pre->size() > max_sparse_synapses) {
        return reject(query, "sparse has " + std::to_string(pre->size()) + " synapses, more than 4294967295",
                      "split the connection");
    }
    if (indices_fit(query, "pre_ind", query.source)) {
        indices_fit(query, "post_ind", query.target);
    }
    return std::nullopt;
}

SynapseLists list_synapses(const ConnectivityRequest& request) {
    const std::vector<std::int64_t> pre = request.params.array("pre_ind")->to_i64();
    const std::vector<std::int64_t> post = request.params.array("post_ind")->to_i64();
    return {{pre.begin(), pre.end()}, {post.begin(), post.end()}};
}

LoweredConnectivity lower(const ConnectivityRequest& request) {
    const ParameterReader& params = request.params;
    const std::vector<std::int64_t> pre = params.array("pre_ind")->to_i64();
    const std::vector<std::int64_t> post = params.array("post_ind")->to_i64();
    std::vector<std::uint32_t> row_start(num_elements(request.source) + 1, 0);
    for (const std::int64_t i : pre) {
        ++row_start[static_cast<std::size_t>(i) + 1];
    }
    for (std::size_t i = 1; i < row_start.size(); ++i) {
        row_start[i] += row_start[i - 1];
    }
    // Where each listed synapse goes; those of one source keep their order.
    std::vector<std::uint32_t> next(row_start.begin(), row_start.end() - 1);
    std::vector<std::uint32_t> place(pre.size());
    std::vector<std::uint32_t> targets(pre.size());
    for (std::size_t k = 0; k < pre.size(); ++k) {
        place[k] = next[static_cast<std::size_t>(pre[k])]++;
        targets[place[k]] = static_cast<std::uint32_t>(post[k]);
    }
    const auto arrange = [&](std::span<const float> values) {
        std::vector<float> ordered(values.size());
        for (std::size_t k = 0; k < values.size(); ++k) {
            ordered[place[k]] = values[k];
        }
        return ordered;
    };
    LoweredConnectivity result;
    result.num_synapses = pre.size();
    if (const Array* weight = params.array("weight")) {
        result.weights = arrange(weight->to_f32());
    } else {
        result.uniform_weight = static_cast<float>(params.number("weight"));
    }
    result.delays = arranged_delays(request.delays, arrange);
    result.max_abs_input = largest_input(result, targets, num_elements(request.target));
    add_rows(result, std::move(row_start), std::move(targets));
    return result;
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
        .element_shape = [](const ParameterReader& params, const Shape&,
                            const Shape&) { return Shape{params.array("pre_ind")->size()}; },
        .elements = ElementKind::listed,
        .list_synapses = list_synapses,
        .lower = lower,
        .row = sparse_row,
    };
}

}  // namespace mlgenn::models
