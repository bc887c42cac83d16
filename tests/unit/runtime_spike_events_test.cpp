// SPDX-License-Identifier: Apache-2.0
// Spike events become steps by the rules of mlGeNN's SpikeInput.
#include "runtime/src/spike_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "mlgenn/network_io.h"

namespace {

using mlgenn::DescriptionError;
using mlgenn::runtime::SpikeEventBinner;
using mlgenn::runtime::StepEvents;
using testing::ElementsAre;
using testing::HasSubstr;

using Spikes = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // (step, id)

Spikes spikes_of(const StepEvents& events) {
    Spikes spikes;
    for (std::uint32_t step = 0; step + 1 < events.offsets.size(); ++step) {
        for (std::uint32_t i = events.offsets[step]; i < events.offsets[step + 1]; ++i) {
            spikes.emplace_back(step, events.ids[i]);
        }
    }
    return spikes;
}

/// The rule as mlGeNN states it: a neuron spikes in a step if its next event's time has come.
Spikes spikes_by_the_rule(std::vector<float> times, const std::vector<std::uint32_t>& ids, std::uint32_t num_neurons,
                          std::uint32_t num_timesteps, float dt) {
    std::vector<std::vector<float>> queue(num_neurons);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        queue[ids[i]].push_back(times[i]);
    }
    for (std::vector<float>& own : queue) {
        std::sort(own.begin(), own.end());
    }
    std::vector<std::size_t> next(num_neurons);
    Spikes spikes;
    for (std::uint32_t step = 0; step < num_timesteps; ++step) {
        const volatile float now = static_cast<float>(step) * dt;
        for (std::uint32_t id = 0; id < num_neurons; ++id) {
            if (next[id] < queue[id].size() && now >= queue[id][next[id]]) {
                spikes.emplace_back(step, id);
                ++next[id];
            }
        }
    }
    return spikes;
}

