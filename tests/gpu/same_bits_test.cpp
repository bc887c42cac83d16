// SPDX-License-Identifier: Apache-2.0
// Generated CUDA source, run on the host, gives the bits of the LLVM back end: every schedule, both orders of threads.
#include <algorithm>
#include <map>

#include "tests/gpu/networks.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

/// Everything that a run gives back, by name, as bytes.
using Results = std::map<std::string, std::vector<std::byte>>;

void keep(Results& results, const std::string& name, const Array& array) {
    results[name] = {array.bytes().begin(), array.bytes().end()};
}

Results run(const NetworkCase& c, CompilerOptions options) {
    options.example_timesteps = c.timesteps;
    options.recordings = c.recordings;
    options.cache_dir = MLGENN_TEST_CACHE;
    CompiledNetwork network = InferenceCompiler(options).compile(c.network);
    Results results;
    const Predictions predictions = network.predict(c.inputs);
    for (const auto& [name, values] : predictions.outputs) {
        keep(results, name, values);
    }
    for (const auto& [name, values] : predictions.recordings.traces) {
        keep(results, name, values);
    }
    for (const auto& [name, records] : predictions.recordings.spikes) {
        for (std::size_t e = 0; e < records.size(); ++e) {
            keep(results, name + ".steps." + std::to_string(e), Array::from(records[e].steps));
            keep(results, name + ".ids." + std::to_string(e), Array::from(records[e].ids));
        }
    }
    if (!c.targets.empty()) {
        for (const MetricResult& metric : network.evaluate(c.inputs, c.targets).metrics) {
            keep(results, metric.metric, Array::from(std::vector<double>{metric.value}));
        }
    }
    return results;
}

void expect_same(const Results& expected, const Results& actual, const std::string& what) {
    ASSERT_EQ(expected.size(), actual.size()) << what;
    for (const auto& [name, bytes] : expected) {
        EXPECT_EQ(actual.at(name), bytes) << what << ": " << name << " differs";
    }
}

bool has_spikes(const Results& results) {
    return std::any_of(results.begin(), results.end(), [](const auto& entry) {
        return entry.first.find(".spikes.ids.") != std::string::npos && !entry.second.empty();
    });
}

class SameBits : public StandInGpu, public ::testing::WithParamInterface<std::string> {
protected:
    void compare(CompilerOptions options) const {
        const NetworkCase c = network_case(GetParam());
        options.backend = "llvm";
        const Results expected = run(c, options);
        ASSERT_TRUE(has_spikes(expected)) << "a network without spikes proves nothing";
        options.backend = "cuda";
        for (const char* schedule : {"whole_sequence", "step"}) {
            options.schedule = schedule;
            for (const bool descending : {false, true}) {
                stand_in::Settings settings;
                settings.descending = descending;
                configure(settings);
                expect_same(expected, run(c, options),
                            std::string(schedule) + (descending ? ", descending" : ", ascending"));
            }
        }
    }
};

TEST_P(SameBits, ExactAccumulation) {
    compare({.batch_size = 3});
}

TEST_P(SameBits, OrderedAccumulation) {
    compare({.batch_size = 2, .accumulation = Accumulation::ordered});
}

TEST_P(SameBits, StateAndTimeCarriedOver) {
    compare({.batch_size = 2,
             .reset_time_between_batches = false,
             .reset_vars_between_batches = false,
             .reset_in_syn_between_batches = false,
             .compatibility = Compatibility::mlgenn_2_4});
}

INSTANTIATE_TEST_SUITE_P(Networks, SameBits,
                         ::testing::Values("dense_if", "recurrent_lif", "convolution", "sparse_mixture"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace mlgenn::testing
