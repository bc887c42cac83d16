// SPDX-License-Identifier: Apache-2.0
// The CUDA driver API, found when the program runs. Declared here by hand: nothing is linked and no CUDA header is
// needed, so the same binary works on machines without a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mlgenn::cuda {

using Result = int;
using Device = int;
using DevicePointer = std::uint64_t;
using Handle = void*;  ///< CUcontext, CUmodule, CUfunction, CUstream, CUevent, CUgraph, CUgraphExec

constexpr Result out_of_memory = 2;

enum class Attribute : int {
    max_threads_per_block = 1,
    multiprocessors = 16,
    capability_major = 75,
    capability_minor = 76,
    shared_memory_per_block = 97,
};

/// CUDA_MEMCPY2D of the driver's header.
struct Copy2D {
    std::size_t source_x = 0;
    std::size_t source_y = 0;
    int source_type = 0;
    const void* source_host = nullptr;
    DevicePointer source_device = 0;
    Handle source_array = nullptr;
    std::size_t source_pitch = 0;
    std::size_t target_x = 0;
    std::size_t target_y = 0;
    int target_type = 0;
    void* target_host = nullptr;
    DevicePointer target_device = 0;
    Handle target_array = nullptr;
    std::size_t target_pitch = 0;
    std::size_t width_bytes = 0;
    std::size_t height = 0;
};
constexpr int memory_on_host = 1;
constexpr int memory_on_device = 2;

/// The functions that the runtime calls, by their names in the driver.
struct DriverFunctions {
    Result (*cuInit)(unsigned) = nullptr;
    Result (*cuDriverGetVersion)(int*) = nullptr;
    Result (*cuDeviceGetCount)(int*) = nullptr;
    Result (*cuDeviceGet)(Device*, int) = nullptr;
    Result (*cuDeviceGetName)(char*, int, Device) = nullptr;
    Result (*cuDeviceGetAttribute)(int*, int, Device) = nullptr;
    Result (*cuDevicePrimaryCtxRetain)(Handle*, Device) = nullptr;
    Result (*cuDevicePrimaryCtxRelease_v2)(Device) = nullptr;
    Result (*cuCtxPushCurrent_v2)(Handle) = nullptr;
    Result (*cuCtxPopCurrent_v2)(Handle*) = nullptr;
    Result (*cuModuleLoadData)(Handle*, const void*) = nullptr;
    Result (*cuModuleUnload)(Handle) = nullptr;
    Result (*cuModuleGetFunction)(Handle*, Handle, const char*) = nullptr;
    Result (*cuFuncSetAttribute)(Handle, int, int) = nullptr;
    Result (*cuOccupancyMaxActiveBlocksPerMultiprocessor)(int*, Handle, int, std::size_t) = nullptr;
    Result (*cuMemGetInfo_v2)(std::size_t*, std::size_t*) = nullptr;
    Result (*cuMemAlloc_v2)(DevicePointer*, std::size_t) = nullptr;
    Result (*cuMemFree_v2)(DevicePointer) = nullptr;
    Result (*cuMemHostAlloc)(void**, std::size_t, unsigned) = nullptr;
    Result (*cuMemFreeHost)(void*) = nullptr;
    Result (*cuMemcpyHtoDAsync_v2)(DevicePointer, const void*, std::size_t, Handle) = nullptr;
    Result (*cuMemcpyDtoHAsync_v2)(void*, DevicePointer, std::size_t, Handle) = nullptr;
    Result (*cuMemcpy2DAsync_v2)(const Copy2D*, Handle) = nullptr;
    Result (*cuMemsetD8Async)(DevicePointer, unsigned char, std::size_t, Handle) = nullptr;
    Result (*cuStreamCreate)(Handle*, unsigned) = nullptr;
    Result (*cuStreamDestroy_v2)(Handle) = nullptr;
    Result (*cuStreamSynchronize)(Handle) = nullptr;
    Result (*cuLaunchKernel)(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,
                             void**, void**) = nullptr;
    Result (*cuStreamWaitEvent)(Handle, Handle, unsigned) = nullptr;
    Result (*cuEventCreate)(Handle*, unsigned) = nullptr;
    Result (*cuEventDestroy_v2)(Handle) = nullptr;
    Result (*cuEventRecord)(Handle, Handle) = nullptr;
    Result (*cuEventSynchronize)(Handle) = nullptr;
    Result (*cuEventElapsedTime)(float*, Handle, Handle) = nullptr;
    Result (*cuStreamBeginCapture_v2)(Handle, int) = nullptr;
    Result (*cuStreamEndCapture)(Handle, Handle*) = nullptr;
    Result (*cuGraphInstantiateWithFlags)(Handle*, Handle, unsigned long long) = nullptr;
    Result (*cuGraphLaunch)(Handle, Handle) = nullptr;
    Result (*cuGraphDestroy)(Handle) = nullptr;
    Result (*cuGraphExecDestroy)(Handle) = nullptr;
    Result (*cuGetErrorName)(Result, const char**) = nullptr;
    Result (*cuGetErrorString)(Result, const char**) = nullptr;
};

/// A loaded driver with a device to use.
class Driver {
public:
    /// Looks for the library that MLGENN_LIBCUDA names, else for libcuda.so.1, and takes device `number`; unset: that
    /// of MLGENN_CUDA_DEVICE, else the first. Returns null and the reason in `problem` if there is none.
    [[nodiscard]] static std::shared_ptr<const Driver> load(std::optional<std::uint32_t> number, std::string& problem);

    [[nodiscard]] const DriverFunctions& call() const { return functions_; }
    [[nodiscard]] Device device() const { return device_; }
    [[nodiscard]] const std::string& device_name() const { return device_name_; }
    /// "13.0"
    [[nodiscard]] std::string version() const;
    [[nodiscard]] int attribute(Attribute attribute) const;
    /// 90 for compute capability 9.0.
    [[nodiscard]] int capability() const;

    /// Throws DeviceError saying what failed and how the driver calls it.
    void check(Result result, const char* doing) const;
    /// "CUDA_ERROR_OUT_OF_MEMORY: out of memory".
    [[nodiscard]] std::string error_text(Result result) const;

private:
    [[nodiscard]] std::string find_functions(void* library);
    [[nodiscard]] std::string find_device(std::optional<std::uint32_t> number);

    DriverFunctions functions_;
    Device device_ = 0;
    std::string device_name_;
    int version_ = 0;
};

}  // namespace mlgenn::cuda
