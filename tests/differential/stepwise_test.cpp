// SPDX-License-Identifier: Apache-2.0
// Generated code that stops after every timestep computes what it computes in one go, and its state can be read there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "compiler/backends/backend.h"
#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"
#include "tests/differential/random_data.h"
#include "tests/support/compare.h"
#include "tests/support/observing_executor.h"

namespace mlgenn::differential {
namespace {

constexpr std::uint32_t timesteps = 30;
constexpr std::uint32_t batch_size = 3;

/// Everything that lasts for longer than a step: variables, refractory times, currents, delays of connections and of
/// single synapses, recurrence, an accumulating readout.
Network everything_that_lasts() {
    Dice dice(11);
    Network network;
    network.populations = {
        {.name = "input", .shape = {20}, .neuron = "spike_input"},
        {.name = "hidden",
         .shape = {35},
         .neuron = {"leaky_integrate_fire", {{"tau_refrac", 3.0}, {"v_thresh", 0.7}}},
         .readout = ModelSpec("spike_count")},
        {.name = "output", .shape = {6}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {20, 35}, -0.2, 0.6)}}},
                            .synapse = {"exponential", {{"tau", 4.0}}},
                            .delay = 2},
                           {.source = "hidden",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 35}, -0.3, 0.3)}}}},
                           {.source = "hidden",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 6}, -1.0, 1.0)}}},
                            .synapse = {"alpha", {{"tau", 3.0}}}}};
    std::vector<std::uint32_t> delays;
    for (std::size_t k = 0; k < 35 * 6; ++k) {
        delays.push_back(static_cast<std::uint32_t>(dice.below(7)));
    }
    network.connections.back().delay = Array::from(delays, {35, 6});
    return network;
}

/// Reads one variable of all examples after every step.
class TraceReader final : public StepObserver {
public:
    TraceReader(const ExecutionPlan& plan, const std::string& population, const std::string& variable) {
        const auto found = std::find_if(plan.states.begin(), plan.states.end(), [&](const StatePlan& state) {
            return state.connection.empty() && state.population == population && state.variable == variable;
        });
        state_ = found == plan.states.end() ? StatePlan{} : *found;
        values_.resize(num_examples * timesteps * num_elements(state_.shape));
    }
    void step_begins(const StepBatch&, std::uint32_t) override {}
    void step_ends(const StepBatch& batch, std::uint32_t step) override {
        const std::size_t row = num_elements(state_.shape);
        for (std::uint32_t slot = 0; slot < batch.num_examples; ++slot) {
            const std::size_t at = ((batch.first_example + slot) * timesteps + step) * row;
            batch.memory.read(slot, state_.workspace_offset,
                              std::as_writable_bytes(std::span(values_).subspan(at, row)));
        }
    }
    [[nodiscard]] Array trace() const {
        return Array::from(values_, {num_examples, timesteps, num_elements(state_.shape)});
    }

private:
    StatePlan state_{};
    std::vector<float> values_{};
};

CompilerOptions options_for(const std::string& backend, const std::string& schedule) {
    CompilerOptions options;
    options.example_timesteps = timesteps;
    options.batch_size = batch_size;
    options.backend = backend;
    options.schedule = schedule;
    options.num_threads = 2;
    options.cache_dir = "off";
    options.recordings = {{.population = "hidden"}, {.population = "output", .variable = "V"}};
    return options;
}

std::vector<std::string> schedules_here() {
    const char* backend = std::getenv("MLGENN_TEST_BACKEND");
    return backend != nullptr && std::string(backend) == "cuda" ? std::vector<std::string>{"whole_sequence", "step"}
                                                                : std::vector<std::string>{"sequential", "layerwise"};
}

TEST(FixedNetworks, SteppedOneByOneGiveTheBitsOfOneGo) {
    const Network network = validated(everything_that_lasts());
    Dice dice(12);
    const Inputs inputs{{"input", events(dice, 20, timesteps, 120)}};
    for (const std::string& schedule : schedules_here()) {
        SCOPED_TRACE(schedule);
        const CompilerOptions options =
            options_for(schedule == "step" || schedule == "whole_sequence" ? "cuda" : "llvm", schedule);
        CompiledNetwork in_one_go = InferenceCompiler(options).compile(network);
        const backends::Backend& backend = backends::select_backend(options.backend);
        ir::Program program = passes::lower(network, options);
        CompileReport report;
        passes::run_pipeline(program, options, backend.limits(options), "", report);
        const backends::Module module = backend.build(program, backend.generate(program, options), options);
        TraceReader reader(module.plan, "output", "V");
        CompiledNetwork stepped(
            module.plan,
            std::make_unique<test_support::ObservingExecutor>(backend.open(module, options), batch_size, reader), {},
            batch_size);
        for (const ResetOptions& reset : {ResetOptions{}, ResetOptions{false, false, false, false}}) {
            const Predictions expected = in_one_go.predict(inputs, {.reset = reset});
            const Predictions found = stepped.predict(inputs, {.reset = reset});
            for (const auto& [population, output] : expected.outputs) {
                EXPECT_EQ(test_support::bit_difference(output, found.outputs.at(population)), std::nullopt);
            }
            EXPECT_EQ(test_support::difference(expected.recordings.spikes.at("hidden.spikes"),
                                               found.recordings.spikes.at("hidden.spikes")),
                      std::nullopt);
            EXPECT_EQ(test_support::bit_difference(expected.recordings.traces.at("output.V"), reader.trace()),
                      std::nullopt);
            EXPECT_GT(expected.recordings.spikes.at("hidden.spikes")[0].ids.size(), 20U);
        }
    }
}

}  // namespace
}  // namespace mlgenn::differential
