// SPDX-License-Identifier: Apache-2.0
// Everything that a compiled network must be able to record, whoever asked for it.
#pragma once

#include "mlgenn/compiler.h"
#include "mlgenn/network.h"

namespace mlgenn {

/// `options` with the recordings that their callbacks and the populations' record_spikes need, once each. Those that
/// were not listed are not returned by calls.
[[nodiscard]] CompilerOptions with_wanted_recordings(CompilerOptions options, const Network& network);

}  // namespace mlgenn
