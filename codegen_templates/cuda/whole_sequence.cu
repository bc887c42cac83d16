//! SPDX-License-Identifier: Apache-2.0
//! Schedule whole_sequence. A timestep touches global memory for input and for weights that do not fit closer only:
//! state is brought into registers and shared memory once per example (//@load_state, //@save_state), weights of
//! recurrent connections once per block (//@stage_constants).
//@header

//@device

// A team of threads carries one example through all its timesteps, then takes the next one. A block holds as many teams
// as it was launched with threads for; they share nothing but weights.
extern "C" __global__ void __launch_bounds__(MLGENN_MAX_THREADS, MLGENN_MIN_BLOCKS)
    MLGENN_KERNEL(const u8* __restrict__ constants, u8* __restrict__ workspaces, u8* const* __restrict__ arguments,
                  u32* __restrict__ timesteps, u32 num_steps, u32 num_examples) {
    const u32 num_teams = blockDim.x / MLGENN_TEAM_SIZE;
    const u32 team = threadIdx.x / MLGENN_TEAM_SIZE;
    const u32 thread = threadIdx.x % MLGENN_TEAM_SIZE;
    const u32 lane = thread % 32;
    const u32 warp = thread / 32;
    u8* const shared = mlgenn_shared + MLGENN_STAGED_BYTES + team * MLGENN_SHARED_BYTES;
    //@constants
    //@stage_constants

    const u32 first_example = blockIdx.x * num_teams + team;
    for (u32 example = first_example; example < num_examples; example += gridDim.x * num_teams) {
        u8* const workspace = workspaces + u64(example) * MLGENN_WORKSPACE_BYTES;
        u8* const* const argument = arguments + u64(example) * MLGENN_NUM_ARGUMENTS;
        u32* const step_counter = reinterpret_cast<u32*>(workspace + MLGENN_STEP_COUNTER);
        //@buffers

        //@load_state
        u32 t = timesteps[2 * example];
        u32 io_row = timesteps[2 * example + 1];
        u32 step = *step_counter;
        //@barrier

        for (u32 steps_done = 0; steps_done < num_steps; ++steps_done, ++t, ++io_row, ++step) {
            //@timestep
        }

        //@barrier
        //@save_state
        if (thread == 0) {
            timesteps[2 * example] = t;
            timesteps[2 * example + 1] = io_row;
            *step_counter = step;
        }
    }
}

//@kernels
