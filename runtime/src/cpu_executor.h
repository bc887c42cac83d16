// SPDX-License-Identifier: Apache-2.0
// The executor for code that runs on the host's processors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mlgenn/executor.h"
#include "runtime/src/aligned_buffer.h"
#include "runtime/src/cpu_code.h"
#include "runtime/src/profile_track.h"
#include "runtime/src/thread_pool.h"

namespace mlgenn::runtime {

class CpuExecutor final : public Executor {
public:
    /// See make_cpu_executor.
    CpuExecutor(std::shared_ptr<const CpuCode> code, std::uint32_t num_threads, std::uint32_t batch_size);

    void run(const RunRequest& request, ExampleProvider& provider) override;
    [[nodiscard]] std::unique_ptr<StepRunner> open_step_runner() override;
    void reset_all() override;
    void clear_scores() override;
    void take_scores(std::size_t metric, std::span<std::uint64_t> words) override;
    [[nodiscard]] unsigned num_workers() const override { return pool_.num_threads(); }
    /// Constants and workspaces that exist so far.
    [[nodiscard]] std::size_t memory_bytes() const override;
    [[nodiscard]] KernelProfile take_profile() override;

private:
    /// What one thread needs, so that running an example allocates nothing.
    struct Worker {
        ExampleInput input{};
        ExampleOutput output{};
        std::vector<std::byte*> arguments{};
        /// Only for instrumented code.
        std::vector<std::uint64_t> counters{};
        ProfileTrack profile{};
        /// Per metric: what this worker's examples scored; empty until one of them is.
        std::vector<std::vector<std::uint64_t>> scores{};
        /// Where generated code writes recordings that nobody wants.
        std::vector<std::byte> unwanted_rows{};
        /// Used while examples are independent.
        AlignedBuffer workspace{};
    };
    /// One position in the batch, whose examples follow each other while state is carried over.
    struct Slot {
        AlignedBuffer workspace{};
        std::uint32_t next_t = 0;
        bool as_loaded = false;
    };
    struct Example {
        std::size_t index = 0;
        std::byte* workspace = nullptr;
        std::uint32_t t_begin = 0;
        /// Number in the call.
        std::size_t number = 0;
    };

    class Slots;

    [[nodiscard]] Worker make_worker() const;
    void check_request(const RunRequest& request) const;
    void run_independent(const RunRequest& request, ExampleProvider& provider, std::span<const ResetRange> resets);
    void run_carried(const RunRequest& request, ExampleProvider& provider, std::span<const ResetRange> resets);
    void run_stepwise(const RunRequest& request, ExampleProvider& provider, std::span<const ResetRange> resets);
    void run_batch_stepwise(const RunRequest& request, std::size_t first, ExampleProvider& provider,
                            std::span<const ResetRange> resets);
    void prepare_slots(std::size_t num_slots);
    void run_slot(std::size_t slot_index, unsigned worker, const RunRequest& request, ExampleProvider& provider,
                  std::span<const ResetRange> resets);
    void check_memory(std::size_t num_slots) const;
    void check_time_left(const RunRequest& request) const;
    void run_example(const Example& example, unsigned worker, ExampleProvider& provider);
    void begin_example(const Example& example, Worker& worker, unsigned worker_index, ExampleProvider& provider) const;
    void run_steps(const Example& example, Worker& worker, std::uint32_t begin, std::uint32_t end) const;
    void end_example(const Example& example, Worker& worker, unsigned worker_index, ExampleProvider& provider) const;
    void take_counters(std::byte* workspace, std::vector<std::uint64_t>& counters) const;
    void set_arguments(Worker& worker, const Example& example) const;
    void score(Worker& worker, const std::byte* workspace) const;
    [[nodiscard]] AlignedBuffer make_workspace() const;

    std::shared_ptr<const CpuCode> code_;
    const ExecutionPlan& plan_;
    const std::byte* constants_;
    std::uint32_t batch_size_;
    /// Bytes that an example's rows take.
    std::size_t largest_recording_ = 0;
    std::vector<Worker> workers_;
    /// One per slot, for batches that advance step by step.
    std::vector<Worker> step_workers_;
    std::vector<Slot> slots_;
    ThreadPool pool_;
    ProfileClock clock_{};
};

}  // namespace mlgenn::runtime
