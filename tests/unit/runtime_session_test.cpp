// SPDX-License-Identifier: Apache-2.0
// Sessions: steps in any pieces, windows, pushed input, results of a call, snapshots.
#include "mlgenn/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "runtime/src/session_snapshot.h"
#include "tests/unit/counting_network.h"

namespace {

using counting_network::num_timesteps;
using mlgenn::Array;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::Inputs;
using mlgenn::Predictions;
using mlgenn::ResetOptions;
using mlgenn::Session;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t num_windows = 6;

/// Pushes what predict() would give example after example.
void push(Session& session, const Inputs& inputs) {
    const Array& values = std::get<mlgenn::DenseInput>(inputs.at("values")).values;
    const auto& events = std::get<mlgenn::SpikeInput>(inputs.at("events"));
    const std::size_t num_examples = values.shape()[0];
    for (std::size_t example = 0; example < num_examples; ++example) {
        const std::uint64_t first = example * num_timesteps;
        session.set_values("values", values.as<float>().subspan(example * 4, 4), first);
        for (auto k = static_cast<std::size_t>(events.offsets.value(example)); k < events.offsets.value(example + 1);
             ++k) {
            const std::uint64_t step = first + static_cast<std::uint64_t>(events.times_ms.value(k));
            session.push_events("events", std::span(&step, 1), events.ids.as<std::uint32_t>().subspan(k, 1));
        }
    }
}

std::vector<double> numbers(const Array& array) {
    std::vector<double> values;
    for (std::size_t k = 0; k < array.size(); ++k) {
        values.push_back(array.value(k));
    }
    return values;
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// Everything that a session shows, to compare two.
std::vector<double> everything(const Session& session) {
    std::vector<double> all = numbers(session.output("counts"));
    for (const double x : numbers(session.output("sum"))) {
        all.push_back(x);
    }
    for (const float x : session.trace("v")) {
        all.push_back(x);
    }
    const auto& spikes = session.spikes("events.spikes");
    all.insert(all.end(), spikes.steps.begin(), spikes.steps.end());
    all.insert(all.end(), spikes.ids.begin(), spikes.ids.end());
    all.push_back(static_cast<double>(session.position()));
    all.push_back(static_cast<double>(session.windows_completed()));
    return all;
}

TEST(RuntimeSession, WindowsAreExamplesOfAnEndlessRun) {
    const Inputs inputs = counting_network::inputs(num_windows);
    CompiledNetwork network = counting_network::make(1, 1);
    const ResetOptions reset{.time = true, .vars = false, .in_syn = false, .in_flight = false};
    const Predictions expected = network.predict(inputs, {.reset = reset});
    Session session = network.open_session();
    push(session, inputs);
    for (std::size_t window = 0; window < num_windows; ++window) {
        session.step(num_timesteps);
        EXPECT_EQ(session.windows_completed(), window + 1);
        for (const char* output : {"counts", "sum"}) {
            const auto wanted = numbers(expected.outputs.at(output).rows(window, window + 1));
            EXPECT_EQ(numbers(session.output(output)), wanted);
            EXPECT_EQ(numbers(session.window_output(output)), wanted);
        }
        const auto trace = expected.recordings.traces.at("v").as<float>().subspan(window * 24, 24);
        EXPECT_TRUE(std::equal(trace.begin(), trace.end(), session.trace("v").begin(), session.trace("v").end()));
        EXPECT_EQ(session.spikes("events.spikes").steps, expected.recordings.spikes.at("events.spikes")[window].steps);
        EXPECT_EQ(session.spikes("events.spikes").ids, expected.recordings.spikes.at("events.spikes")[window].ids);
    }
}

TEST(RuntimeSession, StepsMayBeTakenInAnyPieces) {
    const Inputs inputs = counting_network::inputs(num_windows);
    CompiledNetwork network = counting_network::make(1, 1);
    Session whole = network.open_session();
    push(whole, inputs);
    whole.step(num_windows * num_timesteps);
    const std::vector<float> trace(whole.trace("v").begin(), whole.trace("v").end());
    for (const std::uint32_t size : {1U, 2U, 5U, 7U}) {
        Session session = network.open_session({.steps_per_call = 2});
        push(session, inputs);
        std::vector<float> pieces;
        std::vector<std::uint32_t> steps;
        while (session.position() < num_windows * num_timesteps) {
            const auto begin = static_cast<std::uint32_t>(session.position());
            session.step(std::min<std::uint32_t>(size, num_windows * num_timesteps - begin));
            pieces.insert(pieces.end(), session.trace("v").begin(), session.trace("v").end());
            for (const std::uint32_t step : session.spikes("events.spikes").steps) {
                steps.push_back(begin + step);
            }
        }
        EXPECT_EQ(pieces, trace);
        EXPECT_EQ(steps, whole.spikes("events.spikes").steps);
        EXPECT_EQ(numbers(session.output("sum")), numbers(whole.output("sum")));
        EXPECT_EQ(numbers(session.window_output("counts")), numbers(whole.window_output("counts")));
    }
}

TEST(RuntimeSession, TimeGoesOnOrStartsWithTheWindow) {
    CompiledNetwork network = counting_network::make(1, 1);
    const auto clock_after = [&](const mlgenn::SessionOptions& options) {
        Session session = network.open_session(options);
        session.step(10);
        session.step(1);
        return numbers(session.output("clock"));
    };
    EXPECT_THAT(clock_after({}), ElementsAre(4, 11));
    EXPECT_THAT(clock_after({.reset_time = false}), ElementsAre(10, 11));
    EXPECT_THAT(clock_after({.window = 3}), ElementsAre(1, 11));
    EXPECT_THAT(clock_after({.window = 0}), ElementsAre(10, 11));
}

TEST(RuntimeSession, ReadoutsOfAnEndlessWindowGoOnUntilRestarted) {
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session({.window = 0});
    for (int k = 0; k < 20; ++k) {
        session.push_spikes("events", std::vector<std::uint32_t>{2});
        session.step();
    }
    EXPECT_THAT(numbers(session.output("counts")), ElementsAre(0, 0, 19, 0));
    EXPECT_EQ(session.steps_in_window(), 20U);
    session.restart_readouts();
    EXPECT_THAT(numbers(session.output("counts")), ElementsAre(0, 0, 0, 0));
    session.step();
    EXPECT_THAT(numbers(session.output("counts")), ElementsAre(0, 0, 1, 0)) << "the spike was in flight";
    EXPECT_EQ(session.windows_completed(), 0U);
    EXPECT_THAT(message_of([&] { static_cast<void>(session.window_output("counts")); }),
                HasSubstr("no window is complete after 1 of 0 steps"));
}

TEST(RuntimeSession, ValuesHoldUntilOthersTakeTheirPlace) {
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session();
    const std::vector<float> ones(4, 1.0F);
    const std::vector<float> zeros(4, 0.0F);
    session.set_values("values", zeros, 5);
    session.step(2);
    session.set_values("values", ones);
    session.step(8);
    // Weight of neuron 1 is 2, and its v begins at 20.
    const std::vector<float> trace(session.trace("v").begin(), session.trace("v").end());
    EXPECT_EQ(trace[0 * 4 + 1], 22.0F);
    EXPECT_EQ(trace[2 * 4 + 1], 26.0F);
    EXPECT_EQ(trace[7 * 4 + 1], 26.0F);
    session.push_frames("values", std::vector<float>{1, 1, 1, 1, 0, 3, 0, 0}, 2);
    session.step(5);
    EXPECT_EQ(session.trace("v")[1 * 4 + 1], 30.0F);
    EXPECT_EQ(session.trace("v")[4 * 4 + 1], 30.0F + 3 * 6.0F);
}

TEST(RuntimeSession, TimesInMsFollowTheRuleOfPredict) {
    const auto steps_of = [](double dt, const std::vector<double>& times) {
        mlgenn::ExecutionPlan plan = counting_network::plan();
        plan.dt_ms = dt;
        CompiledNetwork network(
            plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 1, 1, nullptr), {},
            1);
        Session session = network.open_session();
        session.push_events_ms("events", times, std::vector<std::uint32_t>(times.size(), 0));
        session.step(20);
        return session.spikes("events.spikes").steps;
    };
    EXPECT_THAT(steps_of(1.0, {-3.0, 1.0, 1.5, 9.0}), ElementsAre(0, 1, 2, 9));
    // float32(3) * float32(0.1) is at least float32(0.3), which as a double is more than 0.3.
    EXPECT_THAT(steps_of(0.1, {static_cast<double>(0.3F)}), ElementsAre(3));
}

TEST(RuntimeSession, LateEventsAreRefusedOrTakeTheNextStep) {
    CompiledNetwork network = counting_network::make(1, 1);
    const std::vector<std::uint64_t> steps{5, 2};
    const std::vector<std::uint32_t> ids{1, 3};
    Session strict = network.open_session();
    strict.step(4);
    EXPECT_EQ(message_of([&] { strict.push_events("events", steps, ids); }),
              "input 'events': event 1 is for step 2, but step 4 is the next one\n"
              "    push events before their step runs, or open the session with accept_late_events");
    strict.step(3);
    EXPECT_TRUE(strict.spikes("events.spikes").ids.empty()) << "a refused call pushes nothing";
    Session lenient = network.open_session({.accept_late_events = true});
    lenient.step(4);
    lenient.push_events("events", steps, ids);
    lenient.step(3);
    EXPECT_THAT(lenient.spikes("events.spikes").steps, ElementsAre(0, 1));
    EXPECT_THAT(lenient.spikes("events.spikes").ids, ElementsAre(3, 1));
}

struct BadCall {
    const char* name;
    std::function<void(Session&)> call;
    const char* message;
};

class RuntimeSessionErrors : public testing::TestWithParam<BadCall> {};

TEST_P(RuntimeSessionErrors, SayWhatWasFoundAndExpected) {
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session();
    session.step(3);
    EXPECT_EQ(message_of([&] { GetParam().call(session); }), GetParam().message);
    EXPECT_EQ(session.position(), 3U);
}

const std::vector<std::uint32_t> one_id{1};
const std::vector<float> three_values(3);

const BadCall bad_calls[] = {
    {"UnknownInput", [](Session& s) { s.push_spikes("nobody", one_id); },
     "input 'nobody': the network has no such input\n    the inputs are: 'values', 'events'"},
    {"EventsForValues", [](Session& s) { s.push_spikes("values", one_id); },
     "input 'values': spike events found, but the population's model takes values\n    use set_values or push_frames"},
    {"ValuesForEvents", [](Session& s) { s.set_values("events", three_values); },
     "input 'events': values found, but the population's model takes spike events\n    use push_events"},
    {"BadId",
     [](Session& s) {
         s.push_spikes("events", std::vector<std::uint32_t>{3, 4});
     },
     "input 'events': event 1 has id 4, but the population has 4 neurons\n    use ids from 0 to 3"},
    {"Lengths", [](Session& s) { s.push_events("events", {}, one_id); },
     "input 'events': 0 steps and 1 ids found\n    give one of the steps for every id"},
    {"TimeNaN",
     [](Session& s) {
         s.push_events_ms("events", std::vector<double>{std::numeric_limits<double>::quiet_NaN()}, one_id);
     },
     "input 'events': event 0 has time nan ms\n    give every event a finite time in ms"},
    {"NumberOfValues", [](Session& s) { s.set_values("values", three_values); },
     "input 'values': 3 values found, but the population has 4 neurons\n    give one value per neuron"},
    {"LateValues", [](Session& s) { s.set_values("values", std::vector<float>(4), 2); },
     "input 'values': values for step 2, but step 3 is the next one\n    set values before their step runs"},
    {"BrokenFrames", [](Session& s) { s.push_frames("values", three_values, 1); },
     "input 'values': 3 values found, which are no whole frames of 4 neurons\n    give one value per neuron and frame"},
    {"FramesWithoutSteps", [](Session& s) { s.push_frames("values", std::vector<float>(4), 0); },
     "input 'values': steps_per_frame is 0\n    let every frame hold for at least one step"},
    {"UnknownOutput", [](Session& s) { static_cast<void>(s.output("values")); },
     "output 'values': the network has no such output\n    the outputs are: 'counts', 'sum', 'clock'"},
    {"RoomForOutput",
     [](Session& s) {
         std::vector<float> room(3);
         s.read_output("sum", room);
     },
     "output 'sum': room for 3 values found, but it has 4\n    give one element per neuron"},
    {"UnknownTrace", [](Session& s) { static_cast<void>(s.trace("events.spikes")); },
     "recording 'events.spikes': the network records no such variable\n"
     "    compile with it among the recordings, or use one of: 'v', 'narrow'"},
    {"UnknownSpikes", [](Session& s) { static_cast<void>(s.spikes("v")); },
     "recording 'v': the network records no such spikes\n"
     "    compile with it among the recordings, or use one of: 'events.spikes'"},
    {"UnknownVariable", [](Session& s) { static_cast<void>(s.variable("sum", "U")); },
     "variable 'sum.U': the network has no such variable\n    the variables are: 'sum.V', 'input_to_sum.in_syn', "
     "'counts.Scount'"},
    {"CountIsSet", [](Session& s) { s.set_variable("counts", "Scount", std::vector<float>(4)); },
     "variable 'counts.Scount': it counts, and holds no float32\n    set variables of type float32 only"},
};

INSTANTIATE_TEST_SUITE_P(Calls, RuntimeSessionErrors, testing::ValuesIn(bad_calls),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(RuntimeSession, VariablesAreReadAndSetByName) {
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session();
    EXPECT_THAT(numbers(session.variable("sum", "V")), ElementsAre(10, 20, 30, 40));
    EXPECT_EQ(session.variable("sum", "V").shape(), (mlgenn::Shape{2, 2}));
    session.set_variable("sum", "V", std::vector<float>{1, 2, 3, 4});
    session.push_spikes("events", one_id);
    session.step(2);
    EXPECT_THAT(session.trace("v").subspan(4), ElementsAre(1, 2, 3, 4));
    std::vector<float> counts(4);
    session.read_variable("counts", "Scount", counts);
    EXPECT_THAT(counts, ElementsAre(0, 1, 0, 0));
}

TEST(RuntimeSession, SeveralSessionsLiveApartAndOutliveTheNetwork) {
    std::optional<CompiledNetwork> network(counting_network::make(2, 3));
    Session first = network->open_session();
    Session second = network->open_session();
    first.push_spikes("events", one_id);
    first.step(2);
    network.reset();
    second.step(2);
    EXPECT_THAT(numbers(first.output("counts")), ElementsAre(0, 1, 0, 0));
    EXPECT_THAT(numbers(second.output("counts")), ElementsAre(0, 0, 0, 0));
    Session moved = std::move(first);
    moved.step(1);
    EXPECT_EQ(moved.position(), 3U);
    EXPECT_EQ(moved.latency().num_steps, 3U);
    moved.reset();
    EXPECT_EQ(moved.position(), 0U);
    EXPECT_EQ(moved.latency().num_steps, 0U);
    EXPECT_THAT(numbers(moved.output("counts")), ElementsAre(0, 0, 0, 0));
}

TEST(RuntimeSession, AResetSessionIsAsNew) {
    const Inputs inputs = counting_network::inputs(num_windows);
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session();
    push(session, inputs);
    session.step(17);
    const auto before = everything(session);
    session.reset();
    session.step(2);
    EXPECT_TRUE(session.spikes("events.spikes").ids.empty()) << "pushed input is forgotten";
    session.reset();
    push(session, inputs);
    session.step(17);
    EXPECT_EQ(everything(session), before);
}

TEST(RuntimeSession, CodeThatMakesWholeExamplesOpensNoSession) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.steppable = false;
    plan.schedule = "collapsed";
    const CompiledNetwork network(
        plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 1, 1, nullptr), {}, 1);
    EXPECT_EQ(message_of([&] { static_cast<void>(network.open_session()); }),
              "network 'counting': schedule 'collapsed' makes whole examples at once, so that it cannot be stepped\n"
              "    compile with another schedule to open a session");
}

