// SPDX-License-Identifier: Apache-2.0
// Neuron i reaches neuron i.
#include <algorithm>
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/connectivity/delays.h"
#include "compiler/models/connectivity/findings.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

std::optional<Shape> target_shape(const ConnectivityQuery& query) {
    const Array* weight = query.params.array("weight");
    if (weight != nullptr && !query.source.empty() && weight->size() != num_elements(query.source)) {
        return reject(query,
                      "one_to_one weight has shape " + to_string(weight->shape()) + ", expected " +
                          std::to_string(num_elements(query.source)) + " elements, one per source neuron",
                      "give one weight per source neuron, or one number");
    }
    if (query.source.empty()) {
        return std::nullopt;
    }
    return produced(query, query.source);
}

LoweredConnectivity lower(const ConnectivityRequest& request) {
    LoweredConnectivity result;
    result.num_synapses = num_elements(request.source);
    result.delays = delays_in_order(request.delays);
    if (const Array* weight = request.params.array("weight")) {
        result.weights = weight->to_f32();
        for (const float w : result.weights) {
            result.max_abs_input = std::max(result.max_abs_input, std::abs(static_cast<double>(w)));
        }
    } else {
        result.uniform_weight = static_cast<float>(request.params.number("weight"));
        result.max_abs_input = std::abs(static_cast<double>(*result.uniform_weight));
    }
    return result;
}

}  // namespace

ConnectivityModel one_to_one() {
    return {
        .entry = {.name = "one_to_one",
                  .summary = "Source neuron i reaches target neuron i.",
                  .equations = {"w_ii = weight[i]"},
                  .parameters = {{.name = "weight",
                                  .kind = ParameterKind::weights,
                                  .required = true,
                                  .doc = "(neurons), or one number"}},
                  .example = R"({"model": "one_to_one", "params": {"weight": 1.0}})"},
        .target_shape = target_shape,
        .element_shape = [](const ParameterReader&, const Shape& source, const Shape&) { return source; },
        .elements = ElementKind::diagonal,
        .lower = lower,
        .row = [](RowBuilder& b) { b.synapse(b.pre(), b.pre()); },
    };
}

}  // namespace mlgenn::models
