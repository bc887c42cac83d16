// SPDX-License-Identifier: Apache-2.0
// A stand-in for libcuda.so.1 in tests: where the driver takes a cubin, this library takes a shared object that a
// host compiler made from the same generated source (tests/support/cuda_host). Memory is guarded on both sides, starts
// poisoned, an error in a kernel sticks, as on a device, and work is done as late as a device may do it (streams.h).
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/support/cuda_host/launch.hpp"
#include "tests/support/stand_in_driver/stand_in_driver.h"
#include "tests/support/stand_in_driver/streams.h"

namespace {

using mlgenn::cuda_host::KernelEntry;
using mlgenn::cuda_host::LaunchRequest;
using mlgenn::stand_in::Event;
using mlgenn::stand_in::Stream;
using mlgenn::stand_in::Work;

enum Code : int {
    success = 0,
    invalid_value = 1,
    no_memory = 2,
    no_device = 100,
    invalid_image = 200,
    not_found = 500,
    not_ready = 600,
    launch_failed = 719,
    device_lost = 46,
};

constexpr std::size_t page = 4096;
constexpr unsigned char poison = 0xA5;
constexpr unsigned char canary = 0x5C;

/// A device allocation between two inaccessible pages; the bytes up to the page's end are a canary.
struct Allocation {
    unsigned char* mapping = nullptr;
    std::size_t mapping_bytes = 0;
    unsigned char* data = nullptr;
    std::size_t bytes = 0;
};

/// For programs that cannot call mlgenn_stand_in_configure.
mlgenn::stand_in::Settings initial_settings() {
    mlgenn::stand_in::Settings settings;
    const char* order = std::getenv("MLGENN_STAND_IN_ORDER");
    settings.descending = order != nullptr && std::strcmp(order, "descending") == 0;
    const char* uploads = std::getenv("MLGENN_STAND_IN_UPLOADS");
    settings.early_uploads = uploads != nullptr && std::strcmp(uploads, "early") == 0;
    return settings;
}

struct State {
    mlgenn::stand_in::Settings settings = initial_settings();
    mlgenn::stand_in::Counters counters;
    std::string kernel_error;
    std::map<std::uint64_t, Allocation> allocations;
    std::size_t allocated = 0;
    mlgenn::stand_in::Streams streams;
};

State& state() {
    static State the_state;
    return the_state;
}

int stick(int code) {
    return state().streams.fail(code);
}

/// An error in a kernel makes every later call fail.
int sticky() {
    return state().streams.failure();
}

int queue(void* stream, Work work, bool early = false) {
    if (sticky() == success) {
        state().streams.add(*static_cast<Stream*>(stream), std::move(work), early);
    }
    return sticky();
}

int queue_upload(void* stream, std::size_t bytes, const Work& work) {
    const auto counted = [=] {
        state().counters.bytes_uploaded += bytes;
        return work();
    };
    return queue(stream, counted, state().settings.early_uploads);
}

/// Counts an allocation.
bool is_to_fail() {
    State& s = state();
    return ++s.counters.allocations == s.settings.failing_allocation;
}

bool canaries_intact() {
    for (const auto& [address, allocation] : state().allocations) {
        const unsigned char* end = allocation.mapping + allocation.mapping_bytes - page;
        for (const unsigned char* p = allocation.data + allocation.bytes; p < end; ++p) {
            if (*p != canary) {
                return false;
            }
        }
    }
    return true;
}

/// A launch with its own copy of the parameters, as the driver makes one.
struct Launch {
    const KernelEntry* kernel = nullptr;
    unsigned grid = 0;
    unsigned block = 0;
    unsigned shared = 0;
    std::vector<std::vector<unsigned char>> parameters;