TEST(RuntimeSession, SnapshotsGoOnInAnotherSession) {
    const Inputs inputs = counting_network::inputs(num_windows);
    CompiledNetwork network = counting_network::make(1, 1);
    Session session = network.open_session({.window = 4, .reset_time = false});
    push(session, inputs);
    session.step(11);
    const std::vector<std::byte> snapshot = session.snapshot();
    EXPECT_EQ(session.snapshot(), snapshot);
    // Another object made from the same plan, opened with other options.
    CompiledNetwork other = counting_network::make(1, 1);
    Session restored = other.open_session();
    restored.push_spikes("events", one_id);
    restored.step(3);
    restored.restore(snapshot);
    EXPECT_EQ(restored.position(), 11U);
    EXPECT_EQ(numbers(restored.window_output("sum")), numbers(session.window_output("sum")));
    EXPECT_EQ(restored.snapshot(), snapshot);
    while (session.position() < num_windows * num_timesteps) {
        session.step(5);
        restored.step(5);
        EXPECT_EQ(everything(restored), everything(session));
        EXPECT_EQ(numbers(restored.output("clock")), numbers(session.output("clock")));
    }
}

class RuntimeSnapshots : public testing::Test {
protected:
    RuntimeSnapshots() {
        push(session_, counting_network::inputs(num_windows));
        session_.step(8);
        snapshot_ = session_.snapshot();
        before_ = everything(session_);
    }

