// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mlgenn::runtime {

namespace {

constexpr double ns_per_us = 1000.0;
constexpr int sub_bucket_bits = 4;

}  // namespace

std::size_t LatencyHistogram::bucket_of(std::uint64_t ns) {
    if (ns < sub_buckets) {
        return ns;
    }
    const int exponent = static_cast<int>(std::bit_width(ns)) - 1;
    const std::uint64_t sub_bucket = (ns >> (exponent - sub_bucket_bits)) % sub_buckets;
    return static_cast<std::size_t>(exponent - sub_bucket_bits + 1) * sub_buckets + sub_bucket;
}

double LatencyHistogram::upper_bound_ns(std::size_t bucket) {
    if (bucket < sub_buckets) {
        return static_cast<double>(bucket);
    }
    const int doublings = static_cast<int>(bucket / sub_buckets) - 1;
    return std::ldexp(static_cast<double>(sub_buckets + bucket % sub_buckets + 1), doublings) - 1.0;
}

void LatencyHistogram::add(std::uint64_t total_ns, std::uint64_t num_steps) {
    const double per_step = static_cast<double>(total_ns) / static_cast<double>(num_steps);
    counts_[bucket_of(total_ns / num_steps)] += num_steps;
    min_ns_ = num_steps_ == 0 ? per_step : std::min(min_ns_, per_step);
    max_ns_ = std::max(max_ns_, per_step);
    last_ns_ = per_step;
    total_ns_ += static_cast<double>(total_ns);
    num_steps_ += num_steps;
}

double LatencyHistogram::percentile_us(double share) const {
    const double wanted = share * static_cast<double>(num_steps_);
    double seen = 0.0;
    for (std::size_t bucket = 0; bucket < num_buckets; ++bucket) {
        seen += static_cast<double>(counts_[bucket]);
        if (seen >= wanted && counts_[bucket] != 0) {
            return std::clamp(upper_bound_ns(bucket), min_ns_, max_ns_) / ns_per_us;
        }
    }
    return max_ns_ / ns_per_us;
}

LatencyReport LatencyHistogram::report() const {
    if (num_steps_ == 0) {
        return {};
    }
    return {.num_steps = num_steps_,
            .min_us = min_ns_ / ns_per_us,
            .mean_us = total_ns_ / static_cast<double>(num_steps_) / ns_per_us,
            .max_us = max_ns_ / ns_per_us,
            .last_us = last_ns_ / ns_per_us,
            .p50_us = percentile_us(0.5),
            .p90_us = percentile_us(0.9),
            .p99_us = percentile_us(0.99),
            .p999_us = percentile_us(0.999)};
}

}  // namespace mlgenn::runtime
