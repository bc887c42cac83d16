// SPDX-License-Identifier: Apache-2.0
// What kernels take of a GPU, as text: for people, and to be recorded by tests.
#pragma once

#include <string>

#include "compiler/backends/cuda/generate.h"
#include "compiler/backends/cuda/nvrtc.h"

namespace mlgenn::cuda {

/// How the network's kernel is launched, then a line for every kernel:
///
///     run_network sm_90: 256 threads and 240 bytes of shared memory per example, up to 1 in a block, 0 bytes of weights
///     run_network sm_90: 46 registers, 0 bytes spilled, 0 bytes of static shared memory
[[nodiscard]] std::string resource_report(const GpuLayout& layout, const CompiledKernels& compiled,
                                          const std::string& target);

}  // namespace mlgenn::cuda
