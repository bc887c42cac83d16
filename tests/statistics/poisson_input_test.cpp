// SPDX-License-Identifier: Apache-2.0
// Random inputs: their statistics, and that nothing but seed, population, neuron, timestep and example decides them.
//
// The tests of statistics have fixed seeds, so that they always give the same answer; for other seeds a right generator
// would fail each with a probability of at most 1e-6.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "mlgenn/compiler.h"

namespace mlgenn {
namespace {

constexpr std::size_t num_neurons = 1000;
constexpr std::uint32_t num_timesteps = 100;
/// Two-sided normal quantile for 1e-6.
constexpr double quantile = 4.9;

struct Settings {
    std::uint64_t seed = 1;
    double dt = 1.0;
    std::uint32_t batch_size = 1;
    std::uint32_t num_threads = 1;
    std::string target = "native";
    std::string schedule = "auto";
    std::string population = "input";
    bool with_progress = false;
};

std::vector<SpikeRecord> spikes_of(const Settings& settings, std::size_t num_examples, float rate) {
    Network network;
    network.populations = {
        {.name = settings.population, .shape = {num_neurons}, .neuron = "poisson_input"},
        {.name = "output", .shape = {num_neurons}, .neuron = "integrate_fire", .readout = ModelSpec("spike_count")}};
    network.connections = {
        {.source = settings.population, .target = "output", .connectivity = {"one_to_one", {{"weight", 1.0}}}}};
    CompilerOptions options;
    options.example_timesteps = num_timesteps;
    options.dt = settings.dt;
    options.rng_seed = settings.seed;
    options.batch_size = settings.batch_size;
    options.num_threads = settings.num_threads;
    options.target = settings.target;
    options.schedule = settings.schedule;
    options.backend = "llvm";
    options.cache_dir = "off";
    options.recordings = {{.population = settings.population, .key = "spikes"}};
    CompiledNetwork compiled = InferenceCompiler(options).compile(network);
    const std::vector<float> values(num_examples * num_neurons, rate);
    RunOptions run;
    if (settings.with_progress) {
        run.callbacks = {CallbackFunctions{.on_progress = [](std::size_t, std::size_t) {}}};
    }
    const Inputs inputs{{settings.population, DenseInput{Array::from(values, {num_examples, num_neurons})}}};
    return compiled.predict(inputs, run).recordings.spikes.at("spikes");
}

bool same(const std::vector<SpikeRecord>& a, const std::vector<SpikeRecord>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const SpikeRecord& x, const SpikeRecord& y) { return x.steps == y.steps && x.ids == y.ids; });
}

/// 1 where (example, step, neuron) spiked.
std::vector<std::uint8_t> raster(const std::vector<SpikeRecord>& spikes) {
    std::vector<std::uint8_t> bits(spikes.size() * num_timesteps * num_neurons, 0);
    for (std::size_t e = 0; e < spikes.size(); ++e) {
        for (std::size_t i = 0; i < spikes[e].ids.size(); ++i) {
            bits[(e * num_timesteps + spikes[e].steps[i]) * num_neurons + spikes[e].ids[i]] = 1;
        }
    }
    return bits;
}

void expect_binomial(double count, double trials, double p, const std::string& what) {
    const double deviation = std::sqrt(trials * p * (1.0 - p));
    EXPECT_NEAR(count, trials * p, quantile * deviation) << what;
}

/// Pearson's statistic of `counts`, each of `trials` with probability p, as a normal deviate (Wilson and Hilferty).
void expect_homogeneous(const std::vector<double>& counts, double trials, double p, const std::string& what) {
    double statistic = 0.0;
    for (const double count : counts) {
        const double difference = count - trials * p;
        statistic += difference * difference / (trials * p * (1.0 - p));
    }
    const double freedom = static_cast<double>(counts.size());
    const double spread = 2.0 / (9.0 * freedom);
    const double deviate = (std::cbrt(statistic / freedom) - (1.0 - spread)) / std::sqrt(spread);
    EXPECT_LT(std::abs(deviate), quantile) << what << ": statistic " << statistic << " of " << freedom;
}

