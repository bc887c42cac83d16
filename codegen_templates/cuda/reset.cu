//! SPDX-License-Identifier: Apache-2.0
//! Puts state back to its initial values. The ranges are data, so one kernel serves every network.
// A stretch of an example's workspace and what a reset writes there.
struct ResetRange {
    u64 offset;
    u64 num_bytes;
    // Offset of the initial values in the constants, unless `filled`.
    u64 constants_offset;
    u32 fill;
    u32 filled;
    // Bit of the reset class.
    u32 class_bit;
    u32 padding;
};

// One block resets one example: every range whose class is in `classes`.
extern "C" __global__ void __launch_bounds__(256)
    reset_state(const u8* __restrict__ constants, u8* __restrict__ workspaces, const ResetRange* __restrict__ ranges,
                u32 num_ranges, u32 classes) {
    u8* const workspace = workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES;
    for (u32 r = 0; r < num_ranges; ++r) {
        const ResetRange range = ranges[r];
        if ((classes & range.class_bit) == 0) {
            continue;
        }
        u8* const to = workspace + range.offset;
        for (u64 i = threadIdx.x; i < range.num_bytes; i += blockDim.x) {
            to[i] = range.filled != 0 ? u8(range.fill >> (8 * (i % 4))) : constants[range.constants_offset + i];
        }
    }
}
