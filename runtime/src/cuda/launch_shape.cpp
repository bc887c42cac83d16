// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cuda/launch_shape.h"

#include <algorithm>

namespace mlgenn::cuda {
namespace {

std::uint32_t quotient_rounded_up(std::uint32_t a, std::uint32_t b) {
    return a / b + (a % b != 0 ? 1 : 0);
}

}  // namespace

std::uint64_t shared_bytes_of_block(const GpuLaunchPlan& plan, std::uint32_t examples_per_block) {
    return plan.shared_bytes_of_weights + std::uint64_t{plan.shared_bytes_per_example} * examples_per_block;
}

std::uint32_t most_examples_per_block(const GpuLaunchPlan& plan, const DeviceRoom& room) {
    std::uint32_t most = std::min(plan.max_examples_per_block, room.threads_per_block / plan.threads_per_example);
    while (most > 0 && shared_bytes_of_block(plan, most) > room.shared_bytes_per_block) {
        --most;
    }
    return most;
}

std::uint32_t examples_per_block(const GpuLaunchPlan& plan, const DeviceRoom& room, std::uint32_t num_examples) {
    const std::uint32_t spread = quotient_rounded_up(num_examples, std::max(room.multiprocessors, 1U));
    return std::clamp(spread, 1U, std::max(most_examples_per_block(plan, room), 1U));
}

LaunchShape launch_shape(const GpuLaunchPlan& plan, const DeviceRoom& room, std::uint32_t num_examples,
                         std::uint32_t resident_blocks) {
    const std::uint32_t together = examples_per_block(plan, room, num_examples);
    const std::uint32_t wanted = quotient_rounded_up(num_examples, together);
    const std::uint64_t at_once = std::uint64_t{std::max(room.multiprocessors, 1U)} * std::max(resident_blocks, 1U);
    return {
        .blocks = plan.launch_per_step ? wanted : static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, at_once)),
        .threads = together * plan.threads_per_example,
        .shared_bytes = static_cast<std::uint32_t>(shared_bytes_of_block(plan, together))};
}

}  // namespace mlgenn::cuda
