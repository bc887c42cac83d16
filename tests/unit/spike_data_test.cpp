// SPDX-License-Identifier: Apache-2.0
// Spike inputs from events and values; expected values are mlGeNN's formulas, worked out by hand.
#include "mlgenn/spike_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mlgenn/errors.h"

namespace mlgenn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Action>
std::string error_of(const Action& action) {
    try {
        action();
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

TEST(SpikeData, OfStepsIsDueInExactlyTheseSteps) {
    for (const double dt : {1.0, 0.1, 0.2, 0.05, 0.7, 0.3}) {
        for (std::uint32_t step = 0; step < 5000; ++step) {
            ASSERT_EQ(effective_step(time_of_step(step, dt), dt), step) << dt;
        }
    }
}

TEST(SpikeData, TimesThatAreMultiplesOfADtOf0p7AreLateInAFifthOfAllSteps) {
    std::size_t late = 0;
    for (std::uint32_t step = 0; step < 5000; ++step) {
        const std::uint32_t found = effective_step(static_cast<float>(step * 0.7), 0.7);
        ASSERT_TRUE(found == step || found == step + 1);
        late += found - step;
    }
    EXPECT_GT(late, 900U);
    EXPECT_LT(late, 1100U);
}

TEST(SpikeData, EffectiveStepRoundsUpAndStartsAtZero) {
    EXPECT_EQ(effective_step(-3.0F, 1.0), 0U);
    EXPECT_EQ(effective_step(0.0F, 1.0), 0U);
    EXPECT_EQ(effective_step(0.3F, 1.0), 1U);
    EXPECT_EQ(effective_step(2.0F, 1.0), 2U);
    EXPECT_THAT(error_of([] { static_cast<void>(effective_step(std::nanf(""), 1.0)); }), HasSubstr("in no step"));
    EXPECT_THAT(error_of([] { static_cast<void>(effective_step(1.0F, 0.0)); }), HasSubstr("expected more than 0"));
}

TEST(SpikeData, PreprocessedSpikesAreSortedByNeuronThenTime) {
    const std::vector<double> times = {5.0, 1.0, 3.0, 2.0, 1.0};
    const std::vector<std::uint32_t> ids = {1, 2, 1, 0, 2};
    const SpikeTrain train = preprocess_spikes(times, ids, 3);
    EXPECT_THAT(train.ids, ElementsAre(0, 1, 1, 2, 2));
    EXPECT_THAT(train.times_ms, ElementsAre(2.0F, 3.0F, 5.0F, 1.0F, 1.0F));
    EXPECT_THAT(error_of([&] { static_cast<void>(preprocess_spikes(times, ids, 2)); }),
                HasSubstr("spike 1 has id 2, but there are 2 neurons"));
    EXPECT_THAT(error_of([&] { static_cast<void>(preprocess_spikes(std::span(times).first(2), ids, 3)); }),
                HasSubstr("there are 2 times, but 5 ids"));
}

TEST(SpikeData, SensorEventsAreNumberedRowByRowWithPolarityLast) {
    // Columns t, x, y, p of a sensor 4 wide, 3 high, with 2 polarities.
    const Array rows = Array::from(std::vector<std::int64_t>{2000, 3, 2, 1, 1000, 0, 1, 0}, {2, 4});
    const SensorEvents events = sensor_events(rows, "txyp");
    const SpikeTrain train = preprocess_tonic_spikes(events, {.width = 4, .height = 3, .polarities = 2});
    EXPECT_THAT(train.ids, ElementsAre(0 + 0 * 2 + 1 * 4 * 2, 1 + 3 * 2 + 2 * 4 * 2));
    EXPECT_THAT(train.times_ms, ElementsAre(1.0F, 2.0F));
    const std::vector<SpikeTrain> separate =
        preprocess_tonic_spikes_separate(events, {.width = 4, .height = 3, .polarities = 2});
    EXPECT_THAT(separate.at(0).ids, ElementsAre(4));
    EXPECT_THAT(separate.at(1).ids, ElementsAre(11));
    EXPECT_THAT(error_of([&] {
                    static_cast<void>(preprocess_tonic_spikes(events, {.width = 3, .height = 4, .polarities = 2}));
                }),
                HasSubstr("event 0 has x 3, expected less than 3"));
    EXPECT_THAT(error_of([&] { static_cast<void>(sensor_events(rows, "xyzt")); }), HasSubstr("the ordering is 'xyzt'"));
    EXPECT_THAT(error_of([&] { static_cast<void>(sensor_events(rows, "xyt")); }), HasSubstr("has no p"));
    EXPECT_THAT(
        error_of([&] { static_cast<void>(preprocess_tonic_spikes_separate(events, {.width = 4, .height = 3})); }),
        HasSubstr("one polarity"));
}

TEST(SpikeData, OfOneDimensionalSensorsNeedsNoY) {
    const Array rows = Array::from(std::vector<std::int64_t>{5, 500000, 1, 6, 250000, 0}, {2, 3});
    const SpikeTrain train = preprocess_tonic_spikes(sensor_events(rows, "xtp"), {.width = 700, .polarities = 2});
    EXPECT_THAT(train.ids, ElementsAre(1 + 5 * 2, 0 + 6 * 2));
    EXPECT_THAT(train.times_ms, ElementsAre(500.0F, 250.0F));
}

TEST(SpikeData, HistogramGivesOneSpikePerFullBin) {
    SensorEvents events;
    events.t = {0, 400, 900, 1000, 2100, 2200, 2300};
    events.x = {0, 0, 0, 0, 1, 1, 0};
    const SpikeTrain train = preprocess_tonic_spikes(events, {.width = 2}, {.histogram_thresh = 2, .dt_ms = 1.0});
    EXPECT_THAT(train.ids, ElementsAre(0, 1));
    EXPECT_THAT(train.times_ms, ElementsAre(0.0F, 2.0F));
}

TEST(SpikeData, DuplicatesArePostponedDroppedOrRefused) {
    const SpikeTrain train{{0.0F, 0.0F, 0.3F, 1.0F}, {0, 0, 0, 1}};
    EXPECT_THAT(with_duplicates(train, Duplicates::postpone, 1.0).ids, ElementsAre(0, 0, 0, 1));
    const SpikeTrain dropped = with_duplicates(train, Duplicates::drop, 1.0);
    EXPECT_THAT(dropped.times_ms, ElementsAre(0.0F, 0.3F, 1.0F));
    EXPECT_THAT(error_of([&] { static_cast<void>(with_duplicates(train, Duplicates::refuse, 1.0)); }),
                HasSubstr("neuron 0 has several spikes in step 0"));
}

TEST(SpikeData, GoesIntoInputsAndBack) {
    const std::vector<SpikeTrain> examples = {{{1.0F, 2.5F}, {3, 0}}, {}, {{0.5F}, {1}}};
    const SpikeInput input = spike_input_of(examples);
    EXPECT_EQ(input.offsets.to_i64(), (std::vector<std::int64_t>{0, 2, 2, 3}));
    const std::vector<SpikeTrain> again = spike_trains_of(input);
    ASSERT_EQ(again.size(), 3U);
    EXPECT_EQ(again[0].times_ms, examples[0].times_ms);
    EXPECT_EQ(again[2].ids, examples[2].ids);
    EXPECT_EQ(calc_max_spikes(examples), 2U);
    EXPECT_EQ(calc_latest_spike_time(examples), 2.5F);
    EXPECT_NO_THROW(check_max_spikes(examples, 2, 2));
    EXPECT_THAT(error_of([&] { check_max_spikes(examples, 2, 3); }),
                HasSubstr("examples 0 to 2 have 3 spikes together, more than 2"));
}

TEST(SpikeData, LinearLatencyFallsWithTheValue) {
    const Array pixels = Array::from(std::vector<std::uint8_t>{255, 1, 2, 0, 51, 128}, {2, 3});
    const std::vector<SpikeTrain> trains =
        spike_trains_of(linear_latency_encode_data(pixels, {.max_time_ms = 20.0, .min_time_ms = 5.0}));
    EXPECT_THAT(trains.at(0).ids, ElementsAre(0, 2));
    EXPECT_THAT(trains.at(0).times_ms, ElementsAre(5.0F, static_cast<float>(253.0 / 255.0 * 15.0 + 5.0)));
    EXPECT_THAT(trains.at(1).ids, ElementsAre(1, 2));
    EXPECT_THAT(error_of([] {
                    static_cast<void>(linear_latency_encode_data(Array::from(std::vector<float>{1.0F}, {1, 1}),
                                                                 {.max_time_ms = 20.0}));
                }),
                HasSubstr("the values are float32, expected uint8"));
}

TEST(SpikeData, LogLatencyIsInfiniteAtTheThreshold) {
    const Array pixels = Array::from(std::vector<std::uint8_t>{51, 52, 255}, {1, 3});
    const std::vector<SpikeTrain> trains =
        spike_trains_of(log_latency_encode_data(pixels, {.tau_eff_ms = 20.0, .thresh = 51}));
    EXPECT_THAT(trains.at(0).ids, ElementsAre(1, 2));
    EXPECT_THAT(trains.at(0).times_ms, ElementsAre(static_cast<float>(20.0 * std::log(52.0)),
                                                   static_cast<float>(20.0 * std::log(255.0 / 204.0))));
}

TEST(SpikeData, RatesBecomeProbabilitiesPerStep) {
    // 1e6 draws of p = 1 - exp(-0.1); the count leaves 5 standard deviations once in 1.7 million seeds.
    const Array values = Array::from(std::vector<float>(1000, 0.5F), {10, 100});
    const RateCode options{.num_timesteps = 1000, .dt_ms = 0.5, .scale = 0.4, .seed = 3};
    const std::vector<SpikeTrain> trains = spike_trains_of(poisson_encode_data(values, options));
    double count = 0.0;
    for (const SpikeTrain& train : trains) {
        count += static_cast<double>(train.ids.size());
    }
    const double p = 1.0 - std::exp(-0.1);
    EXPECT_NEAR(count, 1e6 * p, 5.0 * std::sqrt(1e6 * p * (1.0 - p)));
    // A part of the data gives the same spikes.
    const std::vector<SpikeTrain> first = spike_trains_of(poisson_encode_data(values.rows(0, 1), options));
    EXPECT_EQ(first[0].times_ms, trains[0].times_ms);
    EXPECT_EQ(spike_trains_of(poisson_encode_data(Array::from(std::vector<float>{0.0F, -1.0F}, {1, 2}), options))[0]
                  .ids.size(),
              0U);
}

TEST(SpikeData, SplitsDatasetsLikeMlGeNN) {
    const Inputs inputs{{"in", spike_input_of(std::vector<SpikeTrain>(10))}};
    const auto [train, test] = split_dataset(inputs, 0.1);
    EXPECT_EQ(std::get<SpikeInput>(train.at("in")).offsets.size(), 10U);
    EXPECT_EQ(std::get<SpikeInput>(test.at("in")).offsets.size(), 2U);
    const Targets labels{{"out", Array::from(std::vector<std::uint8_t>{1, 2, 3, 4, 5})}};
    const auto [first, second] = split_dataset(labels, 0.5);
    EXPECT_EQ(first.at("out").size(), 2U) << "2.5 rounds to even";
    EXPECT_EQ(second.at("out").value(0), 3.0);
    EXPECT_THAT(error_of([&] { static_cast<void>(split_dataset(labels, 1.1)); }), HasSubstr("expected 0 to 1"));
}

TEST(SpikeData, YinYangExamplesLieInTheirClasses) {
    const YinYangOptions options{.size = 3000, .scale_ms = 30.0, .offset_ms = 2.0, .seed = 7};
    const LabelledSpikes data = generate_yin_yang_dataset(options);
    const std::vector<SpikeTrain> trains = spike_trains_of(data.spikes);
    std::vector<double> counts(3, 0.0);
    for (std::size_t e = 0; e < trains.size(); ++e) {
        ASSERT_THAT(trains[e].ids, ElementsAre(0, 1, 2, 3, 4));
        const auto& t = trains[e].times_ms;
        EXPECT_EQ(t[0], 2.0F);
        const double x = (t[1] - 2.0) / 30.0;
        const double y = (t[2] - 2.0) / 30.0;
        EXPECT_NEAR(t[3], 2.0 + 30.0 * (1.0 - x), 1e-4);
        EXPECT_NEAR(t[4], 2.0 + 30.0 * (1.0 - y), 1e-4);
        EXPECT_LE(std::hypot(x - 0.5, y - 0.5), 0.5001);
        const double nearest = std::min(std::hypot(x - 0.75, y - 0.5), std::hypot(x - 0.25, y - 0.5));
        EXPECT_EQ(nearest < 0.1, data.labels.value(e) == 2.0) << x << ' ' << y;
        counts[static_cast<std::size_t>(data.labels.value(e))] += 1.0;
    }
    for (const double count : counts) {
        EXPECT_NEAR(count, 1000.0, 5.0 * std::sqrt(3000.0 * 2.0 / 9.0));
    }
    const LabelledSpikes other = generate_yin_yang_dataset({.size = 10, .scale_ms = 30.0, .bias = false, .seed = 7});
    EXPECT_EQ(spike_trains_of(other.spikes)[0].ids.size(), 4U);
    EXPECT_EQ(other.labels.value(3), data.labels.value(3));
}

}  // namespace
}  // namespace mlgenn
