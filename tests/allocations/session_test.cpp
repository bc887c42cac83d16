// SPDX-License-Identifier: Apache-2.0
// Steps of a session allocate no memory. The program counts every allocation that goes through operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/session.h"

namespace {

std::atomic<std::size_t> num_allocations{0};

void* counted(std::size_t bytes) {
    ++num_allocations;
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) {
    return counted(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace mlgenn {
namespace {

Network small_network() {
    const std::vector<float> first(30 * 40, 0.4F);
    const std::vector<float> second(40 * 5, 0.2F);
    Network network;
    network.populations = {
        {.name = "input", .shape = {30}, .neuron = "spike_input"},
        {.name = "analog", .shape = {30}, .neuron = "integrate_fire_input"},
        {.name = "hidden", .shape = {40}, .neuron = "leaky_integrate_fire"},
        {.name = "output", .shape = {5}, .neuron = "leaky_integrate", .readout = ModelSpec("sum_var")}};
    network.connections = {
        {.source = "input", .target = "hidden", .connectivity = {"dense", {{"weight", Array::from(first, {30, 40})}}}},
        {.source = "analog", .target = "hidden", .connectivity = {"dense", {{"weight", Array::from(first, {30, 40})}}}},
        {.source = "hidden",
         .target = "output",
         .connectivity = {"dense", {{"weight", Array::from(second, {40, 5})}}}}};
    return network;
}

TEST(SessionAllocations, StepsAllocateNothing) {
    CompilerOptions options;
    options.example_timesteps = 20;
    options.backend = "llvm";
    options.cache_dir = "off";
    options.recordings = {{.population = "hidden"}, {.population = "output", .variable = "V"}};
    const CompiledNetwork network = InferenceCompiler(options).compile(small_network());
    Session session = network.open_session({.steps_per_call = 3});
    std::vector<std::uint64_t> steps;
    std::vector<std::uint32_t> ids;
    for (std::uint32_t k = 0; k < 600; ++k) {
        // Surplus events too.
        steps.push_back(k / 10);
        ids.push_back(k % 7 * 3);
    }
    session.push_events("input", steps, ids);
    const std::vector<float> on(30, 0.6F);
    for (std::uint64_t k = 0; k < 10; ++k) {
        session.set_values("analog", on, 5 * k);
    }
    std::vector<float> output(5);
    std::size_t num_spikes = 0;
    const std::size_t before = num_allocations;
    for (std::uint32_t k = 0; k < 30; ++k) {
        session.step(k % 4);
        session.read_output("output", output);
        num_spikes += session.spikes("hidden.spikes").ids.size() + session.trace("output.V").size();
    }
    const std::size_t during = num_allocations - before;
    EXPECT_EQ(during, 0U);
    EXPECT_GT(num_spikes, 100U);
    EXPECT_GT(session.windows_completed(), 1U);
    std::vector<int> seen(3);
    EXPECT_GT(num_allocations, before + during) << "allocations are not counted";
}

}  // namespace
}  // namespace mlgenn