    [[nodiscard]] int run() {
        State& s = state();
        ++s.counters.launches;
        if (s.settings.lost_at_launch == s.counters.launches) {
            s.kernel_error = "the device was lost";
            return stick(device_lost);
        }
        std::vector<void*> pointers;
        for (auto& parameter : parameters) {
            pointers.push_back(parameter.data());
        }
        LaunchRequest request;
        request.grid_x = grid;
        request.block_x = block;
        request.dynamic_shared_bytes = shared;
        request.parameters = pointers.data();
        request.descending = s.settings.descending;
        if (const char* error = kernel->launch(request)) {
            s.kernel_error = error;
            return stick(launch_failed);
        }
        if (!canaries_intact()) {
            s.kernel_error = "kernel " + std::string(kernel->name) + ": store beyond the end of an allocation";
            return stick(launch_failed);
        }
        return success;
    }
};

/// Bytes of an ELF image, from its header; 0 if it is none for this machine.
std::size_t elf_bytes(const void* image) {
    Elf64_Ehdr header;
    std::memcpy(&header, image, sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_X86_64) {
        return 0;
    }
    return header.e_shoff + std::size_t{header.e_shnum} * header.e_shentsize;
}

/// Loads from a file of its own name: the dynamic linker takes an equal name for a library that it already has.
void* load_image(const void* image) {
    const std::size_t bytes = elf_bytes(image);
    std::string name = std::string(P_tmpdir) + "/mlgenn_kernels_XXXXXX";
    const int file = bytes > 0 ? mkstemp(name.data()) : -1;
    if (file < 0) {
        return nullptr;
    }
    const bool written = write(file, image, bytes) == static_cast<ssize_t>(bytes);
    void* library = written ? dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (library == nullptr) {
        std::fprintf(stderr, "stand-in driver: %s\n", dlerror());
    }
    close(file);
    unlink(name.c_str());
    return library;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void mlgenn_stand_in_configure(const mlgenn::stand_in::Settings* settings) {
    State& s = state();
    s.streams.run_all();
    s.settings = *settings;
    const int live_pinned = s.counters.live_pinned;
    s.counters = {};
    s.counters.live_pinned = live_pinned;
    s.streams.forget_failure();
    s.kernel_error.clear();
}

void mlgenn_stand_in_counters(mlgenn::stand_in::Counters* counters) {
    State& s = state();
    s.counters.live_allocations = static_cast<int>(s.allocations.size());
    s.counters.live_bytes = s.allocated;
    *counters = s.counters;
}

int cuInit(unsigned) {
    return state().settings.num_devices > 0 ? success : no_device;
}
int cuDriverGetVersion(int* version) {
    *version = 13000;
    return success;
}
int cuDeviceGetCount(int* count) {
    *count = state().settings.num_devices;
    return success;
}
int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal < state().settings.num_devices ? success : invalid_value;
}
int cuDeviceGetName(char* name, int bytes, int) {
    std::snprintf(name, static_cast<std::size_t>(bytes), "stand-in GPU");
    return success;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
        case 1:
            *value = 1024;
            break;
        case 16:
            // Few, so that blocks get several examples.
            *value = 2;
            break;
        case 75:
            *value = state().settings.capability / 10;
            break;
        case 76:
            *value = state().settings.capability % 10;
            break;
        case 97:
            *value = 227 * 1024;
            break;
        default:
            return invalid_value;
    }
    return success;
}
int cuDevicePrimaryCtxRetain(void** context, int device) {
    state().counters.last_device = device;
    *context = &state();
    return success;
}
int cuDevicePrimaryCtxRelease_v2(int) {
    return success;
}
int cuCtxPushCurrent_v2(void*) {
    return success;
}
int cuCtxPopCurrent_v2(void** context) {
    *context = &state();
    return success;
}
int cuModuleLoadData(void** module, const void* image) {
    *module = load_image(image);
    return *module != nullptr ? success : invalid_image;
}
int cuModuleUnload(void* module) {
    state().streams.run_all();
    dlclose(module);
    return success;
}
int cuModuleGetFunction(void** function, void* module, const char* name) {
    *function = dlsym(module, ("mlgenn_host_kernel_" + std::string(name)).c_str());
    return *function != nullptr ? success : not_found;
}
int cuFuncSetAttribute(void*, int, int value) {
    return value <= 227 * 1024 ? success : invalid_value;
}
/// One, so that blocks go through several rounds of examples.
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int threads, std::size_t shared) {
    *blocks = 1;
    return threads > 0 && threads <= 1024 && shared <= 227 * 1024 ? success : invalid_value;
}
int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    const State& s = state();
    *total = s.settings.memory_bytes;
    *free = s.settings.memory_bytes - std::min(s.allocated, s.settings.memory_bytes);
    return sticky();
}
int cuMemAlloc_v2(std::uint64_t* address, std::size_t bytes) {
    State& s = state();
    if (sticky() != success) {
        return sticky();
    }
    if (is_to_fail()) {
        return no_memory;
    }
    if (bytes > s.settings.memory_bytes || s.allocated > s.settings.memory_bytes - bytes) {
        return no_memory;
    }
    Allocation allocation;
    // Data starts as a device aligns it; what is left of its last page is the canary.
    const std::size_t data_bytes = (bytes + page - 1) / page * page;
    allocation.mapping_bytes = data_bytes + 2 * page;
    void* mapping = mmap(nullptr, allocation.mapping_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        return no_memory;
    }
    allocation.mapping = static_cast<unsigned char*>(mapping);
    allocation.bytes = bytes;
    allocation.data = allocation.mapping + page + (data_bytes - (bytes + 255) / 256 * 256);
    mprotect(allocation.mapping, page, PROT_NONE);
    mprotect(allocation.mapping + allocation.mapping_bytes - page, page, PROT_NONE);
    std::memset(allocation.mapping + page, canary, data_bytes);
    std::memset(allocation.data, poison, bytes);
    *address = reinterpret_cast<std::uint64_t>(allocation.data);
    s.allocations[*address] = allocation;
    s.allocated += bytes;
    return success;
}
int cuMemFree_v2(std::uint64_t address) {
    State& s = state();
    s.streams.run_all();
    const auto found = s.allocations.find(address);
    if (found == s.allocations.end()) {
        return invalid_value;
    }
    s.allocated -= found->second.bytes;
    munmap(found->second.mapping, found->second.mapping_bytes);
    s.allocations.erase(found);
    return sticky();
}
int cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
    if (is_to_fail()) {
        return no_memory;
    }
    *address = ::operator new(bytes);
    std::memset(*address, poison, bytes);
    ++state().counters.live_pinned;
    return success;
}
int cuMemFreeHost(void* address) {
    state().streams.run_all();
    ::operator delete(address);
    --state().counters.live_pinned;
    return success;
}
int cuMemcpyHtoDAsync_v2(std::uint64_t target, const void* source, std::size_t bytes, void* stream) {
    return queue_upload(stream, bytes, [=] {
        std::memcpy(reinterpret_cast<void*>(target), source, bytes);
        return success;
    });
}
int cuMemcpyDtoHAsync_v2(void* target, std::uint64_t source, std::size_t bytes, void* stream) {
    return queue(stream, [=] {
        state().counters.bytes_downloaded += bytes;
        std::memcpy(target, reinterpret_cast<const void*>(source), bytes);
        return success;
    });
}
/// As CUDA_MEMCPY2D.
struct StandInCopy2D {
    std::size_t source_x, source_y;
    int source_type;
    const void* source_host;
    std::uint64_t source_device;
    void* source_array;
    std::size_t source_pitch;
    std::size_t target_x, target_y;
    int target_type;
    void* target_host;
    std::uint64_t target_device;
    void* target_array;
    std::size_t target_pitch;
    std::size_t width_bytes, height;
};
int cuMemcpy2DAsync_v2(const StandInCopy2D* copy, void* stream) {
    const Work work = [c = *copy] {
        const auto* source = static_cast<const unsigned char*>(
            c.source_type == 1 ? c.source_host : reinterpret_cast<const void*>(c.source_device));
        auto* target =
            static_cast<unsigned char*>(c.target_type == 1 ? c.target_host : reinterpret_cast<void*>(c.target_device));
        if (c.width_bytes > c.source_pitch || c.width_bytes > c.target_pitch) {
            return stick(invalid_value);
        }
        for (std::size_t row = 0; row < c.height; ++row) {
            std::memcpy(target + row * c.target_pitch, source + row * c.source_pitch, c.width_bytes);
        }
        state().counters.bytes_downloaded += c.target_type == 1 ? c.width_bytes * c.height : 0;
        return static_cast<int>(success);
    };
    const bool upload = copy->source_type == 1 && copy->target_type != 1;
    return upload ? queue_upload(stream, copy->width_bytes * copy->height, work) : queue(stream, work);
}
int cuMemsetD8Async(std::uint64_t target, unsigned char value, std::size_t bytes, void* stream) {
    return queue(stream, [=] {
        std::memset(reinterpret_cast<void*>(target), value, bytes);
        return success;
    });
}
int cuStreamCreate(void** stream, unsigned) {
    *stream = state().streams.create();
    return success;
}
int cuStreamDestroy_v2(void* stream) {
    state().streams.destroy(static_cast<Stream*>(stream));
    return success;
}
int cuStreamSynchronize(void* stream) {
    state().streams.run(*static_cast<Stream*>(stream));
    return sticky();
}
int cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                   unsigned block_y, unsigned block_z, unsigned shared, void* stream, void** parameters, void**) {
    if (grid_x == 0 || grid_y != 1 || grid_z != 1 || block_x == 0 || block_x > 1024 || block_y != 1 || block_z != 1) {
        return invalid_value;
    }
    Launch launch;
    launch.kernel = static_cast<const KernelEntry*>(function);
    launch.grid = grid_x;
    launch.block = block_x;
    launch.shared = shared;
    for (unsigned k = 0; k < launch.kernel->num_parameters; ++k) {
        const auto* bytes = static_cast<const unsigned char*>(parameters[k]);
        launch.parameters.emplace_back(bytes, bytes + launch.kernel->parameter_sizes[k]);
    }
    return queue(stream, [launch]() mutable { return launch.run(); });
}
int cuEventCreate(void** event, unsigned) {
    *event = new Event();
    return sticky();
}
int cuEventDestroy_v2(void* event) {
    delete static_cast<Event*>(event);
    return success;
}
int cuEventRecord(void* event, void* stream) {
    State& s = state();
    s.streams.record(*static_cast<Stream*>(stream), *static_cast<Event*>(event), s.settings.early_uploads);
    return sticky();
}
int cuEventSynchronize(void* event) {
    state().streams.run_until(*static_cast<Event*>(event));
    return sticky();
}
int cuStreamWaitEvent(void* stream, void* event, unsigned) {
    state().streams.wait(*static_cast<Stream*>(stream), *static_cast<Event*>(event));
    return sticky();
}
int cuEventElapsedTime(float* milliseconds, void* begin, void* end) {
    const Event& first = *static_cast<Event*>(begin);
    const Event& last = *static_cast<Event*>(end);
    if (first == nullptr || last == nullptr) {
        return invalid_value;
    }
    if (!first->reached || !last->reached) {
        return not_ready;
    }
    *milliseconds = std::chrono::duration<float, std::milli>(last->time - first->time).count();
    return sticky();
}
int cuStreamBeginCapture_v2(void* stream, int) {
    auto* capturing = static_cast<Stream*>(stream);
    capturing->capturing = true;
    capturing->captured.clear();
    return sticky();
}
int cuStreamEndCapture(void* stream, void** graph) {
    auto* capturing = static_cast<Stream*>(stream);
    capturing->capturing = false;
    *graph = new std::vector<Work>(std::move(capturing->captured));
    return sticky();
}
int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    *executable = new std::vector<Work>(*static_cast<std::vector<Work>*>(graph));
    return sticky();
}
int cuGraphLaunch(void* executable, void* stream) {
    ++state().counters.graph_launches;
    for (const Work& work : *static_cast<std::vector<Work>*>(executable)) {
        if (const int code = queue(stream, work); code != success) {
            return code;
        }
    }
    return success;
}
int cuGraphDestroy(void* graph) {
    delete static_cast<std::vector<Work>*>(graph);
    return success;
}
int cuGraphExecDestroy(void* executable) {
    return cuGraphDestroy(executable);
}
int cuGetErrorName(int code, const char** name) {
    switch (code) {
        case no_memory:
            *name = "CUDA_ERROR_OUT_OF_MEMORY";
            break;
        case no_device:
            *name = "CUDA_ERROR_NO_DEVICE";
            break;
        case invalid_image:
            *name = "CUDA_ERROR_INVALID_IMAGE";
            break;
        case not_found:
            *name = "CUDA_ERROR_NOT_FOUND";
            break;
        case not_ready:
            *name = "CUDA_ERROR_NOT_READY";
            break;
        case launch_failed:
            *name = "CUDA_ERROR_LAUNCH_FAILED";
            break;
        case device_lost:
            *name = "CUDA_ERROR_DEVICE_UNAVAILABLE";
            break;
        default:
            *name = "CUDA_ERROR_INVALID_VALUE";
            break;
    }
    return success;
}
int cuGetErrorString(int code, const char** text) {
    switch (code) {
        case launch_failed:
        case device_lost:
            *text = state().kernel_error.c_str();
            break;
        case no_memory:
            *text = "out of memory";
            break;
        case no_device:
            *text = "no CUDA-capable device is detected";
            break;
        case invalid_image:
            *text = "device kernel image is invalid";
            break;
        default:
            *text = "invalid argument";
            break;
    }
    return success;
}

}  // extern "C"
#pragma GCC visibility pop
