// SPDX-License-Identifier: Apache-2.0
// Runs that go on: cut in two, or by a session, or beyond every counter's end, they compute what one long run does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "mlgenn/session.h"
#include "runtime/src/session_snapshot.h"
#include "tests/differential/random_data.h"
#include "tests/reference/reference_interpreter.h"
#include "tests/support/compare.h"

namespace mlgenn::differential {
namespace {

constexpr std::uint32_t half = 25;
constexpr std::size_t num_inputs = 20;

/// State of every kind crosses the border: potentials, refractory times, currents, spikes on their way through delays
/// of connections and of single synapses.
Network network_with_memory() {
    Dice dice(21);
    Network network;
    network.populations = {{.name = "input", .shape = {num_inputs}, .neuron = "spike_input"},
                           {.name = "hidden",
                            .shape = {35},
                            .neuron = {"leaky_integrate_fire", {{"tau_refrac", 4.0}, {"v_thresh", 0.7}}},
                            .readout = ModelSpec("spike_count")},
                           {.name = "output", .shape = {6}, .neuron = "leaky_integrate", .readout = ModelSpec("var")}};
    network.connections = {{.source = "input",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {num_inputs, 35}, -0.2, 0.6)}}},
                            .synapse = {"exponential", {{"tau", 4.0}}},
                            .delay = 5},
                           {.source = "hidden",
                            .target = "hidden",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 35}, -0.3, 0.3)}}}},
                           {.source = "hidden",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", weights(dice, {35, 6}, -1.0, 1.0)}}},
                            .synapse = {"alpha", {{"tau", 3.0}}}}};
    std::vector<std::uint32_t> delays;
    for (std::size_t k = 0; k < 35 * 6; ++k) {
        delays.push_back(static_cast<std::uint32_t>(dice.below(9)));
    }
    network.connections.back().delay = Array::from(delays, {35, 6});
    return validated(network);
}

struct Events {
    std::vector<std::uint32_t> times;
    std::vector<std::uint32_t> ids;
};

/// At most one event per neuron and step, so that no surplus is left at the border; sorted by time.
Events random_events() {
    Dice dice(22);
    Events events;
    for (std::uint32_t t = 0; t < 2 * half; ++t) {
        for (std::uint32_t id = 0; id < num_inputs; ++id) {
            if (dice.chance(0.12)) {
                events.times.push_back(t);
                events.ids.push_back(id);
            }
        }
    }
    return events;
}

/// The events as examples of `length` steps, each with times of its own.
Inputs examples_of(const Events& events, std::uint32_t length) {
    std::vector<std::uint32_t> times;
    std::vector<std::uint32_t> offsets = {0};
    for (const std::uint32_t t : events.times) {
        while (t / length + 1 > offsets.size()) {
            offsets.push_back(static_cast<std::uint32_t>(times.size()));
        }
        times.push_back(t % length);
    }
    while (offsets.size() < 2 * half / length + 1) {
        offsets.push_back(static_cast<std::uint32_t>(times.size()));
    }
    return {{"input", SpikeInput{Array::from(times), Array::from(events.ids), Array::from(offsets)}}};
}

const std::vector<Recording> recordings = {{.population = "hidden"},
                                           {.population = "hidden", .variable = "RefracTime"},
                                           {.population = "output", .variable = "V"}};

CompilerOptions options_for(const std::string& schedule, std::uint32_t timesteps) {
    CompilerOptions options;
    options.example_timesteps = timesteps;
    options.backend = schedule == "step" || schedule == "whole_sequence" ? "cuda" : "llvm";
    options.schedule = schedule;
    options.cache_dir = "off";
    options.recordings = recordings;
    return options;
}

std::vector<std::string> schedules_here() {
    const char* backend = std::getenv("MLGENN_TEST_BACKEND");
    return backend != nullptr && std::string(backend) == "cuda" ? std::vector<std::string>{"whole_sequence", "step"}
                                                                : std::vector<std::string>{"sequential", "layerwise"};
}

/// Steps counted over all examples, and traces in one piece.
struct Course {
    SpikeRecord spikes{};
    std::map<std::string, Array> traces{};
    Array last_var{};
};

Course course_of(const std::map<std::string, Array>& outputs, const Recordings& recorded, std::uint32_t length) {
    Course course;
    std::uint32_t begin = 0;
    for (const SpikeRecord& record : recorded.spikes.at("hidden.spikes")) {
        for (const std::uint32_t step : record.steps) {
            course.spikes.steps.push_back(begin + step);
        }
        course.spikes.ids.insert(course.spikes.ids.end(), record.ids.begin(), record.ids.end());
        begin += length;
    }
    for (const auto& [key, trace] : recorded.traces) {
        course.traces[key] = trace.reshaped({2 * half, trace.size() / (2 * half)});
    }
    const Array& output = outputs.at("output");
    course.last_var = output.rows(output.shape()[0] - 1, output.shape()[0]);
    return course;
}

