// SPDX-License-Identifier: Apache-2.0
// Runs examples as windows of one session, so that sessions can be compared with whatever predicts.
#pragma once

#include "mlgenn/compiled_network.h"
#include "mlgenn/inputs.h"

namespace mlgenn::differential {

/// What carries over from window to window: everything but readouts and time.
inline constexpr ResetOptions session_reset{.time = true, .vars = false, .in_syn = false, .in_flight = false};

/// Example after example in calls of changing length. Every few calls the session goes on in another one that restores
/// its snapshot.
[[nodiscard]] Predictions predict_in_session(const CompiledNetwork& network, const Inputs& inputs);

}  // namespace mlgenn::differential
