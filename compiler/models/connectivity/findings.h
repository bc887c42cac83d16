// SPDX-License-Identifier: Apache-2.0
// How connectivities report what does not fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// Adds a finding about the connection and gives back "no shape".
inline std::optional<Shape> reject(const ConnectivityQuery& query, std::string problem, std::string remedy) {
    query.diagnostics.push_back({query.where, std::move(problem), {}, std::move(remedy)});
    return std::nullopt;
}

/// A produced shape, unless the target is known, has the same number of neurons and is only shaped differently.
inline Shape produced(const ConnectivityQuery& query, Shape shape) {
    if (!query.target.empty() && num_elements(query.target) == num_elements(shape) &&
        (shape.size() == 1 || query.target.size() == 1)) {
        return query.target;
    }
    return shape;
}

/// What stands where an array is needed: "an array of shape [2, 3]", "one number" or "an initialiser".
inline std::string found_weight(const ParameterReader& params, std::string_view name = "weight") {
    if (const Array* array = params.array(name)) {
        return "an array of shape " + to_string(array->shape());
    }
    return params.value(name).get_if<Initialiser>() != nullptr ? "an initialiser" : "one number";
}

}  // namespace mlgenn::models
