//! SPDX-License-Identifier: Apache-2.0
//! Brings what was uploaded for a batch, one row per example, to its places in the workspaces. One block serves one
//! example. Device-to-device copies of the driver make no promises about rows of any length.
// Words as they are: f32 input, numbers of examples.
extern "C" __global__ void __launch_bounds__(256)
    place_words(const u32* __restrict__ rows, u8* __restrict__ workspaces, u64 offset, u64 num_words) {
    const u32* const from = rows + u64(blockIdx.x) * num_words;
    u32* const to = reinterpret_cast<u32*>(workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES + offset);
    for (u64 i = threadIdx.x; i < num_words; i += blockDim.x) {
        to[i] = from[i];
    }
}

// Input that came as bytes. What a byte stands for is data, made by the host's own arithmetic.
extern "C" __global__ void __launch_bounds__(256)
    expand_values(const u8* __restrict__ rows, u8* __restrict__ workspaces, u64 offset, u64 num_values,
                  const float* __restrict__ table) {
    const u8* const from = rows + u64(blockIdx.x) * num_values;
    float* const to = reinterpret_cast<float*>(workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES + offset);
    for (u64 i = threadIdx.x; i < num_values; i += blockDim.x) {
        to[i] = table[from[i]];
    }
}
