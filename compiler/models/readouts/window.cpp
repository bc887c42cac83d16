// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/readouts/window.h"

#include <utility>

#include "compiler/description/messages.h"
#include "mlgenn/errors.h"

namespace mlgenn::models {
namespace {

using ir::E;

std::optional<double> number_or_off(const ParameterReader& params, const char* name) {
    return params.is_off(name) ? std::nullopt : std::optional(params.number(name));
}

}  // namespace

std::vector<ParameterSpec> with_window(std::vector<ParameterSpec> parameters) {
    parameters.push_back({.name = "window_start",
                          .default_value = {},
                          .nullable = true,
                          .minimum = 0.0,
                          .unit = "ms",
                          .doc = "first time that counts; null: the beginning"});
    parameters.push_back({.name = "window_end",
                          .default_value = {},
                          .nullable = true,
                          .minimum = 0.0,
                          .unit = "ms",
                          .doc = "first time that no longer counts; null: the end"});
    return parameters;
}

Window::Window(ReadoutBuilder& builder)
    : builder_(builder),
      start_(number_or_off(builder.params(), "window_start")),
      end_(number_or_off(builder.params(), "window_end")) {
    require_a_timestep();
}

void Window::require_a_timestep() const {
    const NeuronScope& scope = builder_.scope();
    const auto dt = static_cast<float>(scope.dt_ms());
    for (std::uint32_t n = 0; n < scope.num_timesteps(); ++n) {
        const float t = static_cast<float>(n) * dt;
        if (start_ && t < static_cast<float>(*start_)) {
            continue;
        }
        if (!end_ || t < static_cast<float>(*end_)) {
            return;
        }
        break;
    }
    const auto ms = [](double value) { return description::number_text(value) + " ms"; };
    const double length = scope.num_timesteps() * scope.dt_ms();
    throw DescriptionError({"readout of '" + scope.owner() + "'",
                            "its window from " + ms(start_ms()) + " to " + ms(end_.value_or(length)) +
                                " holds no timestep of the example, which ends at " + ms(length),
                            {},
                            "choose window_start < window_end, in ms, within the example"});
}

std::function<void()> Window::inside(std::function<void()> body) const {
    if (!start_ && !end_) {
        return body;
    }
    return [this_start = start_, this_end = end_, &builder = builder_, body = std::move(body)] {
        const E t = builder.time_ms();
        E condition = this_start ? t >= E(*this_start) : E(true);
        if (this_end) {
            condition = this_start ? condition && t < E(*this_end) : t < E(*this_end);
        }
        builder.scope().code().when(condition, body);
    };
}

void Window::each_step(std::function<void()> body) const {
    builder_.each_step(inside(std::move(body)));
}

void Window::each_spike(std::function<void()> body) const {
    builder_.each_spike(inside(std::move(body)));
}

double Window::length_ms() const {
    const NeuronScope& scope = builder_.scope();
    return end_.value_or(scope.num_timesteps() * scope.dt_ms()) - start_ms();
}

double Window::step_weight() const {
    const NeuronScope& scope = builder_.scope();
    return start_ || end_ ? scope.dt_ms() / length_ms() : 1.0 / scope.num_timesteps();
}

}  // namespace mlgenn::models
