//! SPDX-License-Identifier: Apache-2.0
//! Stands for the holes, so that every template compiles alone: include device.cuh, this file, then the template.
#pragma once

#define MLGENN_BLOCK_SIZE 128
#define MLGENN_MAX_THREADS 256
#define MLGENN_MIN_BLOCKS 4
#define MLGENN_TEAM_SIZE 128
#define MLGENN_STAGED_BYTES 4096
#define MLGENN_SHARED_BYTES 1024
#define MLGENN_KERNEL run_network
#define MLGENN_WORKSPACE_BYTES 4096ull
#define MLGENN_NUM_ARGUMENTS 4
#define MLGENN_STEP_COUNTER 0
#define MLGENN_ADD_SCORE add_count
#define MLGENN_SCORE targets
