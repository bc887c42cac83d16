// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/latency_report.h"

#include <nlohmann/json.hpp>

namespace mlgenn::cli {

nlohmann::ordered_json latency_json(const LatencyReport& latency) {
    return {{"steps", latency.num_steps}, {"min_us", latency.min_us},   {"mean_us", latency.mean_us},
            {"max_us", latency.max_us},   {"last_us", latency.last_us}, {"p50_us", latency.p50_us},
            {"p90_us", latency.p90_us},   {"p99_us", latency.p99_us},   {"p999_us", latency.p999_us}};
}

}  // namespace mlgenn::cli
