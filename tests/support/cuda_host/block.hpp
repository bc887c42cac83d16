// SPDX-License-Identifier: Apache-2.0
// Runs one CUDA block as fibers: barriers, warp collectives, poisoned shared memory, and the mistakes that a GPU
// would answer with a hang or with garbage.
#pragma once

#include <immintrin.h>
#include <setjmp.h>
#include <signal.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "fiber.hpp"
#include "launch.hpp"

struct MlgennHostUint3 {
    unsigned x, y, z;
};

/// The one arena behind `extern __shared__ unsigned char mlgenn_shared[]`; blocks run one after another.
alignas(4096) __attribute__((visibility("hidden"))) inline unsigned char mlgenn_shared[260 * 1024];

namespace mlgenn::cuda_host {

inline constexpr unsigned char poison = 0xA5;
inline constexpr std::size_t shared_limit = 227 * 1024;
inline constexpr std::size_t shared_canary = 4096;
inline constexpr unsigned warp_size = 32;

enum class Waiting : std::uint8_t { nothing, block_barrier, named_barrier, warp, finished };
enum class WarpOp : std::uint8_t { sync, ballot, shuffle, sum };

struct Thread {
    void* stack = nullptr;
    Waiting waiting = Waiting::nothing;
    int line = 0;
    std::uint64_t result = 0;
};

/// A warp instruction that some of its lanes have reached.
struct Collective {
    WarpOp op = WarpOp::sync;
    unsigned mask = 0;
    unsigned arrived = 0;
    int line = 0;
    std::uint64_t value[warp_size] = {};
    unsigned source[warp_size] = {};
};

/// A barrier of some of a block's threads.
struct NamedBarrier {
    unsigned expected = 0;
    int line = 0;
    std::vector<unsigned> waiting;
};

inline constexpr unsigned num_named_barriers = 16;

struct State {
    LaunchRequest request;
    void (*kernel)(void**) = nullptr;
    const char* kernel_name = "";
    MlgennHostUint3 block_index{};
    MlgennHostUint3 block_dim{1, 1, 1};
    MlgennHostUint3 grid_dim{1, 1, 1};
    MlgennHostUint3 thread_index{};
    std::vector<Thread> threads;
    std::vector<Collective> warps;
    NamedBarrier named_barriers[num_named_barriers];
    unsigned current = 0;
    unsigned at_barrier = 0;
    unsigned num_finished = 0;
    void* scheduler_stack = nullptr;
    StackPool stacks;
    std::string error;
    sigjmp_buf fault;
    void* fault_address = nullptr;
};

inline State& state() {
    static State the_state;
    return the_state;
}

inline void switch_to_scheduler() {
    State& s = state();
    mlgenn_host_switch(&s.threads[s.current].stack, s.scheduler_stack);
}

/// Remembers the first mistake and gives the processor back for good: the block is abandoned.
inline void fail(const std::string& what, unsigned thread, int line) {
    State& s = state();
    if (s.error.empty()) {
        s.error = "kernel " + std::string(s.kernel_name) + ", block " + std::to_string(s.block_index.x) + ", thread " +
                  std::to_string(thread) + (line > 0 ? ", line " + std::to_string(line) : "") + ": " + what;
    }
}

inline void fail_and_stop(const std::string& what, int line) {
    fail(what, state().current, line);
    switch_to_scheduler();
}

inline void release_barrier_if_complete() {
    State& s = state();
    if (s.at_barrier == 0 || s.at_barrier != s.threads.size()) {
        return;
    }
    const int line = s.threads[0].line;
    for (unsigned i = 0; i < s.threads.size(); ++i) {
        if (s.threads[i].line != line) {
            fail("divergent barrier: thread 0 waits at __syncthreads in line " + std::to_string(line) +
                     ", this one at another",
                 i, s.threads[i].line);
            return;
        }
        s.threads[i].waiting = Waiting::nothing;
    }
    s.at_barrier = 0;
}

inline void block_barrier(int line) {
    State& s = state();
    Thread& thread = s.threads[s.current];
    thread.waiting = Waiting::block_barrier;
    thread.line = line;
    ++s.at_barrier;
    release_barrier_if_complete();
    switch_to_scheduler();
}

/// Comes back when `expected` threads have reached barrier `id`: whole warps, all at the same place.
inline void named_barrier(unsigned id, unsigned expected, int line) {
    State& s = state();
    if (id == 0 || id >= num_named_barriers || expected == 0 || expected % warp_size != 0) {
        fail_and_stop(
            "there is no named barrier " + std::to_string(id) + " for " + std::to_string(expected) + " threads", line);
    }
    NamedBarrier& barrier = s.named_barriers[id];
    if (barrier.waiting.empty()) {
        barrier.expected = expected;
        barrier.line = line;
    } else if (barrier.line != line || barrier.expected != expected) {
        fail_and_stop("divergent barrier: other threads wait at barrier " + std::to_string(id) + " in line " +
                          std::to_string(barrier.line) + ", this one at another",
                      line);
    }
    barrier.waiting.push_back(s.current);
    s.threads[s.current].waiting = Waiting::named_barrier;
    s.threads[s.current].line = line;
    if (barrier.waiting.size() == expected) {
        for (const unsigned thread : barrier.waiting) {
            s.threads[thread].waiting = Waiting::nothing;
        }
        barrier = NamedBarrier{};
    }
    switch_to_scheduler();
}

inline std::uint64_t combined(const Collective& c) {
    std::uint64_t result = 0;
    for (unsigned lane = 0; lane < warp_size; ++lane) {
        if ((c.arrived >> lane & 1u) == 0) {
            continue;
        }
        if (c.op == WarpOp::ballot && c.value[lane] != 0) {
            result |= std::uint64_t{1} << lane;
        } else if (c.op == WarpOp::sum) {
            result += c.value[lane];
        }
    }
    return result;
}

inline void complete(Collective& c, unsigned first_thread) {
    State& s = state();
    const std::uint64_t result = combined(c);
    for (unsigned lane = 0; lane < warp_size; ++lane) {
        if ((c.arrived >> lane & 1u) == 0) {
            continue;
        }
        Thread& thread = s.threads[first_thread + lane];
        thread.result = c.op == WarpOp::shuffle ? c.value[c.source[lane] & 31u] : result;
        thread.waiting = Waiting::nothing;
    }
    c = Collective{};
}

/// One lane reaches a warp instruction; comes back when all lanes of `mask` have.
inline std::uint64_t warp_collective(WarpOp op, unsigned mask, std::uint64_t value, unsigned source, int line) {
    State& s = state();
    const unsigned lane = s.current % warp_size;
    Collective& c = s.warps[s.current / warp_size];
    if ((mask >> lane & 1u) == 0) {
        fail_and_stop("this lane is not in the mask of its own warp instruction", line);
    }
    if (c.arrived == 0) {
        c.op = op;
        c.mask = mask;
        c.line = line;
    } else if (c.op != op || c.mask != mask || c.line != line) {
        fail_and_stop(
            "lanes of one warp reached different warp instructions, the other one in line " + std::to_string(c.line),
            line);
    }
    c.arrived |= 1u << lane;
    c.value[lane] = value;
    c.source[lane] = source;
    Thread& thread = s.threads[s.current];
    thread.waiting = Waiting::warp;
    thread.line = line;
    if (c.arrived == c.mask) {
        complete(c, s.current - lane);
    } else {
        switch_to_scheduler();
    }
    return thread.result;
}

inline void thread_entry() {
    State& s = state();
    s.kernel(s.request.parameters);
    s.threads[s.current].waiting = Waiting::finished;
    ++s.num_finished;
    switch_to_scheduler();
}

inline void resume(unsigned thread) {
    State& s = state();
    s.current = thread;
    s.thread_index = {thread, 0, 0};
    mlgenn_host_switch(&s.scheduler_stack, s.threads[thread].stack);
}

inline void report_deadlock() {
    State& s = state();
    for (unsigned i = 0; i < s.threads.size(); ++i) {
        if (s.threads[i].waiting == Waiting::block_barrier) {
            return fail("divergent barrier: " + std::to_string(s.threads.size() - s.at_barrier) + " of " +
                            std::to_string(s.threads.size()) + " threads never reach this __syncthreads",
                        i, s.threads[i].line);
        }
        if (s.threads[i].waiting == Waiting::named_barrier) {
            for (const NamedBarrier& barrier : s.named_barriers) {
                if (!barrier.waiting.empty() && barrier.waiting.front() == i) {
                    return fail("divergent barrier: " + std::to_string(barrier.expected - barrier.waiting.size()) +
                                    " of " + std::to_string(barrier.expected) + " threads never reach this barrier",
                                i, s.threads[i].line);
                }
            }
        }
        if (s.threads[i].waiting == Waiting::warp) {
            return fail("lanes of the mask never reach this warp instruction", i, s.threads[i].line);
        }
    }
}

inline void run_threads() {
    State& s = state();
    const auto num_threads = static_cast<unsigned>(s.threads.size());
    while (s.error.empty() && s.num_finished < num_threads) {
        bool progress = false;
        for (unsigned i = 0; i < num_threads && s.error.empty(); ++i) {
            const unsigned thread = s.request.descending ? num_threads - 1 - i : i;
            if (s.threads[thread].waiting == Waiting::nothing) {
                progress = true;
                resume(thread);
            }
        }
        if (!progress) {
            report_deadlock();
            return;
        }
    }
}

inline void on_fault(int, siginfo_t* info, void*) {
    State& s = state();
    s.fault_address = info->si_addr;
    siglongjmp(s.fault, 1);
}

/// Turns a memory fault inside a kernel into an error, for the time of one launch.
class FaultGuard {
public:
    FaultGuard() {
        stack_.resize(64 * 1024);
        stack_t alternate{};
        alternate.ss_sp = stack_.data();
        alternate.ss_size = stack_.size();
        sigaltstack(&alternate, &old_stack_);
        struct sigaction action {};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigaction(SIGSEGV, &action, &old_segv_);
        sigaction(SIGBUS, &action, &old_bus_);
    }
    FaultGuard(const FaultGuard&) = delete;
    FaultGuard& operator=(const FaultGuard&) = delete;
    ~FaultGuard() {
        sigaction(SIGSEGV, &old_segv_, nullptr);
        sigaction(SIGBUS, &old_bus_, nullptr);
        sigaltstack(&old_stack_, nullptr);
    }

private:
    std::vector<unsigned char> stack_;
    stack_t old_stack_{};
    struct sigaction old_segv_ {};
    struct sigaction old_bus_ {};
};

inline void run_block(unsigned block) {
    State& s = state();
    const unsigned num_threads = s.request.block_x;
    s.block_index = {block, 0, 0};
    s.at_barrier = 0;
    s.num_finished = 0;
    s.threads.assign(num_threads, Thread{});
    for (NamedBarrier& barrier : s.named_barriers) {
        barrier = NamedBarrier{};
    }
    s.warps.assign((num_threads + warp_size - 1) / warp_size, Collective{});
    for (unsigned i = 0; i < num_threads; ++i) {
        // Tops at different offsets spread the stacks over the cache sets.
        s.threads[i].stack = prepared_stack(s.stacks.top(i) - (i * 320 % 4096) / 64 * 64, thread_entry);
    }
    std::memset(mlgenn_shared, poison, s.request.dynamic_shared_bytes + shared_canary);
    if (sigsetjmp(s.fault, 1) == 0) {
        run_threads();
    } else {
        char address[32];
        std::snprintf(address, sizeof address, "%p", s.fault_address);
        fail("access outside of every device allocation, at " + std::string(address), s.current, 0);
    }
    for (std::size_t i = 0; i < shared_canary; ++i) {
        if (mlgenn_shared[s.request.dynamic_shared_bytes + i] != poison) {
            return fail("store beyond the " + std::to_string(s.request.dynamic_shared_bytes) +
                            " bytes of shared memory, at byte " + std::to_string(s.request.dynamic_shared_bytes + i),
                        0, 0);
        }
    }
}

/// Flushes subnormals as the generated code does on a GPU, for the time of one launch.
class FlushSubnormals {
public:
    FlushSubnormals() : old_(_mm_getcsr()) { _mm_setcsr(old_ | 0x8040u); }
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;
    ~FlushSubnormals() { _mm_setcsr(old_); }

private:
    unsigned old_;
};

inline const char* run_grid(const char* name, void (*kernel)(void**), const LaunchRequest& request) {
    State& s = state();
    s.error.clear();
    s.request = request;
    s.kernel = kernel;
    s.kernel_name = name;
    s.block_dim = {request.block_x, 1, 1};
    s.grid_dim = {request.grid_x, 1, 1};
    if (request.block_x == 0 || request.block_x > 1024 || request.grid_x == 0 ||
        request.dynamic_shared_bytes > shared_limit) {
        fail("impossible launch shape", 0, 0);
        return s.error.c_str();
    }
    const FaultGuard fault_guard;
    const FlushSubnormals flush;
    for (unsigned block = 0; block < request.grid_x && s.error.empty(); ++block) {
        run_block(request.descending ? request.grid_x - 1 - block : block);
    }
    return s.error.empty() ? nullptr : s.error.c_str();
}

}  // namespace mlgenn::cuda_host
