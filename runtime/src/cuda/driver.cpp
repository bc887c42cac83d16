// SPDX-License-Identifier: Apache-2.0
// Loads the CUDA driver.
#include "runtime/src/cuda/driver.h"

#include <dlfcn.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

/// MLGENN_CUDA_DEVICE, or 0.
std::uint32_t number_from_environment(std::string& problem) {
    const char* text = std::getenv("MLGENN_CUDA_DEVICE");
    if (text == nullptr || *text == '\0') {
        return 0;
    }
    const std::string_view digits = text;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error != std::errc() || end != digits.end()) {
        problem = "MLGENN_CUDA_DEVICE is '" + std::string(digits) + "', expected the number of a GPU";
    }
    return number;
}

}  // namespace

std::shared_ptr<const Driver> Driver::load(std::optional<std::uint32_t> number, std::string& problem) {
    const char* chosen = std::getenv("MLGENN_LIBCUDA");
    const std::string name = chosen != nullptr && *chosen != '\0' ? chosen : "libcuda.so.1";
    // Never unloaded: the driver's own threads may outlive every object of ours.
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        problem = "no CUDA driver: " + name + " cannot be loaded";
        return nullptr;
    }
    auto driver = std::make_shared<Driver>();
    problem = driver->find_functions(library);
    if (problem.empty()) {
        problem = driver->find_device(number);
    }
    return problem.empty() ? driver : nullptr;
}

std::string Driver::find_functions(void* library) {
    std::string missing;
    const auto find = [&](const char* name, auto& function) {
        function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
        if (function == nullptr) {
            missing += (missing.empty() ? "" : ", ") + std::string(name);
        }
    };
    DriverFunctions& f = functions_;
    find("cuInit", f.cuInit);
    find("cuDriverGetVersion", f.cuDriverGetVersion);
    find("cuDeviceGetCount", f.cuDeviceGetCount);
    find("cuDeviceGet", f.cuDeviceGet);
    find("cuDeviceGetName", f.cuDeviceGetName);
    find("cuDeviceGetAttribute", f.cuDeviceGetAttribute);
    find("cuDevicePrimaryCtxRetain", f.cuDevicePrimaryCtxRetain);
    find("cuDevicePrimaryCtxRelease_v2", f.cuDevicePrimaryCtxRelease_v2);
    find("cuCtxPushCurrent_v2", f.cuCtxPushCurrent_v2);
    find("cuCtxPopCurrent_v2", f.cuCtxPopCurrent_v2);
    find("cuModuleLoadData", f.cuModuleLoadData);
    find("cuModuleUnload", f.cuModuleUnload);
    find("cuModuleGetFunction", f.cuModuleGetFunction);
    find("cuFuncSetAttribute", f.cuFuncSetAttribute);
    find("cuOccupancyMaxActiveBlocksPerMultiprocessor", f.cuOccupancyMaxActiveBlocksPerMultiprocessor);
    find("cuMemGetInfo_v2", f.cuMemGetInfo_v2);
    find("cuMemAlloc_v2", f.cuMemAlloc_v2);
    find("cuMemFree_v2", f.cuMemFree_v2);
    find("cuMemHostAlloc", f.cuMemHostAlloc);
    find("cuMemFreeHost", f.cuMemFreeHost);
    find("cuMemcpyHtoDAsync_v2", f.cuMemcpyHtoDAsync_v2);
    find("cuMemcpyDtoHAsync_v2", f.cuMemcpyDtoHAsync_v2);
    find("cuMemcpy2DAsync_v2", f.cuMemcpy2DAsync_v2);
    find("cuMemsetD8Async", f.cuMemsetD8Async);
    find("cuStreamCreate", f.cuStreamCreate);
    find("cuStreamDestroy_v2", f.cuStreamDestroy_v2);
    find("cuStreamSynchronize", f.cuStreamSynchronize);
    find("cuLaunchKernel", f.cuLaunchKernel);
    find("cuStreamWaitEvent", f.cuStreamWaitEvent);
    find("cuEventCreate", f.cuEventCreate);
    find("cuEventDestroy_v2", f.cuEventDestroy_v2);
    find("cuEventRecord", f.cuEventRecord);
    find("cuEventSynchronize", f.cuEventSynchronize);
    find("cuEventElapsedTime", f.cuEventElapsedTime);
    find("cuStreamBeginCapture_v2", f.cuStreamBeginCapture_v2);
    find("cuStreamEndCapture", f.cuStreamEndCapture);
    find("cuGraphInstantiateWithFlags", f.cuGraphInstantiateWithFlags);
    find("cuGraphLaunch", f.cuGraphLaunch);
    find("cuGraphDestroy", f.cuGraphDestroy);
    find("cuGraphExecDestroy", f.cuGraphExecDestroy);
    find("cuGetErrorName", f.cuGetErrorName);
    find("cuGetErrorString", f.cuGetErrorString);
    return missing.empty() ? "" : "the CUDA driver is too old, it lacks " + missing;
}

std::string Driver::find_device(std::optional<std::uint32_t> number) {
    if (const Result result = functions_.cuInit(0); result != 0) {
        return "the CUDA driver does not start: " + error_text(result);
    }
    int count = 0;
    if (functions_.cuDeviceGetCount(&count) != 0 || count == 0) {
        return "the CUDA driver sees no GPU";
    }
    std::string problem;
    const std::uint32_t wanted = number ? *number : number_from_environment(problem);
    if (!problem.empty()) {
        return problem;
    }
    if (wanted >= static_cast<std::uint32_t>(count)) {
        return "there is no GPU " + std::to_string(wanted) + ", the CUDA driver sees " + std::to_string(count) +
               " (numbered from 0)";
    }
    std::array<char, 256> name{};
    if (functions_.cuDriverGetVersion(&version_) != 0 ||
        functions_.cuDeviceGet(&device_, static_cast<int>(wanted)) != 0 ||
        functions_.cuDeviceGetName(name.data(), static_cast<int>(name.size()) - 1, device_) != 0) {
        return "the CUDA driver does not answer";
    }
    device_name_ = name.data();
    constexpr int oldest_capability = 75;
    if (capability() < oldest_capability) {
        return "the GPU " + device_name_ + " is sm_" + std::to_string(capability()) + ", sm_75 or newer is needed";
    }
    return {};
}

std::string Driver::version() const {
    return std::to_string(version_ / 1000) + "." + std::to_string(version_ % 1000 / 10);
}

int Driver::attribute(Attribute attribute) const {
    int value = 0;
    functions_.cuDeviceGetAttribute(&value, static_cast<int>(attribute), device_);
    return value;
}

int Driver::capability() const {
    return attribute(Attribute::capability_major) * 10 + attribute(Attribute::capability_minor);
}

std::string Driver::error_text(Result result) const {
    const char* name = nullptr;
    const char* text = nullptr;
    functions_.cuGetErrorName(result, &name);
    functions_.cuGetErrorString(result, &text);
    return std::string(name != nullptr ? name : "unknown CUDA error") + ": " + (text != nullptr ? text : "no text");
}

void Driver::check(Result result, const char* doing) const {
    if (result != 0) {
        throw DeviceError(device_name_ + " failed while " + doing + ": " + error_text(result));
    }
}

}  // namespace mlgenn::cuda
