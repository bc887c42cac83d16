// SPDX-License-Identifier: Apache-2.0
// Parameters that all models with an input value share.
#pragma once

#include <vector>

#include "compiler/models/parameters.h"

namespace mlgenn::models {

/// `parameters` and the two that describe inputs which change over time.
[[nodiscard]] inline std::vector<ParameterSpec> with_input_frames(std::vector<ParameterSpec> parameters) {
    parameters.push_back(
        {.name = "input_frames",
         .kind = ParameterKind::integer,
         .default_value = 1,
         .minimum = 1,
         .doc = "values per example; above 1 the input has shape (examples, frames, population shape)"});
    parameters.push_back({.name = "input_frame_timesteps",
                          .kind = ParameterKind::integer,
                          .default_value = 1,
                          .minimum = 1,
                          .unit = "timesteps",
                          .doc = "how long each frame lasts; the last one is held"});
    return parameters;
}

inline constexpr const char* signed_spikes = "signed_spikes";

[[nodiscard]] inline ParameterSpec signed_spikes_parameter() {
    return {.name = signed_spikes,
            .kind = ParameterKind::boolean,
            .default_value = false,
            .doc = "negative inputs emit negative events, which deliver -weight and are not recorded"};
}

}  // namespace mlgenn::models
