// SPDX-License-Identifier: Apache-2.0
// The recorders of one call, checked against what the network was compiled to record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/callbacks.h"
#include "mlgenn/errors.h"
#include "mlgenn/execution_plan.h"
#include "runtime/src/selection.h"

namespace mlgenn::runtime {

/// A recorder with everything resolved.
struct ChosenRecorder {
    enum class Kind : std::uint8_t { spikes, spike_counts, variable, connection };
    Kind kind = Kind::spikes;
    std::string key{};
    /// In ExecutionPlan::recordings, or connection_variables.
    std::size_t plan_index = 0;
    ExampleSelection examples;
    /// Selected neurons; sources of a connection.
    std::vector<std::uint32_t> neurons{};
    /// Selected targets of a connection.
    std::vector<std::uint32_t> targets{};
};

/// All recorders among `callbacks`, in order. Adds findings to `problems` for recordings that were not compiled,
/// filters that do not fit and keys that are used twice; without any, the result can be used.
[[nodiscard]] std::vector<ChosenRecorder> choose_recorders(const ExecutionPlan& plan,
                                                           std::span<const CallbackSpec> callbacks,
                                                           std::size_t num_examples, std::vector<Diagnostic>& problems);

}  // namespace mlgenn::runtime
