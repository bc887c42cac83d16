// SPDX-License-Identifier: Apache-2.0
// How examples are spread over blocks, and what stays close to the threads that use it.
#include "runtime/src/cuda/launch_shape.h"

#include <gtest/gtest.h>

#include "compiler/backends/cuda/generate.h"
#include "compiler/backends/cuda/locality.h"
#include "tests/gpu/generated.h"

namespace mlgenn::testing {
namespace {

constexpr GpuLaunchPlan four_in_a_block{.threads_per_example = 256,
                                        .max_examples_per_block = 4,
                                        .shared_bytes_per_example = 10'000,
                                        .shared_bytes_of_weights = 40'000};
constexpr cuda::DeviceRoom ten_multiprocessors{
    .multiprocessors = 10, .threads_per_block = 1024, .shared_bytes_per_block = 80'000};

void expect_shape(const cuda::LaunchShape& shape, std::uint32_t blocks, std::uint32_t examples) {
    EXPECT_EQ(shape.blocks, blocks);
    EXPECT_EQ(shape.threads, examples * 256);
    EXPECT_EQ(shape.shared_bytes, 40'000 + examples * 10'000);
}

TEST(LaunchShape, FillsMultiprocessorsBeforeBlocks) {
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 1, 1), 1, 1);
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 10, 1), 10, 1);
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 11, 1), 6, 2);
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 39, 1), 10, 4);
}

TEST(LaunchShape, HasNoMoreBlocksThanRunAtOnce) {
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 1000, 1), 10, 4);
    expect_shape(launch_shape(four_in_a_block, ten_multiprocessors, 1000, 3), 30, 4);
    GpuLaunchPlan per_step = four_in_a_block;
    per_step.launch_per_step = true;
    per_step.max_examples_per_block = 1;
    expect_shape(launch_shape(per_step, ten_multiprocessors, 1000, 1), 1000, 1);
}

TEST(LaunchShape, PutsNoMoreIntoABlockThanTheDeviceHasRoomFor) {
    cuda::DeviceRoom room = ten_multiprocessors;
    room.shared_bytes_per_block = 69'999;
    EXPECT_EQ(most_examples_per_block(four_in_a_block, room), 2U);
    expect_shape(launch_shape(four_in_a_block, room, 1000, 1), 10, 2);
    room.shared_bytes_per_block = 49'999;
    EXPECT_EQ(most_examples_per_block(four_in_a_block, room), 0U);
    room = ten_multiprocessors;
    room.threads_per_block = 800;
    EXPECT_EQ(most_examples_per_block(four_in_a_block, room), 3U);
}

std::vector<std::string> names(const cuda::PlacedProgram& placed, const std::set<ir::BufferId>& buffers) {
    std::vector<std::string> result;
    for (const ir::BufferId id : buffers) {
        result.push_back(placed.program.buffer(id).name);
    }
    return result;
}

TEST(Locality, KeepsStateOfOneThreadInRegisters) {
    const ir::Program program = cuda_program(network_case("recurrent_lif"), "whole_sequence");
    const cuda::PlacedProgram placed = cuda::lay_out(program, {}).placed;
    EXPECT_EQ(names(placed, placed.in_registers),
              (std::vector<std::string>{"events_to_hidden.in_syn", "hidden_to_hidden.in_syn", "hidden.V",
                                        "hidden.RefracTime", "hidden_to_output.in_syn", "output.VAvg", "output.V"}));
    // A team of fewer threads than neurons gives a thread several of them; then only the output's state is its own.
    EXPECT_EQ(names(placed, cuda::state_of_single_threads(placed.program, 64)),
              (std::vector<std::string>{"hidden_to_output.in_syn", "output.VAvg", "output.V"}));
}

TEST(Locality, KeepsStateThatSpikesAddToInMemory) {
    const ir::Program program = cuda_program(network_case("sparse_mixture"), "whole_sequence");
    const cuda::PlacedProgram placed = cuda::lay_out(program, {}).placed;
    EXPECT_FALSE(placed.in_registers.empty());
    for (const std::string& name : names(placed, placed.in_registers)) {
        EXPECT_EQ(name.find(".delivered"), std::string::npos) << name;
    }
}

TEST(Locality, KeepsWeightsOfRecurrentConnectionsInSharedMemoryWhereTheyFit) {
    const ir::Program program = cuda_program(network_case("recurrent_lif"), "whole_sequence");
    // 96 x 96 weights of 4 bytes, and less than 400 bytes of state.
    const cuda::PlacedProgram fits = cuda::lay_out(program, {.block_bytes = 40 << 10}).placed;
    ASSERT_EQ(fits.staged.size(), 1U);
    EXPECT_EQ(fits.program.buffer(fits.staged[0].buffer).name, "hidden_to_hidden.weight");
    EXPECT_EQ(fits.staged_bytes, 96U * 96U * 4U);
    const cuda::GpuLayout too_large = cuda::lay_out(program, {.block_bytes = 36 << 10});
    EXPECT_TRUE(too_large.placed.staged.empty());
    EXPECT_EQ(too_large.launch.max_examples_per_block, 1U) << "nothing to share";
    EXPECT_TRUE(cuda::lay_out(cuda_program(network_case("dense_if"), "whole_sequence"), {}).placed.staged.empty())
        << "no connection closes a cycle";
}

TEST(Locality, KnowsTheSharedMemoryOfArchitectures) {
    EXPECT_EQ(cuda::shared_memory_of_block("sm_75"), 64U << 10U);
    EXPECT_EQ(cuda::shared_memory_of_block("sm_90"), 227U << 10U);
    EXPECT_EQ(cuda::shared_memory_of_block("compute_90"), 48U << 10U) << "may run on something newer";
    EXPECT_EQ(cuda::shared_memory_of_block("sm_999"), 48U << 10U);
}

}  // namespace
}  // namespace mlgenn::testing
