// SPDX-License-Identifier: Apache-2.0
// Random synapses, drawn when the network is compiled.
#include <algorithm>
#include <cmath>

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

LoweredConnectivity lower(const ConnectivityRequest& request) {
    const auto num_sources = static_cast<std::uint32_t>(num_elements(request.source));
    const auto num_targets = static_cast<std::uint32_t>(num_elements(request.target));
    std::vector<std::uint32_t> row_start = {0};
    std::vector<std::uint32_t> targets;
    std::vector<std::uint32_t> fan_in(num_targets, 0);
    for (std::uint32_t i = 0; i < num_sources; ++i) {
        draw_row(request, i, num_targets, [&](std::uint32_t j) {
            targets.push_back(j);
            ++fan_in[j];
        });
        if (targets.size() > max_sparse_synapses) {
            throw DescriptionError({"connection '" + std::string(request.name) + "'",
                                    "fixed_probability draws more than 4294967295 synapses",
                                    {},
                                    "lower p, or split the populations"});
        }
        row_start.push_back(static_cast<std::uint32_t>(targets.size()));
    }
    LoweredConnectivity result;
    result.num_synapses = targets.size();
    result.uniform_weight = static_cast<float>(request.params.number("weight"));
    result.max_abs_input = std::abs(static_cast<double>(*result.uniform_weight)) *
                           static_cast<double>(std::max(1U, *std::max_element(fan_in.begin(), fan_in.end())));
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
             .parameters =
                 {{.name = "p",
                   .kind = ParameterKind::number,
                   .required = true,
                   .minimum = 0.0,
                   .maximum = 1.0,
                   .doc = "probability of a synapse between two neurons"},
                  {.name = "weight", .kind = ParameterKind::number, .required = true, .doc = "weight of all synapses"},
                  {.name = "allow_self_connections",
                   .kind = ParameterKind::boolean,
                   .default_value = false,
                   .doc = "keep i -> i where source and target are the same population"}},
             .example = R"({"model": "fixed_probability", "params": {"p": 0.1, "weight": 0.5}})"},
        .target_shape = [](const ConnectivityQuery&) -> std::optional<Shape> { return std::nullopt; },
        .lower = lower,
        .row = sparse_row,
    };
}

}  // namespace mlgenn::models
