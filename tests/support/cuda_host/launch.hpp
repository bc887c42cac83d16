// SPDX-License-Identifier: Apache-2.0
// What the stand-in driver and a kernel image that was built for the host agree on. Plain data only: both sides are
// compiled separately.
#pragma once

#include <cstddef>

namespace mlgenn::cuda_host {

struct LaunchRequest {
    unsigned grid_x = 1;
    unsigned block_x = 1;
    std::size_t dynamic_shared_bytes = 0;
    /// One pointer to each kernel parameter, as cuLaunchKernel takes them.
    void** parameters = nullptr;
    /// Threads of a block run from the last to the first: results must not depend on it.
    bool descending = false;
};

/// Exported by an image as `mlgenn_host_kernel_<name>`.
struct KernelEntry {
    const char* name;
    unsigned num_parameters;
    const std::size_t* parameter_sizes;
    /// Runs the whole grid; returns nothing, or what went wrong (valid until the next launch).
    const char* (*launch)(const LaunchRequest& request);
};

}  // namespace mlgenn::cuda_host
