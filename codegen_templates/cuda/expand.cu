//! SPDX-License-Identifier: Apache-2.0
//! Dense input that came as bytes. What a byte stands for is data, made by the host's own arithmetic.
// One block writes the values of one example into its workspace.
extern "C" __global__ void __launch_bounds__(256)
    expand_values(const u8* __restrict__ rows, const float* __restrict__ table, u8* __restrict__ workspaces, u64 offset,
                  u64 num_values) {
    const u8* const bytes = rows + u64(blockIdx.x) * num_values;
    float* const values = reinterpret_cast<float*>(workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES + offset);
    for (u64 i = threadIdx.x; i < num_values; i += blockDim.x) {
        values[i] = table[bytes[i]];
    }
}
