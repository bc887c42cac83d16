// SPDX-License-Identifier: Apache-2.0
// Where one recorder keeps what it selects of the rows that generated code writes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "mlgenn/callbacks.h"
#include "mlgenn/execution_plan.h"
#include "runtime/src/recorder_choice.h"
#include "runtime/src/recording_budget.h"

namespace mlgenn::runtime {

/// Different threads may collect different examples at the same time.
class RecordingSink {
public:
    RecordingSink() = default;
    RecordingSink(const RecordingSink&) = delete;
    RecordingSink& operator=(const RecordingSink&) = delete;
    virtual ~RecordingSink() = default;

    [[nodiscard]] virtual bool wants(std::size_t example) const = 0;
    /// Takes what it wants of the example's rows; ignores examples that it does not want.
    virtual void collect(std::size_t example, std::span<const std::byte> rows) = 0;
    [[nodiscard]] virtual CallbackValue take() = 0;
};

/// The sink of a recorder of spikes or a variable. Reserves, or throws DescriptionError for too much memory.
/// `budget` outlives the sink.
[[nodiscard]] std::unique_ptr<RecordingSink> make_sink(const ExecutionPlan& plan, ChosenRecorder recorder,
                                                       RecordingBudget& budget);

/// What a recorder of a connection gives.
[[nodiscard]] CallbackValue connection_data(const ExecutionPlan& plan, const ChosenRecorder& recorder,
                                            RecordingBudget& budget);

}  // namespace mlgenn::runtime
