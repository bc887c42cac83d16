// SPDX-License-Identifier: Apache-2.0
// Runs that are watched between timesteps: the same results, state that can be read and changed, clean failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "tests/support/observing_executor.h"
#include "tests/unit/counting_network.h"

namespace {

using counting_network::num_timesteps;
using mlgenn::CompiledNetwork;
using mlgenn::Predictions;
using mlgenn::ResetOptions;
using mlgenn::StepBatch;

constexpr ResetOptions carry_all{.time = false, .vars = false, .in_syn = false, .in_flight = false};
constexpr std::size_t v_offset = offsetof(counting_network::State, v);

struct Watcher final : mlgenn::StepObserver {
    std::function<void(const StepBatch&, std::uint32_t)> begins = [](const StepBatch&, std::uint32_t) {};
    std::function<void(const StepBatch&, std::uint32_t)> ends = begins;

    void step_begins(const StepBatch& batch, std::uint32_t step) override { begins(batch, step); }
    void step_ends(const StepBatch& batch, std::uint32_t step) override { ends(batch, step); }
};

CompiledNetwork make_observed(Watcher& watcher, std::uint32_t num_threads, std::uint32_t batch_size,
                              ResetOptions reset = {}) {
    auto executor = mlgenn::make_cpu_executor(counting_network::plan(), counting_network::run,
                                              counting_network::scores(), num_threads, batch_size, nullptr);
    return {counting_network::plan(),
            std::make_unique<mlgenn::test_support::ObservingExecutor>(std::move(executor), batch_size, watcher), reset,
            batch_size};
}

void expect_same_bytes(const mlgenn::Array& left, const mlgenn::Array& right) {
    EXPECT_TRUE(std::equal(left.bytes().begin(), left.bytes().end(), right.bytes().begin(), right.bytes().end()));
}

void expect_same(const Predictions& left, const Predictions& right) {
    for (const char* output : {"counts", "sum"}) {
        expect_same_bytes(left.outputs.at(output), right.outputs.at(output));
    }
    expect_same_bytes(left.recordings.traces.at("v"), right.recordings.traces.at("v"));
    for (std::size_t e = 0; e < left.recordings.spikes.at("events.spikes").size(); ++e) {
        EXPECT_EQ(left.recordings.spikes.at("events.spikes")[e].steps,
                  right.recordings.spikes.at("events.spikes")[e].steps);
        EXPECT_EQ(left.recordings.spikes.at("events.spikes")[e].ids,
                  right.recordings.spikes.at("events.spikes")[e].ids);
    }
}

TEST(RuntimeStepwise, GivesTheSameResultsWithAnyResets) {
    const mlgenn::Inputs inputs = counting_network::inputs(23);
    for (const ResetOptions& reset : {ResetOptions{}, carry_all, ResetOptions{.in_flight = false}}) {
        for (const std::uint32_t num_threads : {1, 3}) {
            for (const std::uint32_t batch_size : {1, 5, 30}) {
                Watcher watcher;
                CompiledNetwork observed = make_observed(watcher, num_threads, batch_size, reset);
                CompiledNetwork network = counting_network::make(num_threads, batch_size, reset);
                expect_same(observed.predict(inputs), network.predict(inputs));
                expect_same(observed.predict(inputs), network.predict(inputs));
            }
        }
    }
}

TEST(RuntimeStepwise, StateIsReadAfterEveryStep) {
    Watcher watcher;
    std::vector<std::string> order;
    std::vector<float> seen(7 * num_timesteps * 4);
    watcher.begins = [&](const StepBatch& batch, std::uint32_t step) {
        order.push_back("begin " + std::to_string(batch.first_example) + " " + std::to_string(step));
    };
    watcher.ends = [&](const StepBatch& batch, std::uint32_t step) {
        order.push_back("end " + std::to_string(batch.num_examples) + " " + std::to_string(step));
        for (std::uint32_t slot = 0; slot < batch.num_examples; ++slot) {
            const std::size_t row = (batch.first_example + slot) * num_timesteps + step;
            batch.memory.read(slot, v_offset, std::as_writable_bytes(std::span(seen).subspan(row * 4, 4)));
        }
    };
    CompiledNetwork network = make_observed(watcher, 2, 4);
    const Predictions result = network.predict(counting_network::inputs(7));
    const auto trace = result.recordings.traces.at("v").as<float>();
    EXPECT_EQ(seen, std::vector<float>(trace.begin(), trace.end()));
    ASSERT_EQ(order.size(), 2 * 2 * num_timesteps);
    EXPECT_EQ(order[0], "begin 0 0");
    EXPECT_EQ(order[1], "end 4 0");
    EXPECT_EQ(order.back(), "end 3 5");
}

TEST(RuntimeStepwise, WhatIsWrittenIsWhatTheNextStepStartsFrom) {
    Watcher watcher;
    const std::vector<float> zeros(4, 0.0F);
    watcher.begins = [&](const StepBatch& batch, std::uint32_t step) {
        if (step == 3) {
            batch.memory.write(0, v_offset, std::as_bytes(std::span(zeros)));
        }
    };
    CompiledNetwork network = make_observed(watcher, 1, 1);
    const Predictions result = network.predict(counting_network::inputs(1));
    // 0.25 * 2 arrives at neuron 1 in every step.
    EXPECT_EQ(result.recordings.traces.at("v").as<float>()[2 * 4 + 1], 20.0F + 3 * 0.5F);
    EXPECT_EQ(result.recordings.traces.at("v").as<float>()[3 * 4 + 1], 0.5F);
}

TEST(RuntimeStepwise, AnObserverThatThrowsEndsTheRunAndForgetsState) {
    const mlgenn::Inputs inputs = counting_network::inputs(12);
    Watcher watcher;
    CompiledNetwork network = make_observed(watcher, 2, 4, carry_all);
    const Predictions first = network.predict(inputs);
    watcher.ends = [](const StepBatch& batch, std::uint32_t step) {
        if (batch.first_example == 4 && step == 2) {
            throw std::runtime_error("enough");
        }
    };
    EXPECT_THROW(static_cast<void>(network.predict(inputs)), std::runtime_error);
    watcher.ends = watcher.begins;
    expect_same(network.predict(inputs), first);
}

TEST(RuntimeStepwise, AccessOutsideTheWorkspaceIsRefused) {
    Watcher watcher;
    std::string message;
    watcher.ends = [&](const StepBatch& batch, std::uint32_t) {
        std::vector<std::byte> bytes(8);
        try {
            batch.memory.read(0, sizeof(counting_network::State) - 4, bytes);
        } catch (const mlgenn::InternalError& error) {
            message = error.what();
        }
        EXPECT_THROW(batch.memory.write(1, 0, bytes), mlgenn::InternalError);
    };
    CompiledNetwork network = make_observed(watcher, 1, 1);
    static_cast<void>(network.predict(counting_network::inputs(1)));
    EXPECT_THAT(message, testing::HasSubstr("an access to a workspace ends at byte " +
                                            std::to_string(sizeof(counting_network::State) - 4) + " + 8, of " +
                                            std::to_string(sizeof(counting_network::State))));
}

TEST(RuntimeStepwise, CodeThatMakesWholeExamplesIsNotObserved) {
    Watcher watcher;
    mlgenn::ExecutionPlan plan = counting_network::plan();
    plan.steppable = false;
    auto executor = mlgenn::make_cpu_executor(plan, counting_network::run, counting_network::scores(), 1, 1, nullptr);
    CompiledNetwork network(
        plan, std::make_unique<mlgenn::test_support::ObservingExecutor>(std::move(executor), 1, watcher), {}, 1);
    EXPECT_THROW(static_cast<void>(network.predict(counting_network::inputs(1))), mlgenn::InternalError);
}

}  // namespace
