// SPDX-License-Identifier: Apache-2.0
// Code on a device with its plan and constants: what an executor and its step runners share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "runtime/src/cuda/launch_shape.h"
#include "runtime/src/cuda/resources.h"

namespace mlgenn::cuda {

/// Where the slots of a batch stand on the device.
struct SlotPointers {
    DevicePointer workspaces = 0;
    DevicePointer arguments = 0;
    DevicePointer timesteps = 0;
};

/// Rows on the device that belong to a place in every workspace.
struct PlacedRows {
    DevicePointer rows = 0;
    DevicePointer workspaces = 0;
    std::uint64_t offset = 0;
    /// In a row.
    std::uint64_t num_elements = 0;
};

/// All classes of state, for CudaCode::reset.
inline constexpr std::uint32_t all_reset_classes = 0xffffffffU;
[[nodiscard]] constexpr std::uint32_t reset_class_bit(ResetClass reset_class) {
    return 1U << static_cast<std::uint32_t>(reset_class);
}

/// Launches need the context to be current.
class CudaCode {
public:
    /// Throws as make_cuda_executor does; constants are still missing.
    CudaCode(std::shared_ptr<const Driver> driver, const ExecutionPlan& plan, std::span<const std::byte> image);
    CudaCode(const CudaCode&) = delete;
    CudaCode& operator=(const CudaCode&) = delete;
    ~CudaCode();

    /// Brings the plan's constants to the device and lets go of the host's.
    void load_constants(const Stream& stream);

    [[nodiscard]] const ExecutionPlan& plan() const { return plan_; }
    [[nodiscard]] const Context& context() const { return context_; }
    [[nodiscard]] const Driver& driver() const { return context_.driver(); }

    /// Advances slots: a launch per timestep, or one that goes through all of them.
    void launch_steps(const Stream& stream, const SlotPointers& slots, std::uint32_t num_slots,
                      std::uint32_t num_steps) const;
    /// Gives the state of these classes (reset_class_bit) its initial values.
    void reset(const Stream& stream, DevicePointer workspaces, std::uint32_t num_slots, std::uint32_t classes) const;
    /// Writes rows, one per slot, to their place in the workspaces: 32-bit words, or bytes as what `table` says.
    void place_words(const Stream& stream, const PlacedRows& rows, std::uint32_t num_slots) const;
    void expand_values(const Stream& stream, const PlacedRows& rows, DevicePointer table,
                       std::uint32_t num_slots) const;
    void score(const Stream& stream, std::size_t metric, DevicePointer workspaces, DevicePointer targets,
               DevicePointer scores, std::uint32_t num_examples) const;

private:
    void reserve_shared_memory();
    void load_reset_ranges(const Stream& stream);
    void launch(const Stream& stream, Handle function, std::uint32_t blocks, std::uint32_t threads,
                std::uint32_t shared_bytes, std::span<void*> parameters) const;

    ExecutionPlan plan_;
    Context context_;
    DeviceRoom room_;
    /// By examples in a block, from 1: blocks of that size that a multiprocessor runs at once.
    std::vector<std::uint32_t> resident_blocks_{};
    /// Current while the members below are made and destroyed.
    std::optional<CurrentContext> current_;
    LoadedModule module_;
    Handle run_function_;
    Handle reset_function_;
    /// Null where inputs have no places in workspaces.
    Handle place_function_ = nullptr;
    Handle expand_function_ = nullptr;
    std::vector<Handle> score_functions_{};
    DeviceMemory constants_{};
    DeviceMemory reset_ranges_{};
    std::uint32_t num_reset_ranges_ = 0;
};

}  // namespace mlgenn::cuda
