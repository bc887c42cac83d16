// SPDX-License-Identifier: Apache-2.0
// window_start and window_end of a readout.
#pragma once

#include "tests/reference/readouts.h"

namespace mlgenn::reference {

class ReadoutWindow {
public:
    ReadoutWindow(ParameterView& parameters, const ReadoutContext& context);

    void move_to(const Moment& moment) { t_ = moment.t; }
    [[nodiscard]] bool is_open() const { return (!has_start_ || t_ >= start_) && (!has_end_ || t_ < end_); }
    [[nodiscard]] float t() const { return t_; }
    [[nodiscard]] float start() const { return start_; }
    /// In ms.
    [[nodiscard]] double length() const { return length_; }
    /// What a mean multiplies each step with.
    [[nodiscard]] double step_weight() const { return step_weight_; }

private:
    bool has_start_ = false;
    bool has_end_ = false;
    float start_ = 0.0f;
    float end_ = 0.0f;
    double length_ = 0.0;
    double step_weight_ = 0.0;
    float t_ = 0.0f;
};

/// A readout that takes in only what happens inside its window.
class WindowedReadout : public Readout {
public:
    WindowedReadout(ParameterView& parameters, const ReadoutContext& context) : window_(parameters, context) {}

    void begin_step(const Moment& moment) final { window_.move_to(moment); }
    void accumulate(std::size_t j, float variable) final {
        if (window_.is_open()) {
            add_step(j, variable);
        }
    }
    void on_spike(std::size_t j) final {
        if (window_.is_open()) {
            add_spike(j);
        }
    }

protected:
    [[nodiscard]] const ReadoutWindow& window() const { return window_; }

private:
    virtual void add_step(std::size_t j, float variable) = 0;
    virtual void add_spike(std::size_t j) = 0;

    ReadoutWindow window_;
};

/// A windowed readout with one f32 per neuron, which is its result.
class FloatReadout : public WindowedReadout {
public:
    FloatReadout(ParameterView& parameters, const ReadoutContext& context, float initial);

    void reset() override;
    DType dtype() const override { return DType::f32; }
    std::uint32_t result_bits(std::size_t j, float variable) const override;

protected:
    std::vector<float> values_;

private:
    void add_step(std::size_t, float) override {}
    void add_spike(std::size_t) override {}

    float initial_;
};

}  // namespace mlgenn::reference
