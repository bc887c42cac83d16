// SPDX-License-Identifier: Apache-2.0
// The stretch of an example that a readout takes in.
#pragma once

#include <optional>
#include <vector>

#include "compiler/models/builders.h"

namespace mlgenn::models {

/// `parameters` and the two that Window reads.
[[nodiscard]] std::vector<ParameterSpec> with_window(std::vector<ParameterSpec> parameters = {});

/// Steps with window_start <= t < window_end; all of them without these parameters.
class Window {
public:
    /// Throws DescriptionError for a window without a single timestep of the example.
    explicit Window(ReadoutBuilder& builder);

    /// ReadoutBuilder::each_step and each_spike, inside the window only.
    void each_step(std::function<void()> body) const;
    void each_spike(std::function<void()> body) const;
    /// dt / length: what averages multiply each step with.
    [[nodiscard]] double step_weight() const;
    [[nodiscard]] double start_ms() const { return start_.value_or(0.0); }
    [[nodiscard]] double length_ms() const;

private:
    [[nodiscard]] std::function<void()> inside(std::function<void()> body) const;
    void require_a_timestep() const;

    ReadoutBuilder& builder_;
    std::optional<double> start_{};
    std::optional<double> end_{};
};

}  // namespace mlgenn::models
