// SPDX-License-Identifier: Apache-2.0
// Runs batches of examples on a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
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
    /// One per batch slot: the inputs and results of a whole batch are open at the same time.
    [[nodiscard]] unsigned num_workers() const override { return batch_size_; }
    [[nodiscard]] std::size_t memory_bytes() const override { return memory_bytes_; }
    [[nodiscard]] KernelProfile take_profile() override;

private:
    /// A batch on its way: which examples, and where their results go.
    struct Batch {
        std::size_t first_example = 0;
        /// Number of the first example in the call.
        std::size_t first_number = 0;
        std::uint32_t num_examples = 0;
        std::vector<ExampleInput> inputs{};
        std::vector<ExampleOutput> outputs{};
    };

    class Slots;

    void check_memory() const;
    void check_request(const RunRequest& request) const;
    void check_usable() const;
    void check_time_left(const RunRequest& request) const;
    void run_batches(const RunRequest& request, ExampleProvider& provider);
    void initialise_slots();
    void take_inputs(ExampleProvider& provider);
    void upload(const RunRequest& request);
    void upload_to_workspaces(const PinnedMemory& rows, std::size_t row_bytes, std::size_t offset) const;
    void upload_example_numbers() const;
    void gather_events(std::size_t input);
    void upload_events(std::size_t input);
    void upload_rows(const MirroredRows& rows) const;
    void upload_targets() const;
    void download_rows(const MirroredRows& rows, std::size_t num_rows);
    void set_timesteps(bool reset_time);
    void set_arguments() const;
    void run_batch(const RunRequest& request, std::uint32_t classes);
    [[nodiscard]] std::size_t upload_bytes() const;
    [[nodiscard]] std::size_t download_bytes() const;
    /// Runs `enqueue()`, timed when there is a profiler.
    template <class Enqueue>
    void measured(const char* kind, const std::string& name, std::size_t num_bytes, const Enqueue& enqueue) {
        if (profiler_) {
            profiler_->measure(kind, name, num_bytes, enqueue);
        } else {
            enqueue();
        }
    }
    void launch_network();
    void launch_steps(std::uint32_t num_steps) const;
    void run_observed(StepObserver& observer);
    void score();
    void clear_score(std::size_t metric) const;
    void download();
    void deliver(ExampleProvider& provider);

    std::shared_ptr<CudaCode> code_;
    const ExecutionPlan& plan_;
    const Driver& driver_;
    std::uint32_t batch_size_;
    /// Current while the members below are made and destroyed; in between, run() makes its own.
    std::optional<CurrentContext> current_;
    Stream stream_;
    std::size_t memory_bytes_ = 0;
    std::optional<BatchMemory> memory_{};
    /// Recorded timesteps by number of examples.
    std::map<std::uint32_t, Graph> graphs_{};
    Batch batch_{};
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
