// SPDX-License-Identifier: Apache-2.0
// Collects durations in fixed memory: exact extremes and mean, percentiles to within a sixteenth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "mlgenn/session.h"

namespace mlgenn::runtime {

class LatencyHistogram {
public:
    /// `num_steps` (at least 1) steps took `total_ns` together.
    void add(std::uint64_t total_ns, std::uint64_t num_steps);
    void clear() { *this = {}; }
    [[nodiscard]] LatencyReport report() const;

private:
    /// Below 16 ns a bucket per nanosecond, then 16 for every power of two.
    static constexpr std::uint64_t sub_buckets = 16;
    static constexpr std::size_t num_buckets = 61 * sub_buckets;

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns);
    [[nodiscard]] static double upper_bound_ns(std::size_t bucket);
    [[nodiscard]] double percentile_us(double share) const;

    std::array<std::uint64_t, num_buckets> counts_{};
    std::uint64_t num_steps_ = 0;
    double total_ns_ = 0.0;
    double min_ns_ = 0.0;
    double max_ns_ = 0.0;
    double last_ns_ = 0.0;
};

}  // namespace mlgenn::runtime
