// SPDX-License-Identifier: Apache-2.0
// Schedules as data: a row says what a schedule needs, what it costs, and how it is applied.
#pragma once

#include <span>
#include <string>

#include "compiler/backends/backend.h"
#include "compiler/ir/program.h"

namespace mlgenn::passes {

struct ScheduleRow {
    const char* name;
    const char* summary;
    /// Why the schedule cannot run this program; empty if it can.
    std::string (*obstacle)(const ir::Program&, const backends::Limits&);
    /// Relative cost of a timestep; only compared within one program.
    double (*cost)(const ir::Program&, const backends::Limits&);
    void (*apply)(ir::Program&, const backends::Limits&);
};

[[nodiscard]] std::span<const ScheduleRow> schedules();

}  // namespace mlgenn::passes