    std::string restoring(const std::vector<std::byte>& bytes) {
        const std::string message = message_of([&] { session_.restore(bytes); });
        EXPECT_EQ(everything(session_), before_) << "a refused snapshot changes nothing";
        return message;
    }
    /// A snapshot with a true checksum, whatever its content.
    std::string restoring(const std::function<void(mlgenn::runtime::SessionState&)>& change) {
        const std::uint64_t network = mlgenn::runtime::network_fingerprint(session_.plan());
        auto state = mlgenn::runtime::decode_snapshot(session_.plan(), network, snapshot_);
        change(state);
        return restoring(mlgenn::runtime::encode_snapshot(network, state));
    }

    CompiledNetwork network_ = counting_network::make(1, 1);
    Session session_ = network_.open_session();
    std::vector<std::byte> snapshot_{};
    std::vector<double> before_{};
};

TEST_F(RuntimeSnapshots, EveryDamagedByteIsNoticed) {
    for (std::size_t k = 0; k < snapshot_.size(); ++k) {
        std::vector<std::byte> damaged = snapshot_;
        damaged[k] ^= std::byte{0x10};
        EXPECT_THAT(restoring(damaged), HasSubstr("snapshot for network 'counting': ")) << k;
    }
    for (std::size_t size = 0; size < snapshot_.size(); ++size) {
        const std::vector<std::byte> cut(snapshot_.begin(), snapshot_.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_THAT(restoring(cut), HasSubstr("snapshot for network 'counting': ")) << size;
    }
}

TEST_F(RuntimeSnapshots, SayWhatDoesNotFit) {
    EXPECT_EQ(restoring(std::vector<std::byte>(7)),
              "snapshot for network 'counting': 7 bytes found, but the header alone has 40\n"
              "    take the snapshot again: these bytes are damaged");
    std::vector<std::byte> changed = snapshot_;
    changed[8] = std::byte{9};
    EXPECT_EQ(restoring(changed),
              "snapshot for network 'counting': it has format version 9, but this build reads version 1\n"
              "    take the snapshot with this version of mlgenn");
    changed = snapshot_;
    changed.push_back(std::byte{0});
    EXPECT_THAT(restoring(changed),
                HasSubstr(std::to_string(snapshot_.size() - 39) + " bytes follow the header, which announces " +
                          std::to_string(snapshot_.size() - 40)));
    mlgenn::ExecutionPlan plan = counting_network::plan();
    counting_network::Constants constants;
    constants.weight[2] = 5.0F;
    const auto bytes = std::as_bytes(std::span(&constants, 1));
    plan.constants = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    CompiledNetwork other(
        plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 1, 1, nullptr), {}, 1);
    Session session = other.open_session();
    EXPECT_THAT(message_of([&] { session.restore(snapshot_); }), HasSubstr("it belongs to a network with fingerprint"));
}

