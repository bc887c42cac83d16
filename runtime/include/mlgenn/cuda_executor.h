// SPDX-License-Identifier: Apache-2.0
// The executor for code that runs on an NVIDIA GPU. The driver is found at run time; nothing is linked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "mlgenn/executor.h"
#include "mlgenn/memory_estimate.h"

namespace mlgenn {

/// A device of this machine's CUDA driver.
struct CudaDevice {
    bool available = false;
    /// "NVIDIA H200, driver 13.0", or in one line why there is none.
    std::string detail{};
    /// 90 for compute capability 9.0.
    int capability = 0;
};

/// Looks for the driver (libcuda.so.1, or the library that MLGENN_LIBCUDA names) and in it for this device; unset: the
/// one whose number stands in MLGENN_CUDA_DEVICE, else the first.
[[nodiscard]] CudaDevice find_cuda_device(std::optional<std::uint32_t> device = {});

/// Opens the device and asks how much memory it has. Throws DeviceError when it does not answer.
[[nodiscard]] DeviceMemoryState cuda_device_memory(std::optional<std::uint32_t> device = {});

/// Device memory that a network takes at this batch size. It takes more only for batches with more spike events than
/// event_room() per example.
[[nodiscard]] std::size_t cuda_memory_needed(const ExecutionPlan& plan, std::uint32_t batch_size);

/// Loads `image` (a cubin, or PTX with its terminating zero) and allocates everything for batches of `batch_size`.
/// Throws BackendError without a usable device, DeviceError (saying needed, free and the largest batch size that fits)
/// when memory is short or the device fails, InternalError for a plan that contradicts itself.
[[nodiscard]] std::unique_ptr<Executor> make_cuda_executor(const ExecutionPlan& plan, std::span<const std::byte> image,
                                                           std::uint32_t batch_size,
                                                           std::optional<std::uint32_t> device = {});

}  // namespace mlgenn
