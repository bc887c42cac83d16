// SPDX-License-Identifier: Apache-2.0
// A minimal context switch for x86-64 (System V): callee-saved registers and the stack pointer. Every thread of a CUDA
// block is one fiber, so a barrier can really wait.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

#if !defined(__x86_64__)
#error "tests/support/cuda_host needs x86-64"
#endif

extern "C" __attribute__((visibility("hidden"))) void mlgenn_host_switch(void** save_stack, void* load_stack);
// The jump through a register instead of `ret` keeps the return-address predictor out of it: it would always miss.
__asm__(
    ".text\n"
    ".type mlgenn_host_switch,@function\n"
    "mlgenn_host_switch:\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp,(%rdi)\n"
    "  movq %rsi,%rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  popq %rdx\n  jmpq *%rdx\n"
    ".size mlgenn_host_switch,.-mlgenn_host_switch\n");

namespace mlgenn::cuda_host {

/// Stacks of equal size with a guard page below each; kept for the life of the image.
class StackPool {
public:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t stack_bytes = 64 * 1024;

    /// One past the highest byte of stack `number`.
    unsigned char* top(std::size_t number) {
        while (stacks_.size() <= number) {
            void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
                throw std::runtime_error("cuda_host: no memory for the stacks of the emulated threads");
            }
            stacks_.push_back(static_cast<unsigned char*>(memory));
        }
        return stacks_[number] + stack_bytes;
    }
    ~StackPool() {
        for (unsigned char* stack : stacks_) {
            munmap(stack, stack_bytes);
        }
    }

private:
    std::vector<unsigned char*> stacks_;
};

/// Prepares a stack on which the first switch calls `entry`.
inline void* prepared_stack(unsigned char* top, void (*entry)()) {
    void** slot = reinterpret_cast<void**>(top);
    *--slot = nullptr;  // rsp % 16 == 8 at entry's first instruction, as after a call
    *--slot = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; ++i) {
        *--slot = nullptr;
    }
    return slot;
}

}  // namespace mlgenn::cuda_host
