// SPDX-License-Identifier: Apache-2.0
// Lets a host compiler build generated CUDA source, so that tests run it without a GPU:
//
//   g++ -std=c++17 -O1 -ffp-contract=off -fwrapv -fPIC -shared -x c++ -include cuda_host.hpp net.cu -o net.so
//
// after a line MLGENN_HOST_KERNEL(name) per kernel has been appended to the source. Supported: one-dimensional grids
// and blocks, the dynamic shared array `mlgenn_shared`, __syncthreads, named barriers, __syncwarp, ballot/any/all,
// shuffles, atomics and the bit intrinsics that generated code uses. Not supported: __shared__ variables of fixed size,
// spinning on memory. Bugs of the memory model stay invisible; a missing barrier shows in one of the two lane orders.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include <utility>

#include "block.hpp"

#define MLGENN_CUDA_HOST 1
#define __global__
#define __device__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n)

#define threadIdx (mlgenn::cuda_host::state().thread_index)
#define blockIdx (mlgenn::cuda_host::state().block_index)
#define blockDim (mlgenn::cuda_host::state().block_dim)
#define gridDim (mlgenn::cuda_host::state().grid_dim)

// Macros, because the place in the source identifies the barrier.
#define __syncthreads() mlgenn::cuda_host::block_barrier(__LINE__)
#define __barrier_sync_count(id, num_threads) mlgenn::cuda_host::named_barrier(id, num_threads, __LINE__)
#define __syncwarp() \
    ((void)mlgenn::cuda_host::warp_collective(mlgenn::cuda_host::WarpOp::sync, 0xffffffffu, 0, 0, __LINE__))
#define __ballot_sync(mask, predicate)                                                                 \
    (static_cast<unsigned>(mlgenn::cuda_host::warp_collective(mlgenn::cuda_host::WarpOp::ballot, mask, \
                                                              (predicate) ? 1 : 0, 0, __LINE__)))
#define __any_sync(mask, predicate) (__ballot_sync(mask, predicate) != 0)
#define __all_sync(mask, predicate) (__ballot_sync(mask, predicate) == (mask))
#define __reduce_add_sync(mask, value) \
    (static_cast<unsigned>(            \
        mlgenn::cuda_host::warp_collective(mlgenn::cuda_host::WarpOp::sum, mask, value, 0, __LINE__)))
#define __shfl_sync(mask, value, source) mlgenn::cuda_host::shuffle(mask, value, source, __LINE__)
#define __shfl_xor_sync(mask, value, lanes) \
    mlgenn::cuda_host::shuffle(mask, value, (threadIdx.x % 32u) ^ (lanes), __LINE__)

namespace mlgenn::cuda_host {

template <class T>
T shuffle(unsigned mask, T value, unsigned source, int line) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = warp_collective(WarpOp::shuffle, mask, bits, source, line);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

template <class... Parameters, std::size_t... I>
void call_with(void (*kernel)(Parameters...), void** parameters, std::index_sequence<I...>) {
    kernel(*static_cast<std::remove_cv_t<Parameters>*>(parameters[I])...);
}

template <auto Kernel>
struct Invoke;
template <class... Parameters, void (*Kernel)(Parameters...)>
struct Invoke<Kernel> {
    static constexpr unsigned num_parameters = sizeof...(Parameters);
    static constexpr std::size_t parameter_sizes[] = {sizeof(Parameters)...};
    static void call(void** parameters) { call_with(Kernel, parameters, std::index_sequence_for<Parameters...>{}); }
};

}  // namespace mlgenn::cuda_host

// Exports a kernel of this image to the stand-in driver.
#define MLGENN_HOST_KERNEL(NAME)                                                                                    \
    static const char* mlgenn_host_launch_##NAME(const mlgenn::cuda_host::LaunchRequest& request) {                 \
        return mlgenn::cuda_host::run_grid(#NAME, &mlgenn::cuda_host::Invoke<&NAME>::call, request);                \
    }                                                                                                               \
    extern "C" __attribute__((visibility("default"), used))                                                         \
    const mlgenn::cuda_host::KernelEntry mlgenn_host_kernel_##NAME = {                                              \
        #NAME, mlgenn::cuda_host::Invoke<&NAME>::num_parameters, mlgenn::cuda_host::Invoke<&NAME>::parameter_sizes, \
        &mlgenn_host_launch_##NAME};

// One operating-system thread runs everything, so atomics are plain.
template <class T>
inline T atomicAdd(T* address, std::common_type_t<T> value) {
    const T old = *address;
    *address = old + value;
    return old;
}
template <class T>
inline T atomicOr(T* address, std::common_type_t<T> value) {
    const T old = *address;
    *address = old | value;
    return old;
}

inline int __popc(unsigned value) {
    return __builtin_popcount(value);
}
/// Counts calls: a clock that only goes forward.
inline long long clock64() {
    static thread_local long long ticks = 0;
    return ++ticks;
}
inline int __ffsll(long long value) {
    return __builtin_ffsll(value);
}
inline int __ffs(int value) {
    return __builtin_ffs(value);
}
inline int __clz(int value) {
    return value == 0 ? 32 : __builtin_clz(static_cast<unsigned>(value));
}
inline float __uint_as_float(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
inline float __int_as_float(int bits) {
    return __uint_as_float(static_cast<unsigned>(bits));
}
inline int __float_as_int(float value) {
    return static_cast<int>(__float_as_uint(value));
}
inline unsigned __umulhi(unsigned a, unsigned b) {
    return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32);
}
inline float __fmaf_rn(float a, float b, float c) {
    return std::fma(a, b, c);
}
