// SPDX-License-Identifier: Apache-2.0
// Checks that a plan's offsets and numbers fit each other, before anything is allocated or run by it.
#include "runtime/src/plan_checks.h"

#include <string>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

namespace {

[[noreturn]] void fail(const ExecutionPlan& plan, const std::string& problem) {
    throw InternalError("plan of network '" + plan.network + "': " + problem);
}

void check_stretch(const ExecutionPlan& plan, const std::string& what, std::size_t offset, std::size_t bytes,
                   std::size_t available) {
    if (offset > available || bytes > available - offset) {
        fail(plan, what + " ends at byte " + std::to_string(offset) + " + " + std::to_string(bytes) + ", of " +
                       std::to_string(available));
    }
}

void check_argument(const ExecutionPlan& plan, const std::string& what, std::uint32_t argument) {
    if (argument >= plan.num_arguments) {
        fail(plan, what + " is argument " + std::to_string(argument) + ", of " + std::to_string(plan.num_arguments));
    }
}

void check_neurons(const ExecutionPlan& plan, const std::string& what, const Shape& shape, std::uint32_t num_neurons) {
    if (num_elements(shape) != num_neurons) {
        fail(plan, what + " has shape " + to_string(shape) + ", but " + std::to_string(num_neurons) + " neurons");
    }
}

void check_resets(const ExecutionPlan& plan) {
    const std::size_t constants_bytes = plan.constants ? plan.constants->size() : 0;
    for (const ResetRange& range : plan.resets) {
        check_stretch(plan, "a reset", range.offset, range.bytes, plan.workspace_bytes);
        if (range.constants_offset) {
            check_stretch(plan, "an initial value", *range.constants_offset, range.bytes, constants_bytes);
        }
    }
}

void check_inputs(const ExecutionPlan& plan) {
    for (const InputPlan& input : plan.inputs) {
        const std::string what = "input '" + input.population + "'";
        check_neurons(plan, what, input.shape, input.num_neurons);
        if (input.kind == InputPlan::Kind::values) {
            check_stretch(plan, what, input.workspace_offset,
                          std::size_t{input.num_frames} * input.num_neurons * sizeof(float), plan.workspace_bytes);
        } else {
            check_argument(plan, what, input.offsets_argument);
            check_argument(plan, what, input.ids_argument);
            const bool narrow = input.ids_storage == Storage::u16 && input.num_neurons <= 65536;
            if (input.ids_storage != Storage::u32 && !narrow) {
                fail(plan, what + " has event ids in elements of " + std::to_string(size_of(input.ids_storage)) +
                               " bytes for " + std::to_string(input.num_neurons) + " neurons");
            }
        }
    }
}

void check_results(const ExecutionPlan& plan) {
    for (const OutputPlan& output : plan.outputs) {
        const std::string what = "output '" + output.population + "'";
        check_neurons(plan, what, output.shape, output.num_neurons);
        check_stretch(plan, what, output.workspace_offset, output.num_neurons * size_of(output.storage),
                      plan.workspace_bytes);
    }
    for (const RecordingPlan& recording : plan.recordings) {
        const std::string what = "recording '" + recording.key + "'";
        check_neurons(plan, what, recording.shape, recording.num_neurons);
        check_argument(plan, what, recording.argument);
        const std::size_t needed = recording.spikes ? (std::size_t{recording.num_neurons} + 31) / 32 * 4
                                                    : recording.num_neurons * size_of(recording.storage);
        if (recording.row_bytes < needed || (recording.spikes && recording.row_bytes % 4 != 0)) {
            fail(plan, what + " has rows of " + std::to_string(recording.row_bytes) + " bytes and needs " +
                           std::to_string(needed));
        }
        const RecordedRows rows = plan.rows_of(recording);
        if (rows.begin > rows.end || rows.end > rows.num_rows) {
            fail(plan, what + " hands out rows " + std::to_string(rows.begin) + " to " + std::to_string(rows.end) +
                           " of " + std::to_string(rows.num_rows));
        }
    }
}

void check_metrics(const ExecutionPlan& plan) {
    for (const MetricPlan& metric : plan.metrics) {
        if (metric.output >= plan.outputs.size()) {
            fail(plan, "metric '" + metric.metric + "' is of output " + std::to_string(metric.output) + ", of " +
                           std::to_string(plan.outputs.size()));
        }
        if (metric.score == ScoreKind::histogram && num_elements(metric.bins) == 0) {
            fail(plan, "metric '" + metric.metric + "' counts in bins, but has none");
        }
    }
}

void check_states(const ExecutionPlan& plan) {
    for (const StatePlan& state : plan.states) {
        const std::string owner = state.connection.empty() ? state.population : state.connection;
        check_stretch(plan, "variable '" + state.variable + "' of '" + owner + "'", state.workspace_offset,
                      num_elements(state.shape) * size_of(state.storage), plan.workspace_bytes);
    }
}

void check_queues(const ExecutionPlan& plan) {
    for (const QueuePlan& queue : plan.queues) {
        const std::string what = "the spike queue of '" + queue.population + "'";
        const std::size_t row_bytes = queue.counts_offset ? std::size_t{queue.num_neurons} * sizeof(std::uint32_t)
                                                          : (std::size_t{queue.num_neurons} + 31) / 32 * 4;
        if (queue.slot_bytes < row_bytes) {
            fail(plan, what + " has slots of " + std::to_string(queue.slot_bytes) + " bytes and needs " +
                           std::to_string(row_bytes));
        }
        check_stretch(plan, what, queue.workspace_offset, queue.slots * queue.slot_bytes, plan.workspace_bytes);
        if (queue.counts_offset) {
            check_stretch(plan, what, *queue.counts_offset, queue.slots * sizeof(std::uint32_t), plan.workspace_bytes);
        }
    }
}

}  // namespace

void check_steppable(const ExecutionPlan& plan) {
    if (!plan.steppable) {
        fail(plan, "schedule '" + plan.schedule + "' makes whole examples at once, and is to be stepped");
    }
}

void check_observable(const ExecutionPlan& plan, const RunRequest& request) {
    if (request.observer != nullptr) {
        check_steppable(plan);
    }
}

void check_access(const ExecutionPlan& plan, std::uint32_t slot, std::size_t num_slots, std::size_t offset,
                  std::size_t num_bytes) {
    if (slot >= num_slots) {
        fail(plan, "slot " + std::to_string(slot) + " is accessed, of " + std::to_string(num_slots));
    }
    check_access(plan, offset, num_bytes);
}

void check_access(const ExecutionPlan& plan, std::size_t offset, std::size_t num_bytes) {
    // Steps of a session must not allocate, not even a text.
    if (offset > plan.workspace_bytes || num_bytes > plan.workspace_bytes - offset) {
        check_stretch(plan, "an access to a workspace", offset, num_bytes, plan.workspace_bytes);
    }
}

void check_plan(const ExecutionPlan& plan) {
    check_stretch(plan, "the step counter", plan.step_counter_offset, sizeof(std::uint32_t), plan.workspace_bytes);
    if (plan.example_number_offset) {
        check_stretch(plan, "the example's number", *plan.example_number_offset, sizeof(std::uint32_t),
                      plan.workspace_bytes);
    }
    check_resets(plan);
    check_inputs(plan);
    check_results(plan);
    check_metrics(plan);
    check_states(plan);
    check_queues(plan);
}

}  // namespace mlgenn::runtime
