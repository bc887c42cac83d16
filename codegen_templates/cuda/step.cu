//! SPDX-License-Identifier: Apache-2.0
//! Schedule step. State stays in global memory between the launches.
//@header

//@device

// One block runs one timestep of one example.
extern "C" __global__ void __launch_bounds__(MLGENN_BLOCK_SIZE, MLGENN_MIN_BLOCKS)
    MLGENN_KERNEL(const u8* __restrict__ constants, u8* __restrict__ workspaces, u8* const* __restrict__ arguments,
                  u32* __restrict__ timesteps, u32, u32) {
    const u32 thread = threadIdx.x;
    const u32 lane = thread % 32;
    const u32 warp = thread / 32;
    u8* const workspace = workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES;
    u8* const* const argument = arguments + u64(blockIdx.x) * MLGENN_NUM_ARGUMENTS;
    u32* const step_counter = reinterpret_cast<u32*>(workspace + MLGENN_STEP_COUNTER);
    //@constants
    //@buffers

    const u32 t = timesteps[2 * blockIdx.x];
    const u32 io_row = timesteps[2 * blockIdx.x + 1];
    const u32 step = *step_counter;
    //@timestep

    __syncthreads();
    if (thread == 0) {
        timesteps[2 * blockIdx.x] = t + 1;
        timesteps[2 * blockIdx.x + 1] = io_row + 1;
        *step_counter = step + 1;
    }
}

//@kernels
