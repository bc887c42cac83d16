// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/cuda/resource_report.h"

namespace mlgenn::cuda {

std::string resource_report(const GpuLayout& layout, const CompiledKernels& compiled, const std::string& target) {
    const GpuLaunchPlan& launch = layout.launch;
    std::string text = kernel_names(layout.placed.program).front() + " " + target + ": " +
                       std::to_string(launch.threads_per_example) + " threads and " +
                       std::to_string(launch.shared_bytes_per_example) + " bytes of shared memory per example, up to " +
                       std::to_string(launch.max_examples_per_block) + " in a block, " +
                       std::to_string(launch.shared_bytes_of_weights) + " bytes of weights\n";
    for (const auto& [kernel, resources] : compiled.resources) {
        text += kernel + " " + target + ": " + std::to_string(resources.registers) + " registers, " +
                std::to_string(resources.spill_store_bytes + resources.spill_load_bytes) + " bytes spilled, " +
                std::to_string(resources.static_shared_bytes) + " bytes of static shared memory\n";
    }
    return text;
}

}  // namespace mlgenn::cuda
