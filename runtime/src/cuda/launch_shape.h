// SPDX-License-Identifier: Apache-2.0
// How many examples go into a block, and how many blocks into a launch.
#pragma once

#include <cstdint>

#include "mlgenn/execution_plan.h"

namespace mlgenn::cuda {

/// What a device has room for.
struct DeviceRoom {
    std::uint32_t multiprocessors = 1;
    std::uint32_t threads_per_block = 1024;
    std::uint64_t shared_bytes_per_block = 48 << 10;
};

struct LaunchShape {
    std::uint32_t blocks = 0;
    std::uint32_t threads = 0;
    std::uint32_t shared_bytes = 0;
};

/// Dynamic shared memory of a block with so many examples.
[[nodiscard]] std::uint64_t shared_bytes_of_block(const GpuLaunchPlan& plan, std::uint32_t examples_per_block);

/// The most examples that a block of this device can carry; 0: not even one.
[[nodiscard]] std::uint32_t most_examples_per_block(const GpuLaunchPlan& plan, const DeviceRoom& room);

/// Examples are spread over all multiprocessors before blocks get several of them.
[[nodiscard]] std::uint32_t examples_per_block(const GpuLaunchPlan& plan, const DeviceRoom& room,
                                               std::uint32_t num_examples);

/// With `resident_blocks` blocks of that size on a multiprocessor at a time: there are never more blocks than the
/// device runs at once, each goes on to further examples, so that weights are copied once. A launch for one timestep
/// has a block per example.
[[nodiscard]] LaunchShape launch_shape(const GpuLaunchPlan& plan, const DeviceRoom& room, std::uint32_t num_examples,
                                       std::uint32_t resident_blocks);

}  // namespace mlgenn::cuda
