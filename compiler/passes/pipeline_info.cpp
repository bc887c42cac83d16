// SPDX-License-Identifier: Apache-2.0
// The public view of the pass pipeline and the planner's table.
#include "mlgenn/pipeline_info.h"

#include "compiler/passes/pipeline.h"
#include "compiler/passes/schedules.h"

namespace mlgenn {

std::vector<ScheduleInfo> list_schedules() {
    std::vector<ScheduleInfo> list;
    for (const passes::ScheduleRow& row : passes::schedules()) {
        list.push_back({row.name, row.summary});
    }
    return list;
}

std::vector<std::string> list_passes() {
    std::vector<std::string> names{"lower"};
    for (const passes::Pass& pass : passes::pipeline()) {
        names.push_back(pass.name);
    }
    return names;
}

}  // namespace mlgenn
