//! SPDX-License-Identifier: Apache-2.0
//! Schedule whole_sequence. Its state is copied into shared memory once, so that a timestep touches global memory for
//! weights and input only; //@load_state and //@save_state move it.
//@header

//@device

// One block carries one example through all its timesteps.
extern "C" __global__ void __launch_bounds__(MLGENN_BLOCK_SIZE)
    MLGENN_KERNEL(const u8* __restrict__ constants, u8* __restrict__ workspaces, u8* const* __restrict__ arguments,
                  u32* __restrict__ timesteps, u32 num_steps) {
    const u32 thread = threadIdx.x;
    const u32 lane = thread % 32;
    const u32 warp = thread / 32;
    u8* const workspace = workspaces + u64(blockIdx.x) * MLGENN_WORKSPACE_BYTES;
    u8* const* const argument = arguments + u64(blockIdx.x) * MLGENN_NUM_ARGUMENTS;
    u32* const step_counter = reinterpret_cast<u32*>(workspace + MLGENN_STEP_COUNTER);
    //@buffers

    //@load_state
    u32 t = timesteps[2 * blockIdx.x];
    u32 io_row = timesteps[2 * blockIdx.x + 1];
    u32 step = *step_counter;
    __syncthreads();

    for (u32 steps_done = 0; steps_done < num_steps; ++steps_done, ++t, ++io_row, ++step) {
        //@timestep
    }

    __syncthreads();
    //@save_state
    if (thread == 0) {
        timesteps[2 * blockIdx.x] = t;
        timesteps[2 * blockIdx.x + 1] = io_row;
        *step_counter = step;
    }
}

//@kernels
