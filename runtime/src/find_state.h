// SPDX-License-Identifier: Apache-2.0
// State variables by the names that users give them.
#pragma once

#include <string>

#include "mlgenn/callbacks.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn::runtime {

/// Whose variable it is: a population, or the connection of a synapse's variable.
[[nodiscard]] inline const std::string& owner_of(const StatePlan& state) {
    return state.connection.empty() ? state.population : state.connection;
}

/// The variable of that name, else the only one whose name differs in case alone; null if there is none.
[[nodiscard]] inline const StatePlan* find_state(const ExecutionPlan& plan, const std::string& owner,
                                                 const std::string& variable) {
    const StatePlan* similar = nullptr;
    bool ambiguous = false;
    for (const StatePlan& state : plan.states) {
        if (owner_of(state) != owner || !same_variable(state.variable, variable)) {
            continue;
        }
        if (state.variable == variable) {
            return &state;
        }
        ambiguous = similar != nullptr;
        similar = &state;
    }
    return ambiguous ? nullptr : similar;
}

}  // namespace mlgenn::runtime
