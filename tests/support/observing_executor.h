// SPDX-License-Identifier: Apache-2.0
// An executor whose runs are all watched, so that a CompiledNetwork made with it advances step by step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "mlgenn/executor.h"

namespace mlgenn::test_support {

class ObservingExecutor final : public Executor {
public:
    ObservingExecutor(std::unique_ptr<Executor> executor, std::uint32_t batch_size, StepObserver& observer)
        : executor_(std::move(executor)), batch_size_(batch_size), observer_(observer) {}

    void run(const RunRequest& request, ExampleProvider& provider) override {
        RunRequest observed = request;
        observed.observer = &observer_;
        executor_->run(observed, provider);
    }
    [[nodiscard]] std::unique_ptr<StepRunner> open_step_runner() override { return executor_->open_step_runner(); }
    void reset_all() override { executor_->reset_all(); }
    void clear_scores() override { executor_->clear_scores(); }
    void take_scores(std::size_t metric, std::span<std::uint64_t> words) override {
        executor_->take_scores(metric, words);
    }
    [[nodiscard]] std::uint64_t downloaded_bytes() const override { return executor_->downloaded_bytes(); }
    [[nodiscard]] unsigned num_workers() const override { return std::max(batch_size_, executor_->num_workers()); }
    [[nodiscard]] std::size_t memory_bytes() const override { return executor_->memory_bytes(); }

private:
    std::unique_ptr<Executor> executor_;
    std::uint32_t batch_size_;
    StepObserver& observer_;
};

}  // namespace mlgenn::test_support
