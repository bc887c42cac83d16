// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/progress.h"

#include <unistd.h>

#include <iostream>
#include <memory>

#include "tools/mlgenn_compile/interruption.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {

ProgressBar::ProgressBar(std::string label, std::string unit)
    : label_(std::move(label)), unit_(std::move(unit)), on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    clear();
}

void ProgressBar::update(std::size_t done, std::size_t total) {
    if (done >= total) {
        clear();
    }
    check_interruption();
    const auto now = Clock::now();
    const bool is_short = now - start_ < std::chrono::milliseconds(300);
    if (!on_terminal_ || done >= total || is_short || now - last_draw_ < std::chrono::milliseconds(50)) {
        return;
    }
    last_draw_ = now;
    drawn_ = true;
    constexpr std::size_t width = 32;
    const std::size_t filled = done * width / total;
    std::string bar = std::string(filled, '=') + (filled < width ? ">" : "");
    bar.resize(width, ' ');
    const double elapsed_ms = std::chrono::duration<double, std::milli>(now - start_).count();
    std::cerr << "\r\x1b[2K" << label_ << " [" << bar << "] " << format_count(done) << " of " << format_count(total)
              << ' ' << unit_ << ", " << format_ms(elapsed_ms) << std::flush;
}

void ProgressBar::clear() {
    if (drawn_) {
        std::cerr << "\r\x1b[2K" << std::flush;
        drawn_ = false;
    }
}

std::vector<CallbackSpec> progress_callbacks(bool with_metrics, ProgressBar& bar) {
    if (with_metrics) {
        return {std::make_shared<BatchProgressBar>(std::cerr),
                CallbackFunctions{.on_progress = [](std::size_t, std::size_t) { check_interruption(); }}};
    }
    return {CallbackFunctions{.on_progress = [&bar](std::size_t done, std::size_t total) { bar.update(done, total); }}};
}

}  // namespace mlgenn::cli
