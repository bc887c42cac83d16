// SPDX-License-Identifier: Apache-2.0
// Profiles: instrumented code computes the same bits, and both back ends count the same spikes and synapses.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "mlgenn/errors.h"
#include "tests/gpu/networks.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

struct ProfileCase {
    const char* network;
    const char* backend;
    const char* schedule;
};

class Profiles : public StandInGpu, public ::testing::WithParamInterface<ProfileCase> {
protected:
    [[nodiscard]] CompilerOptions options() const {
        CompilerOptions options;
        options.example_timesteps = case_.timesteps;
        options.batch_size = 2;
        options.num_threads = 2;
        options.backend = GetParam().backend;
        options.schedule = GetParam().schedule;
        options.cache_dir = MLGENN_TEST_CACHE;
        for (const Population& population : case_.network.populations) {
            const bool has_targets =
                std::any_of(case_.network.connections.begin(), case_.network.connections.end(),
                            [&](const Connection& connection) { return connection.source == population.name; });
            if (has_targets) {
                options.recordings.push_back({.population = population.name});
            }
        }
        return options;
    }
    [[nodiscard]] static const ProfileEntry& entry(const KernelProfile& profile, const std::string& name) {
        for (const ProfileEntry& entry : profile.entries) {
            if (entry.name == name) {
                return entry;
            }
        }
        throw std::runtime_error("no entry " + name);
    }
    /// Connections of these networks are dense.
    [[nodiscard]] std::size_t num_neurons(const std::string& population) const {
        for (const Population& candidate : case_.network.populations) {
            if (candidate.name == population) {
                return num_elements(candidate.shape);
            }
        }
        throw std::runtime_error("no population " + population);
    }
    NetworkCase case_ = network_case(GetParam().network);
};

TEST_P(Profiles, TakeTimesAndChangeNoBit) {
    CompilerOptions options = this->options();
    const Results expected = run_network(case_.network, case_.inputs, case_.targets, options);
    options.kernel_profiling = true;
    expect_same_bits(expected, run_network(case_.network, case_.inputs, case_.targets, options), "profiled");

    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    const Predictions predictions = network.predict(case_.inputs);
    const KernelProfile profile = network.profile();
    const ProfileEntry& run = entry(profile, "run_network");
    const bool on_cpu = options.backend == "llvm";
    EXPECT_EQ(run.calls, on_cpu ? case_.num_examples : (case_.num_examples + 1) / 2);
    EXPECT_GT(run.min_ms, 0.0);
    EXPECT_LE(run.min_ms, run.mean_ms());
    EXPECT_LE(run.mean_ms(), run.max_ms);
    double phases_ms = 0.0;
    double synops = 0.0;
    for (const ProfileEntry& phase : profile.entries) {
        if (phase.kind == "phase") {
            EXPECT_EQ(phase.calls, run.calls) << phase.name;
            phases_ms += phase.total_ms;
            synops += phase.synops;
        }
    }
    EXPECT_NEAR(phases_ms, run.total_ms, 1e-6 * run.total_ms + 1e-9);

    double expected_synops = 0.0;
    for (const Connection& connection : case_.network.connections) {
        double spikes = 0.0;
        for (const SpikeRecord& record : predictions.recordings.spikes.at(connection.source + ".spikes")) {
            spikes += static_cast<double>(record.ids.size());
        }
        expected_synops += spikes * static_cast<double>(num_neurons(connection.target));
    }
    EXPECT_NEAR(synops, expected_synops, 1e-6 * expected_synops);
    EXPECT_GT(synops, 0.0);
    EXPECT_TRUE(network.profile().entries.empty()) << "the profile has been taken";
}

TEST_P(Profiles, BecomeATimeLine) {
    CompilerOptions options = this->options();
    options.kernel_profiling = true;
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    (void)network.predict(case_.inputs);
    const KernelProfile profile = network.profile();
    const nlohmann::json trace = nlohmann::json::parse(chrome_trace(profile));
    ASSERT_EQ(trace["traceEvents"].size(), profile.events.size());
    double run_us = 0.0;
    for (const auto& event : trace["traceEvents"]) {
        EXPECT_EQ(event["ph"], "X");
        run_us += event["name"] == "run_network" ? event["dur"].get<double>() : 0.0;
    }
    EXPECT_NEAR(run_us, 1e3 * entry(profile, "run_network").total_ms,
                0.01 * static_cast<double>(profile.events.size()));
    EXPECT_EQ(trace["otherData"]["events left out"], 0);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Profiles,
    ::testing::Values(ProfileCase{"dense_if", "llvm", "sequential"}, ProfileCase{"dense_if", "llvm", "layerwise"},
                      ProfileCase{"dense_if", "cuda", "whole_sequence"},
                      ProfileCase{"recurrent_lif", "llvm", "sequential"}, ProfileCase{"recurrent_lif", "cuda", "step"}),
    [](const auto& info) {
        return std::string(info.param.network) + "_" + info.param.backend + "_" + info.param.schedule;
    });

TEST(Profile, NeedsInstrumentedCode) {
    const NetworkCase c = network_case("dense_if");
    CompilerOptions options;
    options.example_timesteps = c.timesteps;
    options.backend = "llvm";
    options.cache_dir = MLGENN_TEST_CACHE;
    CompiledNetwork network = InferenceCompiler(options).compile(c.network);
    try {
        (void)network.profile();
        FAIL() << "there was a profile";
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(),
                     "profile of network 'dense_if': its code takes no times\n"
                     "    compile it with the option kernel_profiling");
    }
}

}  // namespace
}  // namespace mlgenn::testing
