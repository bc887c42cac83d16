// SPDX-License-Identifier: Apache-2.0
// Hooks around a call: their order, what they see, and what happens when they throw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "tests/support/callback_log.h"
#include "tests/unit/counting_network.h"

namespace {

using mlgenn::Array;
using mlgenn::CallbackFunctions;
using mlgenn::CallbackSpec;
using mlgenn::CompiledNetwork;
using mlgenn::DescriptionError;
using mlgenn::HookLevel;
using mlgenn::Inputs;
using mlgenn::Predictions;
using mlgenn::ResetOptions;
using mlgenn::Targets;
using mlgenn::test_support::CallbackLog;
using mlgenn::test_support::HookFailed;

constexpr const char* steps = "<0 0> <1 1> <2 2> <3 3> <4 4> <5 5>";

std::string log_of(std::size_t num_examples, std::uint32_t batch_size, HookLevel level, unsigned num_threads = 2) {
    CompiledNetwork network = counting_network::make(num_threads, batch_size);
    std::string log;
    static_cast<void>(network.predict(counting_network::inputs(num_examples),
                                      {.callbacks = {std::make_shared<CallbackLog>(log, level)}}));
    return log;
}

void expect_equal_outputs(const Predictions& left, const Predictions& right, const std::string& what) {
    for (const char* output : {"counts", "sum"}) {
        const auto left_bytes = left.outputs.at(output).bytes();
        const auto right_bytes = right.outputs.at(output).bytes();
        EXPECT_TRUE(std::equal(left_bytes.begin(), left_bytes.end(), right_bytes.begin(), right_bytes.end()))
            << what << ": " << output;
    }
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

Targets labels(std::size_t num_examples) {
    std::vector<std::uint8_t> values(num_examples);
    for (std::size_t k = 0; k < num_examples; ++k) {
        values[k] = static_cast<std::uint8_t>(k % 4);
    }
    return {{"counts", Array::from(values)}};
}

TEST(Callbacks, HooksComeInOrderForEveryBatchSize) {
    const std::string s = steps;
    EXPECT_EQ(log_of(3, 1, HookLevel::timestep),
              "test[ 0[ " + s + " ]0 1/3 1[ " + s + " ]1 2/3 2[ " + s + " ]2 3/3 ]test");
    EXPECT_EQ(log_of(7, 3, HookLevel::timestep),
              "test[ 0[ " + s + " ]0 3/7 1[ " + s + " ]1 6/7 2[ " + s + " ]2 7/7 ]test");
    EXPECT_EQ(log_of(7, 7, HookLevel::timestep), "test[ 0[ " + s + " ]0 7/7 ]test");
    EXPECT_EQ(log_of(7, 3, HookLevel::batch), "test[ 0[ ]0 3/7 1[ ]1 6/7 2[ ]2 7/7 ]test");
    EXPECT_EQ(log_of(7, 3, HookLevel::progress), "test[ 7/7 ]test");
    EXPECT_EQ(log_of(7, 3, HookLevel::test), "test[ ]test");
}

TEST(Callbacks, TheCompilersComeFirstAndEveryoneKeepsItsLevel) {
    std::string log;
    CompiledNetwork network = counting_network::make(
        2, 4, {}, {.callbacks = {std::make_shared<CallbackLog>(log, HookLevel::batch, "compiler:")}});
    static_cast<void>(network.predict(counting_network::inputs(4),
                                      {.callbacks = {std::make_shared<CallbackLog>(log, HookLevel::timestep, "a:"),
                                                     std::make_shared<CallbackLog>(log, HookLevel::test, "b:")}}));
    EXPECT_EQ(log,
              "compiler:test[ a:test[ b:test[ compiler:0[ a:0[ a:<0 a:0> a:<1 a:1> a:<2 a:2> a:<3 a:3> a:<4 a:4> "
              "a:<5 a:5> compiler:]0 a:]0 compiler:4/4 a:4/4 compiler:]test a:]test b:]test");
}

TEST(Callbacks, AnyLevelGivesTheSameResults) {
    const Inputs inputs = counting_network::inputs(11);
    const ResetOptions carried{.time = false, .vars = false, .in_syn = false, .in_flight = false};
    for (const ResetOptions& reset : {ResetOptions{}, carried}) {
        CompiledNetwork reference = counting_network::make(1, 4, reset);
        const Predictions expected = reference.predict(inputs);
        for (const HookLevel level : {HookLevel::progress, HookLevel::batch, HookLevel::timestep}) {
            for (const unsigned num_threads : {1U, 3U}) {
                std::string log;
                CompiledNetwork network = counting_network::make(num_threads, 4, reset);
                expect_equal_outputs(
                    network.predict(inputs, {.callbacks = {std::make_shared<CallbackLog>(log, level)}}), expected,
                    "level " + std::to_string(static_cast<int>(level)));
            }
        }
    }
}

TEST(Callbacks, MetricsAreThoseOfTheExamplesSoFar) {
    CompiledNetwork network = counting_network::make(2, 3);
    const Inputs inputs = counting_network::inputs(7);
    std::vector<double> values;
    std::vector<std::uint64_t> counts;
    mlgenn::EvaluateOptions options;
    options.callbacks = {CallbackFunctions{.on_batch_end = [&](std::size_t, auto metrics) {
        ASSERT_EQ(metrics.size(), 1U);
        EXPECT_EQ(metrics[0].output, "counts");
        values.push_back(metrics[0].value);
        counts.push_back(metrics[0].num_examples);
    }}};
    const mlgenn::Evaluation evaluation = network.evaluate(inputs, labels(7), options);
    EXPECT_THAT(counts, testing::ElementsAre(3, 6, 7));
    CompiledNetwork reference = counting_network::make(1, 3);
    for (std::size_t batch = 0; batch < counts.size(); ++batch) {
        const std::size_t n = counts[batch];
        EXPECT_EQ(values[batch], reference.evaluate(counting_network::inputs(n), labels(n)).metrics[0].value) << n;
    }
    EXPECT_EQ(values.back(), evaluation.metrics[0].value);
}

TEST(Callbacks, AnExceptionInAnyHookEndsTheCallAndLeavesTheNetworkUsable) {
    const Inputs inputs = counting_network::inputs(9);
    const ResetOptions carried{.time = false, .vars = false, .in_syn = false, .in_flight = false};
    for (const unsigned num_threads : {1U, 4U}) {
        for (const char* hook : {"begin_run", "test_begin", "batch_begin", "timestep_begin", "timestep_end",
                                 "batch_end", "progress", "test_end", "data"}) {
            CompiledNetwork network = counting_network::make(num_threads, 4, carried);
            std::string log;
            const auto failing = std::make_shared<CallbackLog>(log, HookLevel::timestep, "", hook);
            try {
                static_cast<void>(network.predict(inputs, {.callbacks = {failing}}));
                ADD_FAILURE() << "no exception from " << hook;
            } catch (const HookFailed& error) {
                EXPECT_STREQ(error.what(), hook);
            }
            if (std::string(hook) == "data") {
                network.reset();
            }
            CompiledNetwork reference = counting_network::make(1, 4, carried);
            expect_equal_outputs(network.predict(inputs), reference.predict(inputs), hook);
        }
    }
}

TEST(Callbacks, ANetworkCannotBeUsedByItsOwnCallbacks) {
    CompiledNetwork network = counting_network::make(2, 2);
    const Inputs inputs = counting_network::inputs(3);
    const CallbackSpec nested =
        CallbackFunctions{.on_batch_end = [&](std::size_t, auto) { static_cast<void>(network.predict(inputs)); }};
    EXPECT_EQ(message_of([&] { static_cast<void>(network.predict(inputs, {.callbacks = {nested}})); }),
              "network 'counting': it is running, and one of its callbacks uses it\n"
              "    use another compiled network in callbacks");
    EXPECT_NO_THROW(static_cast<void>(network.predict(inputs)));
}

TEST(Callbacks, CodeThatMakesWholeExamplesHasNoTimesteps) {
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.steppable = false;
    plan.schedule = "at_once";
    CompiledNetwork network(
        plan, mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 2, 3, nullptr), {}, 3);
    std::string log;
    const auto run_at = [&](HookLevel level) {
        static_cast<void>(
            network.predict(counting_network::inputs(3), {.callbacks = {std::make_shared<CallbackLog>(log, level)}}));
    };
    EXPECT_EQ(message_of([&] { run_at(HookLevel::timestep); }),
              "callbacks of network 'counting': they have hooks at every timestep, but schedule 'at_once' makes whole "
              "examples at once\n    compile with another schedule");
    EXPECT_NO_THROW(run_at(HookLevel::batch));
}

CallbackSpec giving(const std::string& key, double value) {
    return CallbackFunctions{
        .data = [key, value] { return std::pair<std::string, mlgenn::CallbackValue>(key, value); }};
}

TEST(Callbacks, DataComesBackByKeyOrPosition) {
    CompiledNetwork network = counting_network::make(1, 2, {}, {.callbacks = {giving("", 1.0), CallbackFunctions{}}});
    const Inputs inputs = counting_network::inputs(2);
    const Predictions result = network.predict(inputs, {.callbacks = {giving("mine", 2.0), giving("", 3.0)}});
    EXPECT_EQ(result.callback_data.size(), 3U);
    EXPECT_EQ(std::get<double>(result.callback_data.at("0")), 1.0);
    EXPECT_EQ(std::get<double>(result.callback_data.at("mine")), 2.0);
    EXPECT_EQ(std::get<double>(result.callback_data.at("3")), 3.0);
    EXPECT_EQ(message_of([&] {
                  static_cast<void>(network.predict(inputs, {.callbacks = {giving("a", 1.0), giving("a", 2.0)}}));
              }),
              "callback 3: its data has the key 'a', as another callback's\n    give every callback a key of its own");
}

TEST(Callbacks, OtherNamesAndNullPointersAreRefused) {
    EXPECT_EQ(message_of([] { CallbackSpec("progress"); }),
              "callback 'progress': there is no callback of this name\n"
              "    use batch_progress_bar, or give a callback object");
    EXPECT_EQ(message_of([] { CallbackSpec(std::shared_ptr<CallbackLog>()); }),
              "a list of callbacks: it holds a null pointer\n    leave the entry out");
    EXPECT_EQ(message_of([] { CallbackSpec(mlgenn::CustomUpdate{}); }),
              "a CustomUpdate: it has no function\n    set update to what it should do");
}

TEST(Callbacks, TheProgressBarEndsAtAllBatches) {
    std::ostringstream out;
    CompiledNetwork network =
        counting_network::make(2, 3, {}, {.callbacks = {std::make_shared<mlgenn::BatchProgressBar>(out)}});
    static_cast<void>(network.evaluate(counting_network::inputs(7), labels(7)));
    EXPECT_THAT(out.str(), testing::StartsWith("\r["));
    EXPECT_THAT(out.str(), testing::HasSubstr("[################################] 3/3 batches  counts "
                                              "sparse_categorical_accuracy: 0."));
    EXPECT_EQ(out.str().back(), '\n');
}

/// Runs `update` at every batch begin and returns V after the first step.
std::vector<float> v_after(std::size_t num_examples, const std::function<void(mlgenn::RunContext&)>& update) {
    CompiledNetwork network = counting_network::make(2, 4);
    std::vector<float> v;
    const mlgenn::CustomUpdate change{.update = [&](mlgenn::RunContext& run, std::size_t) { update(run); }};
    const mlgenn::CustomUpdate look{.when = mlgenn::CustomUpdate::When::timestep_end,
                                    .update =
                                        [&](mlgenn::RunContext& run, std::size_t) {
                                            const Array read = run.read("sum", "V");
                                            EXPECT_EQ(read.shape(), (mlgenn::Shape{num_examples, 2, 2}));
                                            const auto values = read.as<float>();
                                            v.assign(values.begin(), values.end());
                                        },
                                    .filter = [](std::size_t timestep) { return timestep == 0; }};
    static_cast<void>(network.predict(counting_network::inputs(num_examples), {.callbacks = {change, look}}));
    return v;
}

TEST(Callbacks, StateCanBeReadAndWrittenBetweenTimesteps) {
    const std::vector<float> plain = v_after(2, [](mlgenn::RunContext&) {});
    const std::vector<float> filled = v_after(2, [](mlgenn::RunContext& run) { run.fill("sum", "v", 100.0); });
    const std::vector<float> initial = {10.0F, 20.0F, 30.0F, 40.0F};
    ASSERT_EQ(plain.size(), 8U);
    ASSERT_EQ(filled.size(), 8U);
    for (std::size_t k = 0; k < 8; ++k) {
        EXPECT_EQ(filled[k], 100.0F + (plain[k] - initial[k % 4])) << k;
    }
    const std::vector<float> doubled = v_after(2, [&](mlgenn::RunContext& run) {
        Array v = run.read("sum", "V");
        for (float& value : v.as_mutable<float>()) {
            value *= 2.0F;
        }
        run.write("sum", "V", v);
    });
    for (std::size_t k = 0; k < 8; ++k) {
        EXPECT_EQ(doubled[k], plain[k] + initial[k % 4]) << k;
    }
    const std::vector<float> same_for_all = v_after(2, [](mlgenn::RunContext& run) {
        run.write("sum", "V", Array::from(std::vector<float>{0, 0, 0, 0}, {2, 2}));
    });
    for (std::size_t k = 0; k < 8; ++k) {
        EXPECT_EQ(same_for_all[k], plain[k] - initial[k % 4]) << k;
    }
    EXPECT_EQ(v_after(2,
                      [](mlgenn::RunContext& run) {
                          run.fill("sum", "V", -1.0);
                          run.fill("counts", "Scount", 7.0);
                          run.reset();
                      }),
              plain);
    EXPECT_EQ(v_after(2,
                      [](mlgenn::RunContext& run) {
                          run.fill("sum", "V", -1.0);
                          run.reset("sum");
                      }),
              plain);
}

std::string state_error(const std::function<void(mlgenn::RunContext&)>& use) {
    return message_of([&] { v_after(2, use); });
}

TEST(Callbacks, WrongUsesOfStateAreExplained) {
    EXPECT_EQ(state_error([](mlgenn::RunContext& run) { static_cast<void>(run.read("sum", "U")); }),
              "variable 'U' of 'sum': network 'counting' has no such state variable\n"
              "    its variables are: 'sum.V', 'input_to_sum.in_syn', 'counts.Scount'");
    EXPECT_EQ(state_error([](mlgenn::RunContext& run) { run.reset("nobody"); }),
              "resetting 'nobody': network 'counting' has no state variables of it\n"
              "    name a population or a connection that has some");
    EXPECT_EQ(state_error([](mlgenn::RunContext& run) {
                  run.write("sum", "V", Array::from(std::vector<float>{1, 2, 3}));
              }),
              "variable 'V' of 'sum': float32 [3] found, but float32 with 8 elements expected (2 examples), or 4 for "
              "all of them\n    give values as read() does");
    EXPECT_EQ(state_error([](mlgenn::RunContext& run) { run.fill("counts", "Scount", 0.5); }),
              "variable 'Scount' of 'counts': it is uint32, which cannot hold 0.500000\n    give a value of its type");
    CompiledNetwork network = counting_network::make(1, 2);
    mlgenn::RunContext* context = nullptr;
    struct Keeper final : mlgenn::Callback {
        explicit Keeper(mlgenn::RunContext*& kept) : kept_(kept) {}
        [[nodiscard]] HookLevel level() const override { return HookLevel::timestep; }
        void begin_run(mlgenn::RunContext& run) override { kept_ = &run; }
        void on_batch_end(std::size_t, std::span<const mlgenn::MetricResult>) override {
            static_cast<void>(kept_->read("sum", "V"));
        }
        mlgenn::RunContext*& kept_;
    };
    EXPECT_EQ(message_of([&] {
                  static_cast<void>(
                      network.predict(counting_network::inputs(2), {.callbacks = {std::make_shared<Keeper>(context)}}));
              }),
              "reading 'V' of 'sum': no batch is between two timesteps\n"
              "    use it in on_batch_begin, on_timestep_begin or on_timestep_end of a callback whose level is "
              "timestep");
}

}  // namespace
