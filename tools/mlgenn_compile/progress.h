// SPDX-License-Identifier: Apache-2.0
// A progress bar on standard error, when that is a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "mlgenn/callbacks.h"

namespace mlgenn::cli {

class ProgressBar {
public:
    /// `label` stands before the bar, `unit` after the numbers ("examples").
    ProgressBar(std::string label, std::string unit);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// Draws nothing in the first 300 ms, then at most every 50 ms. Also a safe place for Ctrl-C: throws Interrupted.
    void update(std::size_t done, std::size_t total);

private:
    using Clock = std::chrono::steady_clock;
    void clear();

    std::string label_;
    std::string unit_;
    bool on_terminal_;
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_draw_{};
};

/// Callbacks that keep `bar` up to date, or draw a bar with metrics in its place; Ctrl-C works with both. `bar`
/// outlives them.
[[nodiscard]] std::vector<CallbackSpec> progress_callbacks(bool with_metrics, ProgressBar& bar);

}  // namespace mlgenn::cli
