//! SPDX-License-Identifier: Apache-2.0
//! A metric: one thread scores one example and adds the score to the sum of all examples.
//@comment
extern "C" __global__ void __launch_bounds__(128)
    MLGENN_KERNEL(const u8* __restrict__ workspaces, const u8* __restrict__ targets, u64* __restrict__ scores,
                  u32 num_examples) {
    const u32 example = blockIdx.x * blockDim.x + threadIdx.x;
    if (example >= num_examples) {
        return;
    }
    //@buffers
    //@body
    MLGENN_ADD_SCORE(scores, MLGENN_SCORE[0]);
}
