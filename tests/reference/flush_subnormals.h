// SPDX-License-Identifier: Apache-2.0
// Switches the processor to flushing subnormals (results and operands) while an object lives, as generated code does.
#pragma once

#include <xmmintrin.h>

namespace mlgenn::reference {

class FlushSubnormals {
public:
    FlushSubnormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | flush_to_zero | denormals_are_zero); }
    ~FlushSubnormals() { _mm_setcsr(saved_); }
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;

private:
    static constexpr unsigned flush_to_zero = 0x8000;
    static constexpr unsigned denormals_are_zero = 0x0040;
    unsigned saved_;
};

}  // namespace mlgenn::reference
