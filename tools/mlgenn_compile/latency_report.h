// SPDX-License-Identifier: Apache-2.0
// How long the steps of a session take, for machines.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mlgenn/session.h"

namespace mlgenn::cli {

/// The report's members by name.
[[nodiscard]] nlohmann::ordered_json latency_json(const LatencyReport& latency);

}  // namespace mlgenn::cli
