// SPDX-License-Identifier: Apache-2.0
// Generated CUDA source, run on the host, gives the bits of the LLVM back end: every schedule, both orders of threads.
#include "tests/gpu/networks.h"
#include "tests/gpu/results.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

class SameBits : public StandInGpu, public ::testing::WithParamInterface<std::string> {
protected:
    void compare(CompilerOptions options) const {
        const NetworkCase c = network_case(GetParam());
        options.example_timesteps = c.timesteps;
        options.recordings = c.recordings;
        options.cache_dir = MLGENN_TEST_CACHE;
        options.backend = "llvm";
        const Results expected = run_network(c.network, c.inputs, c.targets, options);
        ASSERT_TRUE(has_spikes(expected)) << "a network without spikes proves nothing";
        options.backend = "cuda";
        for (const char* schedule : {"whole_sequence", "step"}) {
            options.schedule = schedule;
            for (const bool descending : {false, true}) {
                stand_in::Settings settings;
                settings.descending = descending;
                settings.early_uploads = descending;
                configure(settings);
                expect_same_bits(expected, run_network(c.network, c.inputs, c.targets, options),
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
                         ::testing::Values("dense_if", "recurrent_lif", "convolution", "sparse_mixture",
                                           "random_inputs", "kernels_and_delays"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace mlgenn::testing
