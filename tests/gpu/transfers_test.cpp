// SPDX-License-Identifier: Apache-2.0
// Inputs on their way to a GPU: compact, one batch ahead, into memory that was reserved before.
#include <algorithm>
#include <limits>

#include "mlgenn/errors.h"
#include "mlgenn/session.h"
#include "tests/gpu/networks.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/message_of.h"

namespace mlgenn::testing {
namespace {

CompilerOptions options_for(const NetworkCase& c, const std::string& backend = "cuda",
                            const std::string& schedule = "auto") {
    CompilerOptions options;
    options.example_timesteps = c.timesteps;
    options.batch_size = 2;
    options.backend = backend;
    options.schedule = schedule;
    options.cache_dir = MLGENN_TEST_CACHE;
    return options;
}

/// "dense_if" with seven images of bytes.
NetworkCase byte_images(DType dtype = DType::u8) {
    NetworkCase c = network_case("dense_if");
    c.num_examples = 7;
    Array images(dtype, {7, 40});
    std::uint32_t byte = 0;
    for (std::byte& pixel : images.mutable_bytes()) {
        byte = byte * 75U + 74U;
        pixel = dtype == DType::boolean ? std::byte(byte / 64U % 2U) : std::byte(byte % 256U);
    }
    c.inputs["input"] = DenseInput{images, dtype == DType::boolean ? 1.3 : 0.0078};
    c.targets["output"] = Array::from(std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6});
    return c;
}

/// Every neuron of a spike input drives one of its own.
NetworkCase wires(std::uint32_t num_neurons, std::vector<std::vector<std::uint32_t>> ids_of_examples,
                  std::uint32_t timesteps) {
    NetworkCase c{.name = "wires",
                  .network = {},
                  .inputs = {},
                  .targets = {},
                  .recordings = {},
                  .timesteps = timesteps,
                  .num_examples = ids_of_examples.size()};
    c.network.name = "wires";
    c.network.populations = {{.name = "events", .shape = {num_neurons}, .neuron = "spike_input"},
                             {.name = "output",
                              .shape = {num_neurons},
                              .neuron = {"integrate_fire", {{"v_thresh", 1.0}}},
                              .readout = "spike_count"}};
    c.network.connections = {
        {.source = "events", .target = "output", .connectivity = {"one_to_one", {{"weight", 1.0}}}}};
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> offsets = {0};
    for (const auto& ids_of_example : ids_of_examples) {
        for (const std::uint32_t id : ids_of_example) {
            // The n-th event of a neuron comes in step n.
            times.push_back(static_cast<float>(std::count(ids.begin() + offsets.back(), ids.end(), id)));
            ids.push_back(id);
        }
        offsets.push_back(static_cast<std::uint32_t>(ids.size()));
    }
    c.inputs["events"] = SpikeInput{Array::from(times), Array::from(ids), Array::from(offsets)};
    return c;
}

/// 1000 neurons, one example of 9000 events.
NetworkCase many_events() {
    std::vector<std::uint32_t> ids;
    for (std::uint32_t event = 0; event < 9000; ++event) {
        ids.push_back(event % 1000);
    }
    return wires(1000, {ids}, 12);
}

class Transfers : public StandInGpu {
protected:
    [[nodiscard]] static Results results(const NetworkCase& c, const CompilerOptions& options) {
        return run_network(c.network, c.inputs, c.targets, options);
    }
    /// On the CPU, and on the GPU with every order that a device may choose.
    void expect_same_everywhere(const NetworkCase& c, std::uint32_t batch_size) const {
        CompilerOptions options = options_for(c, "llvm");
        options.recordings = c.recordings;
        options.batch_size = batch_size;
        const Results expected = results(c, options);
        options.backend = "cuda";
        for (const char* schedule : {"whole_sequence", "step"}) {
            options.schedule = schedule;
            for (const int order : {0, 1, 2, 3}) {
                stand_in::Settings settings;
                settings.descending = order % 2 == 1;
                settings.early_uploads = order >= 2;
                configure(settings);
                expect_same_bits(expected, results(c, options), std::string(schedule) + std::to_string(order));
            }
        }
    }
    [[nodiscard]] CompiledNetwork compile(const NetworkCase& c, const CompilerOptions& options) const {
        return InferenceCompiler(options).compile(c.network);
    }
    [[nodiscard]] std::size_t bytes_for(CompiledNetwork& network, const Inputs& inputs) const {
        const std::size_t before = counters().bytes_uploaded;
        (void)network.predict(inputs);
        return counters().bytes_uploaded - before;
    }
};

TEST_F(Transfers, BytesGiveTheBitsOfTheCpu) {
    expect_same_everywhere(byte_images(), 2);
}

TEST_F(Transfers, TruthValuesGiveTheBitsOfTheCpu) {
    expect_same_everywhere(byte_images(DType::boolean), 3);
}

TEST_F(Transfers, EventsGiveTheBitsOfTheCpu) {
    // Five examples, the last one empty; batches of one, so that every stage is used again.
    expect_same_everywhere(network_case("recurrent_lif"), 1);
}

TEST_F(Transfers, FramesAndExampleNumbersGiveTheBitsOfTheCpu) {
    expect_same_everywhere(network_case("random_inputs"), 2);
}

TEST_F(Transfers, BytesTravelAsBytes) {
    // Per example 40 values and two u32 of its timestep; per stage and scale a table of 256 floats.
    const NetworkCase bytes = byte_images();
    CompiledNetwork network = compile(bytes, options_for(bytes));
    EXPECT_EQ(bytes_for(network, bytes.inputs), 7U * (40 + 8) + 2 * 1024);
    EXPECT_EQ(bytes_for(network, bytes.inputs), 7U * (40 + 8)) << "the tables are there already";
    const NetworkCase floats = network_case("dense_if");
    EXPECT_EQ(bytes_for(network, floats.inputs), 5U * (4 * 40 + 8));
    Inputs brighter = bytes.inputs;
    std::get<DenseInput>(brighter.at("input")).scale = 0.01;
    EXPECT_EQ(bytes_for(network, brighter), 7U * (40 + 8) + 2 * 1024);
}

TEST_F(Transfers, EventIdsTravelInTwoBytesUpTo65536Neurons) {
    for (const std::uint32_t num_neurons : {65536U, 65537U}) {
        const NetworkCase c =
            wires(num_neurons, {{0, 65535, num_neurons - 1}, {}, {7, 7, 300, 65535, 2, 65535}, {1, 65535}}, 3);
        CompiledNetwork network = compile(c, options_for(c));
        // Per example four step offsets, two pointers and its timestep.
        EXPECT_EQ(bytes_for(network, c.inputs), 4U * (16 + 16 + 8) + 11U * (num_neurons == 65536 ? 2 : 4));
        expect_same_bits(results(c, options_for(c, "llvm")), results(c, options_for(c)), std::to_string(num_neurons));
    }
}

TEST_F(Transfers, TheNextBatchIsUploadedWhileOneComputes) {
    const NetworkCase c = byte_images();
    CompilerOptions options = options_for(c);
    options.kernel_profiling = true;
    stand_in::Settings settings;
    settings.early_uploads = true;
    configure(settings);
    CompiledNetwork network = compile(c, options);
    const auto times = [&](const RunOptions& run, const std::string& name) {
        (void)network.predict(c.inputs, run);
        std::vector<double> begins;
        for (const ProfileEvent& event : network.profile().events) {
            if (event.name == name) {
                EXPECT_EQ(event.track, name == "inputs" ? 1U : 0U);
                begins.push_back(event.begin_ms);
            }
        }
        return begins;
    };
    const auto uploads_before_first_run = [&](const RunOptions& run) {
        (void)network.predict(c.inputs, run);
        const KernelProfile profile = network.profile();
        double first_run = std::numeric_limits<double>::infinity();
        for (const ProfileEvent& event : profile.events) {
            first_run = event.name == "run_network" ? std::min(first_run, event.begin_ms) : first_run;
        }
        return std::count_if(profile.events.begin(), profile.events.end(), [&](const ProfileEvent& event) {
            return event.name == "inputs" && event.begin_ms < first_run;
        });
    };
    EXPECT_EQ(times({}, "inputs").size(), 4U);
    EXPECT_EQ(times({}, "run_network").size(), 4U);
    EXPECT_EQ(times({}, "expand_values").size(), 4U);
    EXPECT_EQ(uploads_before_first_run({}), 2);
    RunOptions watched;
    watched.callbacks = {CallbackFunctions{.on_timestep_end = [](std::size_t) {}}};
    EXPECT_EQ(uploads_before_first_run(watched), 1) << "hooks see one batch at a time";
    watched.callbacks = {CallbackFunctions{.on_batch_end = [](std::size_t, std::span<const MetricResult>) {}}};
    EXPECT_EQ(uploads_before_first_run(watched), 1) << "a batch ends before the next one begins";
}

TEST_F(Transfers, NothingIsAllocatedAfterLoading) {
    NetworkCase events = many_events();
    CompilerOptions options = options_for(events);
    options.max_input_events = 9000;
    CompiledNetwork network = compile(events, options);
    const NetworkCase images = byte_images();
    CompiledNetwork other = compile(images, options_for(images, "cuda", "step"));
    configure({});
    for (int call = 0; call < 2; ++call) {
        (void)network.predict(events.inputs);
        (void)other.predict(images.inputs);
        (void)other.evaluate(images.inputs, images.targets);
    }
    EXPECT_EQ(counters().allocations, 0);
}

TEST_F(Transfers, RoomForEventsGrowsWithoutALimit) {
    const NetworkCase c = many_events();
    CompilerOptions options = options_for(c);
    options.batch_size = 1;
    CompiledNetwork network = compile(c, options);
    configure({});
    EXPECT_EQ(network.predict(c.inputs).outputs.at("output").value(999), 9.0);
    EXPECT_EQ(counters().allocations, 2) << "pinned, and on the device";
    (void)network.predict(c.inputs);
    EXPECT_EQ(counters().allocations, 2);
}

TEST_F(Transfers, MoreEventsThanTheLimitAreRefusedOnEveryBackEnd) {
    const NetworkCase c = many_events();
    for (const char* backend : {"cuda", "llvm"}) {
        CompilerOptions options = options_for(c, backend);
        options.max_input_events = 8999;
        CompiledNetwork network = compile(c, options);
        EXPECT_EQ(
            message_of<DescriptionError>([&] { (void)network.predict(c.inputs); }),
            "input 'events': example 0 has 9000 events, but the network was compiled for at most 8999 per example\n"
            "    compile with max_input_events of at least 9000, or leave it out")
            << backend;
        const NetworkCase fewer = wires(1000, {{}, {5, 5, 999}}, 12);
        EXPECT_EQ(network.predict(fewer.inputs).outputs.at("output").value(1005), 2.0) << "the network is usable";
    }
    CompilerOptions options = options_for(c);
    options.max_input_events = 0;
    EXPECT_EQ(message_of<DescriptionError>([&] { (void)InferenceCompiler(options); }),
              "option max_input_events: it is 0, so that no example could have a spike\n"
              "    set the number of events of the fullest example, or leave the option out");
}

TEST_F(Transfers, TheEstimateIsWhatIsAllocated) {
    for (NetworkCase c : {network_case("dense_if"), network_case("recurrent_lif"), network_case("random_inputs")}) {
        for (const std::optional<std::uint32_t> limit : {std::optional<std::uint32_t>(), std::optional(150U)}) {
            CompilerOptions options = options_for(c);
            options.recordings = c.recordings;
            options.batch_size = 3;
            options.max_input_events = limit;
            const CompiledNetwork network = compile(c, options);
            EXPECT_EQ(counters().live_bytes, network.memory_bytes()) << c.name;
        }
    }
}

TEST_F(Transfers, TheLimitDecidesHowMuchMemoryEventsTake) {
    const NetworkCase c = many_events();
    const auto memory = [&](std::optional<std::uint32_t> limit) {
        CompilerOptions options = options_for(c);
        options.max_input_events = limit;
        return compile(c, options).memory_bytes();
    };
    // Two stages of two examples of u16.
    EXPECT_EQ(memory(9000) - memory(1000), 2U * 2 * 2 * 8000);
    EXPECT_EQ(memory({}), memory(8192));
    EXPECT_EQ(memory(1000000), memory(12000)) << "there are not more than neurons * timesteps";
}

TEST_F(Transfers, MemoryThatEndsWhileLoadingLeavesNothingBehind) {
    const NetworkCase c = network_case("recurrent_lif");
    CompilerOptions options = options_for(c);
    options.kernel_profiling = true;
    int failures = 0;
    for (bool loaded = false; !loaded;) {
        stand_in::Settings settings;
        settings.failing_allocation = failures + 1;
        configure(settings);
        const std::string message = message_of<DeviceError>([&] { (void)compile(c, options); });
        loaded = message == "nothing was thrown";
        failures += loaded ? 0 : 1;
        EXPECT_TRUE(loaded || message.find("stand-in GPU: no memory for ") == 0) << message;
        EXPECT_EQ(counters().live_allocations, 0) << message;
        EXPECT_EQ(counters().live_pinned, 0) << message;
    }
    EXPECT_GT(failures, 20);
}

TEST_F(Transfers, AnInputThatIsRefusedWhileABatchComputesLeavesTheNetworkUsable) {
    const NetworkCase c = network_case("recurrent_lif");
    CompiledNetwork network = compile(c, options_for(c));
    const Predictions expected = network.predict(c.inputs);
    Inputs bad = c.inputs;
    auto& events = std::get<SpikeInput>(bad.at("events"));
    events.times_ms = Array::from(events.times_ms.to_f32());
    // Example 3 is in the second batch.
    const auto event = static_cast<std::size_t>(events.offsets.value(3));
    events.times_ms.as_mutable<float>()[event] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(message_of<DescriptionError>([&] { (void)network.predict(bad); }),
              "input 'events': event " + std::to_string(event) +
                  " (example 3) has time NaN\n    give every event a time in ms");
    const Predictions again = network.predict(c.inputs);
    const auto left = expected.outputs.at("output").bytes();
    const auto right = again.outputs.at("output").bytes();
    EXPECT_TRUE(std::equal(left.begin(), left.end(), right.begin(), right.end()));
}

TEST_F(Transfers, SessionsTakeNarrowIdsToo) {
    const NetworkCase c = wires(300, {{}}, 10);
    for (const char* backend : {"llvm", "cuda"}) {
        const CompiledNetwork network = compile(c, options_for(c, backend));
        Session session = network.open_session();
        const std::vector<std::uint64_t> steps = {0, 1, 1, 3};
        const std::vector<std::uint32_t> ids = {299, 7, 299, 256};
        session.push_events("events", steps, ids);
        session.step(10);
        const Array counts = session.output("output");
        EXPECT_EQ(counts.value(299), 2.0) << backend;
        EXPECT_EQ(counts.value(256), 1.0) << backend;
        EXPECT_EQ(counts.value(7), 1.0) << backend;
        EXPECT_EQ(counts.value(43), 0.0) << backend;
    }
}

}  // namespace
}  // namespace mlgenn::testing
