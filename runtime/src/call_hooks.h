// SPDX-License-Identifier: Apache-2.0
// Calls the hooks of all callbacks of one call of predict or evaluate, in order.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/callbacks.h"
#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"

namespace mlgenn::runtime {

/// State variables of the batch that is running, between its timesteps.
class RunState final : public RunContext {
public:
    /// `plan` outlives the object.
    RunState(const ExecutionPlan& plan, std::size_t num_examples, std::uint32_t batch_size)
        : plan_(plan), num_examples_(num_examples), batch_size_(batch_size) {}

    [[nodiscard]] std::size_t num_examples() const override { return num_examples_; }
    [[nodiscard]] std::uint32_t batch_size() const override { return batch_size_; }
    [[nodiscard]] std::size_t num_batches() const override { return (num_examples_ + batch_size_ - 1) / batch_size_; }
    [[nodiscard]] std::uint32_t num_timesteps() const override { return plan_.num_timesteps; }

    [[nodiscard]] Array read(const std::string& owner, const std::string& variable) const override;
    void write(const std::string& owner, const std::string& variable, const Array& values) override;
    void fill(const std::string& owner, const std::string& variable, double value) override;
    void reset(const std::string& owner) override;

    /// The batch whose state can be reached, null for none.
    void open(const StepBatch* batch) { batch_ = batch; }

private:
    [[nodiscard]] const StepBatch& batch(const std::string& doing) const;
    [[nodiscard]] const StatePlan& state(const std::string& owner, const std::string& variable) const;
    void write_all(const StatePlan& state, std::span<const std::byte> bytes, std::size_t bytes_per_example) const;

    const ExecutionPlan& plan_;
    std::size_t num_examples_;
    std::uint32_t batch_size_;
    const StepBatch* batch_ = nullptr;
};

/// Ends a run whose hook has thrown; CallHooks keeps what it threw, so that no executor takes it for its own failure.
class StoppedByHook {};

/// The callbacks that have hooks; those that only record have none.
class CallHooks final : public StepObserver {
public:
    CallHooks(const ExecutionPlan& plan, std::span<const CallbackSpec> callbacks, std::size_t num_examples,
              std::uint32_t batch_size);

    /// The finest level of all callbacks.
    [[nodiscard]] HookLevel level() const { return level_; }

    void test_begin();
    /// Batch-wise runs: before the batch. Step-wise runs: tells which one comes; the hook runs when its state stands.
    void next_batch(std::size_t batch);
    /// Gives the metrics of the examples so far; asked only if a hook gets them.
    using Metrics = std::function<std::vector<MetricResult>()>;
    /// The end of a batch, or of several between which there are no hooks.
    void piece_end(std::size_t examples_done, const Metrics& metrics);
    void test_end(const Metrics& metrics);

    void step_begins(const StepBatch& batch, std::uint32_t step) override;
    void step_ends(const StepBatch& batch, std::uint32_t step) override;

    /// Throws what a hook threw inside of the run.
    [[noreturn]] void rethrow() const { std::rethrow_exception(thrown_); }

    /// Adds every callback's data to `data`; throws DescriptionError for a key that is already there.
    void add_data(CallbackData& data);

private:
    struct Entry {
        /// In the call's list.
        std::size_t position = 0;
        std::shared_ptr<Callback> callback{};
        HookLevel level = HookLevel::test;
    };
    /// Calls hook(callback) for all of at least that level.
    template <class Hook>
    void for_each(HookLevel level, const Hook& hook);
    void batch_begin();
    /// Runs `hooks` while the batch's state can be reached; throws StoppedByHook when they throw.
    template <class Hooks>
    void at_step(const StepBatch& batch, const Hooks& hooks);

    RunState state_;
    std::vector<Entry> entries_{};
    HookLevel level_ = HookLevel::test;
    std::size_t batch_ = 0;
    std::exception_ptr thrown_{};
};

}  // namespace mlgenn::runtime
