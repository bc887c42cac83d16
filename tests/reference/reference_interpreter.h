// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: runs a Network, not its IR, in obvious loops. The oracle of the differential tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/compiler.h"
#include "mlgenn/inputs.h"
#include "mlgenn/network.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

struct ReferenceOptions {
    std::uint32_t timesteps = 0;
    double dt = 1.0;  ///< ms
    /// `exact` or `ordered`; `fast` has no one answer and throws Unsupported.
    Accumulation accumulation = Accumulation::ordered;
    /// Example e runs in batch slot e % batch_size; state that is not reset passes from example to example of a slot.
    std::uint32_t batch_size = 1;
    ResetOptions reset;
    std::uint64_t rng_seed = 0;
    /// Few-spike readouts leave out the last step with `mlgenn_2_4`; nothing else depends on it.
    Compatibility compatibility = Compatibility::none;
    /// Variables to trace; spikes of every population are always recorded. Keys as in CompilerOptions::recordings.
    std::vector<Recording> traces;
};

/// The same forms as Predictions: readouts by population, spikes and traces by key.
struct ReferenceResult {
    std::map<std::string, Array> outputs;
    Recordings recordings;
};

/// What leaks between examples in mlGeNN 2.4: undelivered spikes and synaptic currents.
[[nodiscard]] ResetOptions mlgenn_2_4_reset();

/// Runs every example of `inputs` on `network`, which validated() has completed. Subnormals are flushed to zero.
/// Throws Unsupported for models and features that the interpreter does not know.
[[nodiscard]] ReferenceResult run_reference(const Network& network, const ReferenceOptions& options,
                                            const Inputs& inputs);

}  // namespace mlgenn::reference