TEST(PoissonInput, FiresWithTheProbabilityOfItsRate) {
    for (const double dt : {1.0, 0.5}) {
        for (const float rate : {0.001F, 0.1F, 1.0F, 5.0F}) {
            const auto spikes = spikes_of({.seed = 7, .dt = dt}, 3, rate);
            double count = 0.0;
            for (const SpikeRecord& example : spikes) {
                count += static_cast<double>(example.ids.size());
            }
            const double p = 1.0 - std::exp(-static_cast<double>(rate) * dt);
            expect_binomial(count, 3.0 * num_neurons * num_timesteps, p, "rate " + std::to_string(rate));
        }
    }
}

TEST(PoissonInput, NeverFiresWithoutARateAndAlwaysWithAHugeOne) {
    EXPECT_TRUE(spikes_of({}, 1, 0.0F)[0].ids.empty());
    EXPECT_TRUE(spikes_of({}, 1, -1.0F)[0].ids.empty());
    EXPECT_EQ(spikes_of({}, 1, 1e30F)[0].ids.size(), num_neurons * num_timesteps);
}

TEST(PoissonInput, FiresAlikeInEveryNeuronStepAndExample) {
    constexpr std::size_t num_examples = 10;
    const double p = 1.0 - std::exp(-0.2);
    const auto bits = raster(spikes_of({.seed = 3}, num_examples, 0.2F));
    std::vector<double> by_neuron(num_neurons, 0.0);
    std::vector<double> by_step(num_timesteps, 0.0);
    std::vector<double> by_example(num_examples, 0.0);
    for (std::size_t i = 0; i < bits.size(); ++i) {
        by_neuron[i % num_neurons] += bits[i];
        by_step[i / num_neurons % num_timesteps] += bits[i];
        by_example[i / num_neurons / num_timesteps] += bits[i];
    }
    expect_homogeneous(by_neuron, num_examples * num_timesteps, p, "neurons");
    expect_homogeneous(by_step, num_examples * num_neurons, p, "timesteps");
    expect_homogeneous(by_example, num_neurons * num_timesteps, p, "examples");
}

TEST(PoissonInput, FiresIndependentlyOfItsNeighbours) {
    constexpr std::size_t num_examples = 10;
    const double p = 1.0 - std::exp(-0.2);
    const auto bits = raster(spikes_of({.seed = 4}, num_examples, 0.2F));
    for (const std::size_t distance : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{16}, num_neurons,
                                       2 * num_neurons, num_neurons * num_timesteps}) {
        double both = 0.0;
        for (std::size_t i = 0; i + distance < bits.size(); ++i) {
            both += bits[i] & bits[i + distance];
        }
        const auto pairs = static_cast<double>(bits.size() - distance);
        // Neighbouring pairs share a member: the variance is that of p^2 plus twice the covariance p^3 - p^4.
        const double variance = pairs * (p * p * (1.0 - p * p) + 2.0 * (p * p * p - p * p * p * p));
        EXPECT_NEAR(both, pairs * p * p, quantile * std::sqrt(variance)) << "distance " << distance;
    }
}

TEST(PoissonInput, IsTheSameInEveryBatchThreadScheduleAndTarget) {
    constexpr std::size_t num_examples = 9;
    const auto expected = spikes_of({.seed = 5}, num_examples, 0.3F);
    for (const Settings& settings :
         {Settings{.seed = 5, .batch_size = 4}, Settings{.seed = 5, .batch_size = 2, .num_threads = 3},
          Settings{.seed = 5, .target = "generic"}, Settings{.seed = 5, .schedule = "layerwise"},
          Settings{.seed = 5, .batch_size = 2, .with_progress = true}}) {
        EXPECT_TRUE(same(spikes_of(settings, num_examples, 0.3F), expected))
            << "batch size " << settings.batch_size << ", " << settings.num_threads << " threads, " << settings.target
            << ", " << settings.schedule << (settings.with_progress ? ", in pieces" : "");
    }
}

TEST(PoissonInput, DependsOnSeedExampleAndPopulation) {
    const auto first = spikes_of({.seed = 0}, 2, 0.3F);
    EXPECT_TRUE(same(first, spikes_of({.seed = 0}, 2, 0.3F)));
    EXPECT_FALSE(same(first, spikes_of({.seed = 1}, 2, 0.3F)));
    EXPECT_FALSE(same(first, spikes_of({.seed = std::uint64_t{1} << 32}, 2, 0.3F)));
    EXPECT_FALSE(same(first, spikes_of({.population = "other"}, 2, 0.3F)));
    EXPECT_NE(first[0].ids, first[1].ids);
}

}  // namespace
}  // namespace mlgenn
