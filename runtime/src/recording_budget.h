// SPDX-License-Identifier: Apache-2.0
// How much memory the recordings of one call may take.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

/// The product, or the largest number when it does not fit.
[[nodiscard]] inline std::uint64_t saturated_product(std::initializer_list<std::uint64_t> factors) {
    std::uint64_t product = 1;
    for (const std::uint64_t factor : factors) {
        if (factor != 0 && product > std::numeric_limits<std::uint64_t>::max() / factor) {
            return std::numeric_limits<std::uint64_t>::max();
        }
        product *= factor;
    }
    return product;
}

/// Counts bytes before they are allocated. Different threads may reserve at the same time.
class RecordingBudget {
public:
    explicit RecordingBudget(std::uint64_t limit) : limit_(limit) {}

    /// Throws DescriptionError when `bytes` more would exceed the limit; `what` names the recording.
    void reserve(const std::string& what, std::uint64_t bytes) {
        std::uint64_t used = used_.load();
        do {
            if (bytes > limit_ - used) {
                const bool countable = bytes <= std::numeric_limits<std::uint64_t>::max() - used;
                throw DescriptionError(
                    Diagnostic{.where = "recording '" + what + "'",
                               .problem = (countable ? std::to_string(used + bytes) : std::string("more than 2^64")) +
                                          " bytes are needed for what the call records, but at most " +
                                          std::to_string(limit_) + " are allowed",
                               .notes = {},
                               .remedy = "select fewer examples or neurons, or raise max_recorded_bytes"});
            }
        } while (!used_.compare_exchange_weak(used, used + bytes));
    }

private:
    std::uint64_t limit_;
    std::atomic<std::uint64_t> used_{0};
};

}  // namespace mlgenn::runtime
