// SPDX-License-Identifier: Apache-2.0
// Steps one endless example on the calling thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "mlgenn/executor.h"
#include "runtime/src/aligned_buffer.h"
#include "runtime/src/cpu_code.h"

namespace mlgenn::runtime {

class CpuStepRunner final : public StepRunner {
public:
    /// Throws DeviceError when there is no memory for a workspace.
    explicit CpuStepRunner(std::shared_ptr<const CpuCode> code);

    void run(const StepPiece& piece) override;
    void reset_all() override;
    void reset(ResetClass reset_class) override;
    void read(std::size_t offset, std::span<std::byte> bytes) const override;
    void write(std::size_t offset, std::span<const std::byte> bytes) override;
    [[nodiscard]] std::size_t memory_bytes() const override { return workspace_.size(); }

private:
    std::shared_ptr<const CpuCode> code_;
    AlignedBuffer workspace_;
    std::vector<std::byte*> arguments_;
};

}  // namespace mlgenn::runtime