TEST_F(RuntimeSnapshots, ContentThatContradictsItselfIsRefused) {
    EXPECT_THAT(restoring([](auto& state) { state.steps_in_window = 9; }), HasSubstr("step 9 of a window of 6"));
    EXPECT_THAT(restoring([](auto& state) { state.workspace.pop_back(); }), HasSubstr("bytes of state found"));
    EXPECT_THAT(restoring([](auto& state) { state.window_outputs.clear(); }),
                HasSubstr("0 bytes of readouts found, 40 expected"));
    EXPECT_THAT(restoring([](auto& state) { state.inputs.pop_back(); }), HasSubstr("1 inputs found, 2 expected"));
    EXPECT_THAT(restoring([](auto& state) { state.inputs[1].events[0].id = 4; }),
                HasSubstr("input 'events' has an event with id 4, of 4 neurons"));
    EXPECT_THAT(restoring([](auto& state) { state.inputs[1].events[0].step = 7; }),
                HasSubstr("input 'events' holds something for step 7, expected at least 8"));
    EXPECT_THAT(restoring([](auto& state) {
                    state.inputs[1].waiting = {{2, 0}};
                }),
                HasSubstr("has 0 waiting events of neuron 2"));
    EXPECT_THAT(restoring([](auto& state) {
                    state.inputs[0].events = {{9, 0}};
                }),
                HasSubstr("input 'values' holds the other kind of input"));
    EXPECT_THAT(restoring([](auto& state) { state.inputs[0].changes[9] = {1.0F}; }),
                HasSubstr("1 input values found, 4 expected"));
}

