// SPDX-License-Identifier: Apache-2.0
// Constants of exponential decay: computed in double, rounded once.
#pragma once

#include <cmath>
#include <vector>

namespace mlgenn::reference {

/// exp(-dt / tau) for each element.
[[nodiscard]] inline std::vector<float> decay_constants(const std::vector<double>& tau, double dt) {
    std::vector<float> result;
    for (const double value : tau) {
        result.push_back(static_cast<float>(std::exp(-dt / value)));
    }
    return result;
}

/// 1 - exp(-dt / tau) for each element.
[[nodiscard]] inline std::vector<float> one_minus_decay_constants(const std::vector<double>& tau, double dt) {
    std::vector<float> result;
    for (const double value : tau) {
        result.push_back(static_cast<float>(1.0 - std::exp(-dt / value)));
    }
    return result;
}

}  // namespace mlgenn::reference
