// SPDX-License-Identifier: Apache-2.0
// What connections cost in memory: kernels stay kernels, delays get a ring.
#include <gtest/gtest.h>

#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"

namespace mlgenn::test {
namespace {

ir::Program compiled(const Network& network, const std::string& schedule, Accumulation accumulation,
                     const backends::Limits& limits) {
    CompilerOptions options;
    options.example_timesteps = 1000;
    options.schedule = schedule;
    options.accumulation = accumulation;
    ir::Program program = passes::lower(validated(network), options);
    CompileReport report;
    passes::run_pipeline(program, options, limits, "", report);
    return program;
}

Array filled(const Shape& shape) {
    return Array::from(std::vector<float>(num_elements(shape), 0.01F), shape);
}

/// 64 to 128 channels at 32 x 32, then down to 10 outputs.
Network wide_convolution() {
    Network network;
    network.populations = {{.name = "input", .shape = {32, 32, 64}, .neuron = "integrate_fire_input"},
                           {.name = "conv", .shape = {}, .neuron = "integrate_fire"},
                           {.name = "output", .shape = {10}, .neuron = "integrate_fire", .readout = ModelSpec("var")}};
    network.connections = {
        {.source = "input",
         .target = "conv",
         .connectivity = {"conv2d", {{"weight", filled({3, 3, 64, 128})}, {"conv_padding", "same"}}}},
        {.source = "conv",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", filled({2048, 10})}, {"pool_size", 8}}}}};
    return network;
}

TEST(ConnectionMemory, OfAWideConvolutionStaysBelow100Megabytes) {
    constexpr std::uint64_t weight_bytes = (3 * 3 * 64 * 128 + 2048 * 16) * sizeof(float);
    for (const std::size_t far_cache : {std::size_t{1} << 20, std::size_t{1} << 28}) {
        for (const char* schedule : {"sequential", "layerwise"}) {
            for (const Accumulation accumulation : {Accumulation::exact, Accumulation::ordered}) {
                const ir::Program program =
                    compiled(wide_convolution(), schedule, accumulation, {.far_cache_bytes = far_cache});
                EXPECT_LT(program.workspace_bytes + program.constants_bytes, weight_bytes + 100'000'000)
                    << schedule << ", far cache " << far_cache;
                EXPECT_EQ(program.num_synapses, 94ULL * 94 * 64 * 128 + 32ULL * 32 * 128 * 10);
            }
        }
    }
}

TEST(ConnectionMemory, OfDelaysIsARingOfTheNextPowerOfTwo) {
    Network network;
    network.populations = {{.name = "input", .shape = {2}, .neuron = "spike_input"},
                           {.name = "output", .shape = {3}, .neuron = "integrate_fire", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", 0.5}}},
                            .delay = Array::from(std::vector<std::uint8_t>{0, 4, 1, 2, 3, 4}, {2, 3})}};
    const ir::Program program = compiled(network, "sequential", Accumulation::exact, {});
    const ir::Accumulator& accumulator = program.accumulators.at(0);
    EXPECT_EQ(accumulator.ring_slots, 8U);
    const ir::Buffer& ring = program.buffer(accumulator.buffer.value());
    EXPECT_EQ(ring.name, "input_to_output.ring");
    EXPECT_EQ(ring.count, 8U * 16U);
    EXPECT_EQ(ring.reset_class, ResetClass::in_flight);
    EXPECT_EQ(program.buffer(accumulator.delays.value()).storage, Storage::u8);

    network.connections[0].synapse = "exponential";
    const ir::Program with_state = compiled(network, "sequential", Accumulation::ordered, {});
    EXPECT_EQ(with_state.buffer(with_state.accumulators.at(0).buffer.value()).reset_class, ResetClass::synaptic);
}

TEST(ConnectionMemory, RefusesRingsBeyondTheIndices) {
    Network network;
    network.populations = {
        {.name = "input", .shape = {100000}, .neuron = "spike_input"},
        {.name = "output", .shape = {100000}, .neuron = "integrate_fire", .readout = ModelSpec("var")}};
    std::vector<std::uint16_t> delays(100000, 0);
    delays.back() = 65535;
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"one_to_one", {{"weight", 0.5}}},
                            .delay = Array::from(delays)}};
    try {
        (void)compiled(network, "sequential", Accumulation::exact, {});
        FAIL() << "no exception";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(std::string(error.what()),
                  "connection 'input_to_output': the ring for delays up to 65535 timesteps has 6553600000 elements, "
                  "more than 4294967232 that code can index\n    shorten the delays, or split the population");
    }
}

}  // namespace
}  // namespace mlgenn::test
