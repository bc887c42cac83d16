// SPDX-License-Identifier: Apache-2.0
// What the compiler can choose from on the way to code, for listings.
#pragma once

#include <string>
#include <vector>

namespace mlgenn {

struct ScheduleInfo {
    std::string name{};
    std::string summary{};
};

/// The planner's table; "auto" picks from it.
[[nodiscard]] std::vector<ScheduleInfo> list_schedules();

/// Names of the passes in their order, "lower" first, as ReportRequest::print_after takes them.
[[nodiscard]] std::vector<std::string> list_passes();

}  // namespace mlgenn