/// Generated code follows the ids in spike queues without looking.
TEST_F(RuntimeSnapshots, SpikesOfNeuronsThatDoNotExistAreRefused) {
    using mlgenn::runtime::decode_snapshot;
    mlgenn::ExecutionPlan plan = session_.plan();
    const std::uint64_t network = mlgenn::runtime::network_fingerprint(plan);
    const auto state = decode_snapshot(plan, network, snapshot_);
    const auto with_word = [&](std::size_t offset, std::uint32_t word) {
        auto changed = state;
        std::memcpy(changed.workspace.data() + offset, &word, sizeof(word));
        return message_of([&] {
            static_cast<void>(decode_snapshot(plan, network, mlgenn::runtime::encode_snapshot(network, changed)));
        });
    };
    constexpr std::size_t row = offsetof(counting_network::State, in_flight);
    plan.queues = {{.population = "events", .num_neurons = 4, .slots = 1, .slot_bytes = 4, .workspace_offset = row}};
    EXPECT_EQ(with_word(row, 15), "nothing was thrown");
    EXPECT_THAT(with_word(row, 16), HasSubstr("a spike of 'events' has id 4, of 4 neurons"));
    constexpr std::size_t ids = offsetof(counting_network::State, sum);
    plan.queues = {{.population = "events",
                    .num_neurons = 4,
                    .slots = 1,
                    .slot_bytes = 16,
                    .workspace_offset = ids,
                    .counts_offset = row}};
    EXPECT_EQ(with_word(row, 0), "nothing was thrown");
    EXPECT_THAT(with_word(row, 5), HasSubstr("a step of 'events' has 5 spikes, of 4 neurons"));
    EXPECT_THAT(with_word(row, 1), HasSubstr("a spike of 'events' has id"));
}

}  // namespace
