// SPDX-License-Identifier: Apache-2.0
// The JSON schema of descriptions, from the catalogue.
#pragma once

#include <string>

namespace mlgenn::description {

/// schemas/network.schema.json: draft 7, with descriptions, defaults and every model's parameters.
[[nodiscard]] std::string network_schema();

}  // namespace mlgenn::description
