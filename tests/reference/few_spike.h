// SPDX-License-Identifier: Apache-2.0
// Few-spike networks on the reference interpreter: layer after layer, each for K steps.
#pragma once

#include "tests/reference/reference_interpreter.h"

namespace mlgenn::reference {

/// Whether every population is a few-spike one.
[[nodiscard]] bool is_few_spike(const Network& network);

/// As run_reference. Spikes and traces of a population are those of its own presentation, counted from 0.
[[nodiscard]] ReferenceResult run_few_spike(const Network& network, const ReferenceOptions& options,
                                            const Inputs& inputs);

}  // namespace mlgenn::reference
