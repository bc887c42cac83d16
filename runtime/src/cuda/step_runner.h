// SPDX-License-Identifier: Apache-2.0
// Steps one endless example on a GPU, in a stream of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mlgenn/executor.h"
#include "runtime/src/cuda/batch_stage.h"
#include "runtime/src/cuda/code.h"

namespace mlgenn::cuda {

class CudaStepRunner final : public StepRunner {
public:
    explicit CudaStepRunner(std::shared_ptr<const CudaCode> code);
    CudaStepRunner(const CudaStepRunner&) = delete;
    CudaStepRunner& operator=(const CudaStepRunner&) = delete;
    ~CudaStepRunner() override;

    void run(const StepPiece& piece) override;
    void reset_all() override;
    void reset(ResetClass reset_class) override;
    void read(std::size_t offset, std::span<std::byte> bytes) const override;
    void write(std::size_t offset, std::span<const std::byte> bytes) override;
    [[nodiscard]] std::size_t memory_bytes() const override;

private:
    void upload_events(std::size_t input, const StepPiece& piece);
    void set_argument(std::uint32_t argument, DevicePointer pointer) const;

    std::shared_ptr<const CudaCode> code_;
    const ExecutionPlan& plan_;
    const Driver& driver_;
    /// Current while the members below are made and destroyed; in between, calls make their own.
    std::optional<CurrentContext> current_;
    Stream stream_;
    DeviceMemory workspace_;
    /// The next t, and its number in the arguments' rows.
    MirroredRows timestep_;
    MirroredRows arguments_;
    /// Per InputPlan, for those of events.
    std::vector<StagedEvents> events_{};
    /// Per RecordingPlan.
    std::vector<DeviceMemory> recordings_{};
};

}  // namespace mlgenn::cuda