void expect_same_course(const Course& expected, const Course& found) {
    EXPECT_EQ(test_support::difference({expected.spikes}, std::vector<SpikeRecord>{found.spikes}), std::nullopt);
    for (const auto& [key, trace] : expected.traces) {
        EXPECT_EQ(test_support::bit_difference(trace, found.traces.at(key)), std::nullopt) << key;
    }
    EXPECT_EQ(test_support::bit_difference(expected.last_var, found.last_var), std::nullopt);
}

Course reference_course(const Network& network, const Inputs& inputs, std::uint32_t length, ResetOptions reset) {
    reference::ReferenceOptions options;
    options.timesteps = length;
    options.accumulation = Accumulation::exact;
    options.reset = reset;
    options.traces = {recordings[1], recordings[2]};
    const reference::ReferenceResult result = reference::run_reference(network, options, inputs);
    return course_of(result.outputs, result.recordings, length);
}

class ContinuingRuns : public ::testing::Test {
protected:
    Network network_ = network_with_memory();
    Events events_ = random_events();
    Inputs whole_ = examples_of(events_, 2 * half);
    Inputs halves_ = examples_of(events_, half);
    Course expected_ = reference_course(network_, whole_, 2 * half, {});
};

TEST_F(ContinuingRuns, TheReferenceCutInTwoGoesOn) {
    expect_same_course(expected_, reference_course(network_, halves_, half, ResetOptions::streaming()));
    EXPECT_GT(expected_.spikes.ids.size(), 100U);
    const Course cut = reference_course(network_, halves_, half, {});
    EXPECT_NE(test_support::difference({expected_.spikes}, std::vector<SpikeRecord>{cut.spikes}), std::nullopt)
        << "nothing crosses the border, so that this test proves nothing";
}

TEST_F(ContinuingRuns, CompiledCodeCutInTwoGoesOn) {
    for (const std::string& schedule : schedules_here()) {
        SCOPED_TRACE(schedule);
        CompiledNetwork long_run = InferenceCompiler(options_for(schedule, 2 * half)).compile(network_);
        const Predictions in_one = long_run.predict(whole_);
        expect_same_course(expected_, course_of(in_one.outputs, in_one.recordings, 2 * half));

        CompilerOptions options = options_for(schedule, half);
        options.streaming = true;
        CompiledNetwork cut = InferenceCompiler(options).compile(network_);
        const Predictions in_two = cut.predict(halves_);
        expect_same_course(expected_, course_of(in_two.outputs, in_two.recordings, half));

        // Two calls instead of two examples of one call.
        cut.reset();
        Predictions calls;
        for (std::uint32_t k = 0; k < 2; ++k) {
            Events part;
            for (std::size_t e = 0; e < events_.times.size(); ++e) {
                if (events_.times[e] / half == k) {
                    part.times.push_back(events_.times[e] % half);
                    part.ids.push_back(events_.ids[e]);
                }
            }
            const std::vector<std::uint32_t> offsets = {0, static_cast<std::uint32_t>(part.times.size())};
            calls = cut.predict(
                {{"input", SpikeInput{Array::from(part.times), Array::from(part.ids), Array::from(offsets)}}});
        }
        EXPECT_EQ(test_support::bit_difference(expected_.last_var, calls.outputs.at("output")), std::nullopt);
    }
}

/// Runs all steps in a session that begins at the given counts.
Course session_course(const CompiledNetwork& network, const Events& events, std::uint32_t t, std::uint32_t step) {
    Session session = network.open_session({.window = 0});
    const std::uint64_t identity = runtime::network_fingerprint(session.plan());
    runtime::SessionState state = runtime::decode_snapshot(session.plan(), identity, session.snapshot());
    state.t = t;
    std::memcpy(state.workspace.data() + session.plan().step_counter_offset, &step, sizeof(step));
    session.restore(runtime::encode_snapshot(identity, state));
    const std::vector<std::uint64_t> steps(events.times.begin(), events.times.end());
    session.push_events("input", steps, events.ids);
    session.step(2 * half);
    Course course;
    course.spikes = session.spikes("hidden.spikes");
    for (const RecordingPlan& recording : session.plan().recordings) {
        if (!recording.spikes) {
            const auto trace = session.trace(recording.key);
            course.traces[recording.key] = Array::from(trace, {2 * half, recording.num_neurons});
        }
    }
    const Array output = session.output("output");
    course.last_var = output.reshaped({1, output.size()});
    return course;
}

TEST_F(ContinuingRuns, NoCounterEndsASession) {
    for (const std::string& schedule : schedules_here()) {
        SCOPED_TRACE(schedule);
        const CompiledNetwork network = InferenceCompiler(options_for(schedule, half)).compile(network_);
        expect_same_course(expected_, session_course(network, events_, 0, 0));
        // Where t times the number of neurons, t itself and the steps in all pass 2^32 on the way.
        expect_same_course(expected_, session_course(network, events_, 0xffffffffU / 35 - 10, 0xffffffffU - 20));
        expect_same_course(expected_, session_course(network, events_, 0xffffffffU - 30, 7));
    }
}

}  // namespace
}  // namespace mlgenn::differential
