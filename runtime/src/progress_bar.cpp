// SPDX-License-Identifier: Apache-2.0
// The progress bar of a call.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "mlgenn/callbacks.h"

namespace mlgenn {

BatchProgressBar::BatchProgressBar() : BatchProgressBar(std::clog) {}

BatchProgressBar::BatchProgressBar(std::ostream& out) : out_(&out) {}

void BatchProgressBar::begin_run(RunContext& run) {
    batch_size_ = run.batch_size();
    drawn_width_ = 0;
    last_draw_ = {};
}

/// At most every 50 ms, and at the end, where the line ends.
void BatchProgressBar::on_progress(std::size_t examples_done, std::size_t num_examples,
                                   std::span<const MetricResult> metrics) {
    const bool finished = examples_done >= num_examples;
    const auto now = Clock::now();
    if (!finished && now - last_draw_ < std::chrono::milliseconds(50)) {
        return;
    }
    last_draw_ = now;
    constexpr std::size_t width = 32;
    const auto share = static_cast<double>(examples_done) / static_cast<double>(std::max(num_examples, std::size_t{1}));
    const auto filled = static_cast<std::size_t>(share * width);
    const auto batches = [this](std::size_t examples) { return (examples + batch_size_ - 1) / batch_size_; };
    std::string line = "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "] " +
                       std::to_string(batches(examples_done)) + "/" + std::to_string(batches(num_examples)) +
                       " batches";
    for (const MetricResult& metric : metrics) {
        std::array<char, 64> value{};
        std::snprintf(value.data(), value.size(), "%.4f", metric.value);
        line += "  " + metric.output + " " + metric.metric + ": " + value.data();
    }
    const std::size_t drawn = line.size();
    line.resize(std::max(line.size(), drawn_width_), ' ');
    drawn_width_ = drawn;
    *out_ << '\r' << line << (finished ? "\n" : "") << std::flush;
}

}  // namespace mlgenn
