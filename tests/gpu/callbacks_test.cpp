// SPDX-License-Identifier: Apache-2.0
// Callbacks on both back ends: the same hooks in the same order, the same data, and the same way out of an exception.
#include "tests/gpu/networks.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/callback_log.h"

namespace mlgenn::testing {
namespace {

using test_support::CallbackLog;
using test_support::HookFailed;

class CallbacksOnGpu : public StandInGpu {
protected:
    [[nodiscard]] CompiledNetwork compile(const std::string& backend, const std::string& schedule) const {
        CompilerOptions options;
        options.example_timesteps = case_.timesteps;
        options.batch_size = 2;
        options.backend = backend;
        options.schedule = schedule;
        options.num_threads = 3;
        options.cache_dir = MLGENN_TEST_CACHE;
        options.callbacks = {
            SpikeRecorder{.population = "hidden", .key = "spikes"},
            SpikeRecorder{.population = "hidden",
                          .key = "counts",
                          .example_filter = {0, 3},
                          .neuron_filter = Slice{.start = 1, .step = 3},
                          .record_counts = true},
            VarRecorder{.population = "hidden", .variable = "V", .key = "v", .example_filter = {true, false, true}},
            VarRecorder{.population = "input", .variable = "Input", .example_filter = 1},
            VarRecorder{.population = "output", .variable = "Scount"},
            ConnVarRecorder{.connection = "input_to_hidden", .example_filter = 0, .trg_neuron_filter = {3, 5}}};
        return InferenceCompiler(options).compile(case_.network);
    }

    NetworkCase case_ = network_case("dense_if");
};

Results bytes_of(const CallbackData& data) {
    Results results;
    for (const auto& [key, value] : data) {
        if (const auto* trains = std::get_if<SpikeTrains>(&value)) {
            for (std::size_t example = 0; example < trains->ids.size(); ++example) {
                const auto times = std::as_bytes(std::span(trains->times[example]));
                const auto ids = std::as_bytes(std::span(trains->ids[example]));
                const std::string name = key + " of example " + std::to_string(example);
                results[name + ", times"] = {times.begin(), times.end()};
                results[name + ", ids"] = {ids.begin(), ids.end()};
            }
        } else if (const auto* arrays = std::get_if<std::vector<Array>>(&value)) {
            for (std::size_t k = 0; k < arrays->size(); ++k) {
                const auto bytes = (*arrays)[k].bytes();
                results[key + " " + std::to_string(k) + " " + to_string((*arrays)[k].shape())] = {bytes.begin(),
                                                                                                  bytes.end()};
            }
        }
    }
    return results;
}

/// Adds to the membrane potential, so that reading and writing state show in every result.
CallbackSpec raise_potential() {
    return CustomUpdate{.when = CustomUpdate::When::timestep_end,
                        .update =
                            [](RunContext& run, std::size_t) {
                                Array v = run.read("hidden", "v");
                                for (float& value : v.as_mutable<float>()) {
                                    value += 0.125F;
                                }
                                run.write("hidden", "v", v);
                            },
                        .filter = [](std::size_t timestep) { return timestep % 3 == 1; }};
}

TEST_F(CallbacksOnGpu, HooksAndDataAreThoseOfTheCpu) {
    CompiledNetwork reference = compile("llvm", "auto");
    for (const char* schedule : {"whole_sequence", "step"}) {
        CompiledNetwork network = compile("cuda", schedule);
        for (const HookLevel level : {HookLevel::test, HookLevel::batch, HookLevel::timestep}) {
            std::string expected_log;
            std::string log;
            EvaluateOptions expected_run;
            expected_run.callbacks = {std::make_shared<CallbackLog>(expected_log, level)};
            EvaluateOptions run;
            run.callbacks = {std::make_shared<CallbackLog>(log, level)};
            if (level == HookLevel::timestep) {
                expected_run.callbacks.push_back(raise_potential());
                run.callbacks.push_back(raise_potential());
            }
            const Evaluation expected = reference.evaluate(case_.inputs, case_.targets, expected_run);
            const Evaluation found = network.evaluate(case_.inputs, case_.targets, run);
            const std::string what = std::string(schedule) + ", level " + std::to_string(static_cast<int>(level));
            EXPECT_EQ(log, expected_log) << what;
            EXPECT_EQ(found.metrics.at(0).value, expected.metrics.at(0).value) << what;
            expect_same_bits(bytes_of(expected.callback_data), bytes_of(found.callback_data), what);
            EXPECT_FALSE(std::get<SpikeTrains>(found.callback_data.at("spikes")).ids.at(0).empty());
        }
    }
}

TEST_F(CallbacksOnGpu, AnExceptionLeavesTheNetworkUsable) {
    for (const char* backend : {"llvm", "cuda"}) {
        CompiledNetwork network = compile(backend, backend == std::string("llvm") ? "auto" : "whole_sequence");
        const Results expected = bytes_of(network.predict(case_.inputs).callback_data);
        for (const char* hook : {"test_begin", "batch_begin", "timestep_begin", "timestep_end", "batch_end", "progress",
                                 "test_end", "data"}) {
            std::string log;
            const auto failing = std::make_shared<CallbackLog>(log, HookLevel::timestep, "", hook);
            EXPECT_THROW(static_cast<void>(network.predict(case_.inputs, {.callbacks = {failing}})), HookFailed)
                << backend << ", " << hook;
            expect_same_bits(expected, bytes_of(network.predict(case_.inputs).callback_data),
                             std::string(backend) + " after " + hook);
        }
    }
}

TEST_F(CallbacksOnGpu, RecordingsThatNobodyWantsStayOnTheDevice) {
    CompilerOptions options;
    options.example_timesteps = case_.timesteps;
    options.batch_size = 2;
    options.backend = "cuda";
    options.cache_dir = MLGENN_TEST_CACHE;
    options.recordings = {{.population = "hidden", .returned = false}};
    options.metrics = {{"output", {"sparse_categorical_accuracy"}}};
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    configure({});
    (void)network.evaluate(case_.inputs, case_.targets);
    const auto without_rows = counters().bytes_downloaded;
    EXPECT_LT(without_rows, 100) << "sums of scores";
    configure({});
    EvaluateOptions run;
    run.callbacks = {SpikeRecorder{.population = "hidden", .example_filter = 0}};
    (void)network.evaluate(case_.inputs, case_.targets, run);
    const std::size_t row_bytes = network.plan().recordings.at(0).row_bytes;
    EXPECT_EQ(counters().bytes_downloaded, without_rows + 2 * case_.timesteps * row_bytes)
        << "and the rows of one batch";
}

}  // namespace
}  // namespace mlgenn::testing
