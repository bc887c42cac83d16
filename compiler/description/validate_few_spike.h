// SPDX-License-Identifier: Apache-2.0
// What few-spike networks may consist of (docs/few_spike.md).
#pragma once

#include "compiler/description/report.h"
#include "mlgenn/network.h"

namespace mlgenn::description {

/// Does nothing for networks without few-spike neurons. `network` has no other findings.
void check_few_spike(const Network& network, Report& report);

}  // namespace mlgenn::description
