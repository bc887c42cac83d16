// SPDX-License-Identifier: Apache-2.0
// Puts this thread's floating point unit into the mode that generated code assumes, and back.
#pragma once

#include <cstdint>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace mlgenn::runtime {

/// While alive: subnormals are flushed to zero on input and output, rounding is to nearest even, nothing traps,
/// whatever mode the host program has chosen. Where the processor has no such mode, nothing changes.
class FlushSubnormals {
public:
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;

#if defined(__SSE__)
    FlushSubnormals() : saved_(_mm_getcsr()) {
        constexpr unsigned flush_to_zero = 0x8000;
        constexpr unsigned denormals_are_zero = 0x0040;
        constexpr unsigned all_masked = 0x1f80;
        _mm_setcsr(all_masked | flush_to_zero | denormals_are_zero);
    }
    ~FlushSubnormals() {
        _mm_setcsr(static_cast<unsigned>(saved_));
    }
#elif defined(__aarch64__)
    FlushSubnormals() {
        asm volatile("mrs %0, fpcr" : "=r"(saved_));
        constexpr std::uint64_t flush_to_zero = std::uint64_t{1} << 24;
        asm volatile("msr fpcr, %0" : : "r"(flush_to_zero));
    }
    ~FlushSubnormals() {
        asm volatile("msr fpcr, %0" : : "r"(saved_));
    }
#else
    FlushSubnormals() = default;
    ~FlushSubnormals() = default;
#endif

private:
    [[maybe_unused]] std::uint64_t saved_ = 0;
};

}  // namespace mlgenn::runtime
