// SPDX-License-Identifier: Apache-2.0
// Gives a workspace its initial values: all of them at load, chosen kinds of state before an example.
#include "runtime/src/workspace_resets.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "mlgenn/executor.h"

namespace mlgenn {

bool examples_are_independent(const ExecutionPlan& plan, const RunRequest& request) {
    // Memory that is never reset is written before it is read, so it carries nothing.
    return request.reset_time && std::all_of(plan.resets.begin(), plan.resets.end(), [&](const ResetRange& range) {
               return range.reset_class == ResetClass::never ||
                      request.reset.at(static_cast<std::size_t>(range.reset_class));
           });
}

}  // namespace mlgenn

namespace mlgenn::runtime {

namespace {

void fill_pattern(std::byte* begin, std::size_t bytes, std::uint32_t pattern) {
    const std::uint32_t lowest_byte = pattern & 0xffU;
    if (pattern == lowest_byte * 0x01010101U) {
        std::memset(begin, static_cast<int>(lowest_byte), bytes);
        return;
    }
    for (std::size_t done = 0; done < bytes; done += sizeof(pattern)) {
        std::memcpy(begin + done, &pattern, std::min(sizeof(pattern), bytes - done));
    }
}

}  // namespace

std::vector<ResetRange> select_resets(std::span<const ResetRange> ranges, const std::vector<bool>& reset) {
    std::vector<ResetRange> selected;
    std::copy_if(ranges.begin(), ranges.end(), std::back_inserter(selected),
                 [&](const ResetRange& range) { return reset.at(static_cast<std::size_t>(range.reset_class)); });
    return selected;
}

void apply_resets(std::span<const ResetRange> ranges, const std::byte* constants, std::byte* workspace) {
    for (const ResetRange& range : ranges) {
        if (range.constants_offset) {
            std::memcpy(workspace + range.offset, constants + *range.constants_offset, range.bytes);
        } else {
            fill_pattern(workspace + range.offset, range.bytes, range.fill);
        }
    }
}

}  // namespace mlgenn::runtime
