// SPDX-License-Identifier: Apache-2.0
// Runs batches of examples on a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/executor.h"
#include "mlgenn/memory_estimate.h"
#include "runtime/src/cuda/batch_memory.h"
#include "runtime/src/cuda/code.h"
#include "runtime/src/cuda/profiler.h"
#include "runtime/src/cuda/resources.h"

namespace mlgenn::cuda {

/// Opens the device to ask it.
[[nodiscard]] DeviceMemoryState device_memory(std::shared_ptr<const Driver> driver);

class CudaExecutor final : public Executor {
public:
    /// See make_cuda_executor.
    CudaExecutor(std::shared_ptr<const Driver> driver, const ExecutionPlan& plan, std::span<const std::byte> image,
                 std::uint32_t batch_size);
    CudaExecutor(const CudaExecutor&) = delete;
    CudaExecutor& operator=(const CudaExecutor&) = delete;
    ~CudaExecutor() override;

    void run(const RunRequest& request, ExampleProvider& provider) override;
    [[nodiscard]] std::unique_ptr<StepRunner> open_step_runner() override;
    void reset_all() override { as_loaded_ = false; }
    void clear_scores() override;
    void take_scores(std::size_t metric, std::span<std::uint64_t> words) override;
    [[nodiscard]] std::uint64_t downloaded_bytes() const override { return downloaded_bytes_; }
    /// One per batch slot of both batches that are under way.
    [[nodiscard]] unsigned num_workers() const override { return 2 * batch_size_; }
    [[nodiscard]] std::size_t memory_bytes() const override { return memory_bytes_; }
    [[nodiscard]] KernelProfile take_profile() override;

private:
    /// A batch on its way: which examples, and where their results go.
    struct Batch {
        /// In BatchMemory::stages.
        std::size_t stage = 0;
        /// Worker of slot 0, for the provider.
        unsigned first_worker = 0;
        std::size_t first_example = 0;
        /// Number of the first example in the call.
        std::size_t first_number = 0;
        std::uint32_t num_examples = 0;
        std::vector<ExampleOutput> outputs{};

        [[nodiscard]] unsigned worker(std::uint32_t slot) const { return first_worker + slot; }
    };

    class Slots;

    void check_memory() const;
    void check_request(const RunRequest& request) const;
    void check_usable() const;
    void check_time_left(const RunRequest& request) const;
    void run_batches(const RunRequest& request, ExampleProvider& provider);
    void give_up();
    void initialise_slots();
    /// Queues everything that a gathered batch does on the device.
    void start(Batch& batch, const RunRequest& request);
    /// Waits for a batch and hands its results over.
    void finish(const Batch& batch, ExampleProvider& provider);
    void gather(Batch& batch, const RunRequest& request, ExampleProvider& provider);
    void upload(const Batch& batch);
    void place_inputs(const Batch& batch);
    /// Runs `enqueue()`, timed when there is a profiler.
    template <class Enqueue>
    void measured(const Batch& batch, const Stream& stream, Measured what, const Enqueue& enqueue) {
        if (profiler_) {
            profiler_->measure(batch.stage, stream, std::move(what), enqueue);
        } else {
            enqueue();
        }
    }
    void launch_network(const Batch& batch);
    void launch_steps(const Batch& batch, std::uint32_t num_steps) const;
    void run_observed(const Batch& batch, StepObserver& observer);
    void score(const Batch& batch);
    void clear_score(std::size_t metric) const;
    [[nodiscard]] bool is_wanted(const Batch& batch, std::size_t recording) const;
    [[nodiscard]] std::size_t download_bytes(const Batch& batch) const;
    void download(const Batch& batch);
    void download_to(const PinnedMemory& to, const DeviceMemory& from, std::size_t bytes) const;
    void deliver(const Batch& batch, ExampleProvider& provider) const;

    std::shared_ptr<CudaCode> code_;
    const ExecutionPlan& plan_;
    const Driver& driver_;
    std::uint32_t batch_size_;
    /// Current while the members below are made and destroyed; in between, run() makes its own.
    std::optional<CurrentContext> current_;
    /// Brings batches to the device; what they do there is queued in the other one.
    Stream copies_;
    Stream compute_;
    std::size_t memory_bytes_ = 0;
    std::optional<BatchMemory> memory_{};
    /// Recorded timesteps by stage and number of examples.
    std::map<std::pair<std::size_t, std::uint32_t>, Graph> graphs_{};
    /// Per stage.
    std::vector<Batch> batches_{};
    /// Of the example that is being gathered.
    ExampleInput input_{};
    /// Timestep at which each slot goes on while time is not reset.
    std::vector<std::uint32_t> next_t_{};
    bool as_loaded_ = false;
    std::uint64_t downloaded_bytes_ = 0;
    /// Only for instrumented code.
    std::optional<DeviceProfiler> profiler_{};
    /// What broke the device, if anything did: nothing on it can be trusted afterwards.
    std::string broken_{};
};

}  // namespace mlgenn::cuda