template <class Call>
std::string message_of(const Call& call) {
    try {
        call();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

TEST(RuntimeSpikeEvents, SurplusEventsWaitOneStepEach) {
    const std::vector<float> times{0.0F, 0.0F, 0.3F, 1.0F, 2.0F, 2.0F, 2.0F};
    const std::vector<std::uint32_t> ids(times.size(), 2);
    SpikeEventBinner seven_steps("in", 3, 7, 1.0);
    EXPECT_THAT(seven_steps.bin(times, ids, {}).offsets, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
    SpikeEventBinner six_steps("in", 3, 6, 1.0);
    EXPECT_THAT(six_steps.bin(times, ids, {}).offsets, ElementsAre(0, 1, 2, 3, 4, 5, 6));
    // What the last example left over is no part of the next one.
    EXPECT_EQ(spikes_of(six_steps.bin({}, {}, {})), Spikes{});
    EXPECT_THAT(six_steps.bin(times, ids, {}).offsets, ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(RuntimeSpikeEvents, NegativeAndLateTimes) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> times{-5.0F, -infinity, 4.0F, 4.1F, infinity, 1e30F};
    const std::vector<std::uint32_t> ids{0, 1, 2, 3, 4, 5};
    SpikeEventBinner binner("in", 6, 5, 1.0);
    EXPECT_EQ(spikes_of(binner.bin(times, ids, {})), (Spikes{{0, 0}, {0, 1}, {4, 2}}));
}

TEST(RuntimeSpikeEvents, IdsAscendWithinAStep) {
    const std::vector<float> times{0.0F, 0.0F, 0.0F, 1.0F, 1.0F};
    const std::vector<std::uint32_t> ids{70000, 3, 64, 9, 2};
    SpikeEventBinner binner("in", 70001, 2, 1.0);
    EXPECT_EQ(spikes_of(binner.bin(times, ids, {})), (Spikes{{0, 3}, {0, 64}, {0, 70000}, {1, 2}, {1, 9}}));
}

TEST(RuntimeSpikeEvents, NoTimestepsNoSpikes) {
    SpikeEventBinner binner("in", 2, 0, 1.0);
    EXPECT_THAT(binner.bin(std::vector<float>{1.0F, 0.0F}, std::vector<std::uint32_t>{0, 1}, {}).offsets,
                ElementsAre(0));
}

TEST(RuntimeSpikeEvents, TimesOnTheGridFollowFloat32) {
    // float32(k * 0.7) and float32(k) * float32(0.7) differ for a fifth of all k, so rounding decides the step.
    for (const double dt : {0.1, 0.3, 0.7, 1.0, 0.05, 3.0}) {
        std::vector<float> times;
        for (int k = 0; k < 3000; ++k) {
            times.push_back(static_cast<float>(k * dt));
            times.push_back(std::nextafter(times.back(), 1e9F));
        }
        const std::vector<std::uint32_t> ids(times.size(), 0);
        std::vector<std::uint32_t> distinct_ids(times.size());
        std::generate(distinct_ids.begin(), distinct_ids.end(), [n = 0U]() mutable { return n++; });
        SpikeEventBinner binner("in", 6000, 3000, dt);
        EXPECT_EQ(spikes_of(binner.bin(times, distinct_ids, {})),
                  spikes_by_the_rule(times, distinct_ids, 6000, 3000, static_cast<float>(dt)))
            << dt;
        EXPECT_EQ(spikes_of(binner.bin(times, ids, {})),
                  spikes_by_the_rule(times, ids, 1, 3000, static_cast<float>(dt)))
            << dt;
    }
}

TEST(RuntimeSpikeEvents, RoundingOfLateTimes) {
    // A million steps in, a quotient in float32 is off by almost a tenth of a step.
    constexpr std::uint32_t num_timesteps = 1U << 20;
    constexpr std::uint32_t num_events = 60;
    std::mt19937 random(3);
    for (const float dt : {0.1F, 0.7F, 0.9F, 1.1F}) {
        std::vector<float> times;
        std::vector<std::uint32_t> ids;
        for (std::uint32_t id = 0; id < num_events; ++id) {
            const float on_the_grid = static_cast<float>(num_timesteps - 1 - random() % 400000) * dt;
            times.push_back(std::nextafter(on_the_grid, id % 2 == 0 ? 1e9F : 0.0F));
            ids.push_back(id);
        }
        SpikeEventBinner binner("in", num_events, num_timesteps, static_cast<double>(dt));
        EXPECT_EQ(spikes_of(binner.bin(times, ids, {})), spikes_by_the_rule(times, ids, num_events, num_timesteps, dt))
            << dt;
    }
}

TEST(RuntimeSpikeEvents, VeryManyStepsTakeTheOtherPath) {
    constexpr std::uint32_t num_timesteps = (1U << 20) + 10;
    const std::vector<float> times{0.7F * 1048580.0F, 0.7F * 524288.0F, 0.35F, -1.0F, 1e9F};
    const std::vector<std::uint32_t> ids{0, 1, 0, 1, 1};
    SpikeEventBinner binner("in", 2, num_timesteps, 0.7);
    EXPECT_EQ(spikes_of(binner.bin(times, ids, {})), spikes_by_the_rule(times, ids, 2, num_timesteps, 0.7F));
}

TEST(RuntimeSpikeEvents, RandomEventsFollowTheRule) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t num_neurons = 1 + random() % (round % 3 == 0 ? 4 : 300);
        const std::uint32_t num_timesteps = 1 + random() % 40;
        const float dt = std::vector<float>{1.0F, 0.5F, 0.7F}[random() % 3];
        const std::size_t num_events = random() % 600;
        std::uniform_real_distribution<float> time(-2.0F, static_cast<float>(num_timesteps + 3) * dt);
        std::vector<float> times(num_events);
        std::vector<std::uint32_t> ids(num_events);
        std::generate(times.begin(), times.end(),
                      [&] { return round % 2 == 0 ? time(random) : std::round(time(random)); });
        std::generate(ids.begin(), ids.end(), [&] { return random() % num_neurons; });
        SpikeEventBinner binner("in", num_neurons, num_timesteps, dt);
        const Spikes expected = spikes_by_the_rule(times, ids, num_neurons, num_timesteps, dt);
        ASSERT_EQ(spikes_of(binner.bin(times, ids, {})), expected) << "round " << round;

        // The same events by time, and by time and id: other ways through the code, the same result.
        std::vector<std::pair<float, std::uint32_t>> events;
        for (std::size_t i = 0; i < num_events; ++i) {
            events.emplace_back(times[i], ids[i]);
        }
        const auto check_order = [&](const char* order) {
            for (std::size_t i = 0; i < num_events; ++i) {
                times[i] = events[i].first;
                ids[i] = events[i].second;
            }
            ASSERT_EQ(spikes_of(binner.bin(times, ids, {})), expected) << "round " << round << " " << order;
        };
        std::stable_sort(events.begin(), events.end(),
                         [](const auto& left, const auto& right) { return left.first < right.first; });
        check_order("by time");
        std::sort(events.begin(), events.end());
        check_order("by time and id");
    }
}

TEST(RuntimeSpikeEvents, AgreeWithSpikesThatMlGeNNRecorded) {
    const char* shared = std::getenv("MLGENN_SHARED_DIR");
    const std::filesystem::path folder =
        (shared != nullptr ? std::filesystem::path(shared) : std::filesystem::path(MLGENN_SOURCE_DIR) / "../shared") /
        "data/oracle/public/p13_spike_input_rules";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "no recorded spikes: " << folder << " does not exist (set MLGENN_SHARED_DIR)";
    }
    const auto load = [&](const char* name) { return mlgenn::load_npy(folder / name); };
    const std::vector<float> times = load("inputs/in__times.npy").to_f32();
    const mlgenn::Array ids = load("inputs/in__ids.npy");
    const std::vector<std::int64_t> offsets = load("inputs/in__offsets.npy").to_i64();
    const std::vector<std::int64_t> steps = load("expected/in__spike_steps.npy").to_i64();
    const std::vector<std::int64_t> spiking_ids = load("expected/in__spike_ids.npy").to_i64();
    const std::vector<std::int64_t> spike_offsets = load("expected/in__spike_offsets.npy").to_i64();
    ASSERT_EQ(offsets.size(), 4U);
    SpikeEventBinner binner("in", 4, 20, 0.5);
    for (std::size_t example = 0; example < 3; ++example) {
        const auto begin = static_cast<std::size_t>(offsets[example]);
        const auto count = static_cast<std::size_t>(offsets[example + 1]) - begin;
        Spikes expected;
        for (auto i = static_cast<std::size_t>(spike_offsets[example]);
             i < static_cast<std::size_t>(spike_offsets[example + 1]); ++i) {
            expected.emplace_back(steps[i], spiking_ids[i]);
        }
        EXPECT_EQ(spikes_of(binner.bin(std::span(times).subspan(begin, count),
                                       ids.as<std::uint32_t>().subspan(begin, count), {})),
                  expected)
            << "example " << example;
    }
}

TEST(RuntimeSpikeEvents, BadEventsAreReportedWithNumbers) {
    SpikeEventBinner binner("in", 3, 5, 1.0);
    const std::vector<float> times{0.0F, std::numeric_limits<float>::quiet_NaN(), 1.0F};
    const std::vector<std::uint32_t> ids{0, 1, 2};
    EXPECT_EQ(message_of([&] { static_cast<void>(binner.bin(times, ids, {.example = 4, .first_event = 100})); }),
              "input 'in': event 101 (example 4) has time NaN\n    give every event a time in ms");
    const std::vector<float> good_times{0.0F, 1.0F, 2.0F};
    const std::vector<std::uint32_t> bad_ids{0, 1, 3};
    EXPECT_EQ(
        message_of([&] { static_cast<void>(binner.bin(good_times, bad_ids, {.example = 4, .first_event = 100})); }),
        "input 'in': event 102 (example 4) has id 3, but the population has 3 neurons\n    use ids from 0 to 2");
    EXPECT_EQ(spikes_of(binner.bin(good_times, ids, {})), (Spikes{{0, 0}, {1, 1}, {2, 2}}));
    const std::vector<float> nan{std::numeric_limits<float>::quiet_NaN()};
    const std::vector<std::uint32_t> zero{0};
    EXPECT_THAT(message_of([&] { static_cast<void>(binner.bin(nan, zero, {})); }), HasSubstr("time NaN"));
}

}  // namespace
