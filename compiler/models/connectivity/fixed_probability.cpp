// SPDX-License-Identifier: Apache-2.0
// Random synapses, drawn when the network is compiled.
#include <cmath>
#include <numeric>

#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/connectivity/sparse_rows.h"
#include "compiler/models/entries.h"
#include "compiler/models/random.h"
#include "mlgenn/errors.h"

namespace mlgenn::models {
namespace {

/// Calls visit(j) for the targets of source neuron `i`, ascending.
template <class Visit>
void draw_row(const ConnectivityRequest& request, std::uint32_t i, std::uint32_t num_targets, const Visit& visit) {
    // p in units of 2^-32, so that a word is below it with that probability.
    const auto limit = static_cast<std::uint64_t>(std::nearbyint(std::ldexp(request.params.number("p"), 32)));
    const bool skip_self = request.recurrent && !request.params.boolean("allow_self_connections");
    const PhiloxKey key = philox_key(request.seed);
    const std::uint32_t stream = stream_of(request.name);
    PhiloxBlock words{};
    for (std::uint32_t j = 0; j < num_targets; ++j) {
        if (j % 4 == 0) {
            words = philox4x32(key, {j / 4, i, stream, stream_of("fixed_probability")});
        }
        if (words[j % 4] < limit && !(skip_self && i == j)) {
            visit(j);
        }
    }
}

/// In ascending order of source and target.
SynapseLists list_synapses(const ConnectivityRequest& request) {
    const auto num_sources = static_cast<std::uint32_t>(num_elements(request.source));
    const auto num_targets = static_cast<std::uint32_t>(num_elements(request.target));
    SynapseLists synapses;
    for (std::uint32_t i = 0; i < num_sources; ++i) {
        draw_row(request, i, num_targets, [&](std::uint32_t j) {
            synapses.pre.push_back(i);
            synapses.post.push_back(j);
        });
        if (synapses.pre.size() > max_sparse_synapses) {
            throw DescriptionError({"connection '" + std::string(request.name) + "'",
                                    "fixed_probability draws more than 4294967295 synapses",
                                    {},
                                    "lower p, or split the populations"});
        }
    }
    return synapses;
}

/// Weights were drawn one per synapse, or all synapses share one.
std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    if (query.params.array("weight") != nullptr) {
        reject(query, "weight is " + found_weight(query.params) + ", but the synapses are drawn and cannot be listed",
               "give one number or an initialiser, or list the synapses with sparse");
    }
    return std::nullopt;
}

LoweredConnectivity lower(const ConnectivityRequest& request) {
    std::vector<std::uint32_t> row_start(num_elements(request.source) + 1, 0);
    SynapseLists synapses = list_synapses(request);
    for (const std::uint32_t i : synapses.pre) {
        ++row_start[i + std::size_t{1}];
    }
    std::vector<std::uint32_t>& targets = synapses.post;
    std::partial_sum(row_start.begin(), row_start.end(), row_start.begin());
    LoweredConnectivity result;
    result.num_synapses = targets.size();
    if (const Array* weight = request.params.array("weight")) {
        result.weights = weight->to_f32();
    } else {
        result.uniform_weight = static_cast<float>(request.params.number("weight"));
    }
    result.delays = delays_in_order(request.delays);
    result.max_abs_input = largest_input(result, targets, num_elements(request.target));
    add_rows(result, std::move(row_start), std::move(targets));
    return result;
}

}  // namespace

ConnectivityModel fixed_probability() {
    return {
        .entry =
            {.name = "fixed_probability",
             .summary = "Every pair of neurons is connected with the same probability, drawn from `rng_seed` when the "
                        "network is compiled.",
             .equations = {"source i reaches target j if word j mod 4 of Philox4x32-10 with key rng_seed and counter",
                           "(j div 4, i, fnv1a(connection name), fnv1a(\"fixed_probability\")) is below p * 2^32"},
             .parameters = {{.name = "p",
                             .kind = ParameterKind::number,
                             .required = true,
                             .minimum = 0.0,
                             .maximum = 1.0,
                             .doc = "probability of a synapse between two neurons"},
                            {.name = "weight",
                             .kind = ParameterKind::weights,
                             .required = true,
                             .doc = "weight of all synapses, or an initialiser"},
                            {.name = "allow_self_connections",
                             .kind = ParameterKind::boolean,
                             .default_value = false,
                             .doc = "keep i -> i where source and target are the same population"}},
             .example = R"({"model": "fixed_probability", "params": {"p": 0.1, "weight": 0.5}})"},
        .target_shape = target_shape,
        .elements = ElementKind::listed,
        .list_synapses = list_synapses,
        .lower = lower,
        .row = sparse_row,
    };
}

}  // namespace mlgenn::models
