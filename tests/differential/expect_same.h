// SPDX-License-Identifier: Apache-2.0
// Runs a network on the reference interpreter and on compiled code, and compares every bit of every result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/inputs.h"
#include "mlgenn/network.h"

namespace mlgenn::differential {

struct RunSettings {
    std::uint32_t timesteps = 0;
    double dt = 1.0;
    ResetOptions reset{};
    std::uint64_t rng_seed = 0;
};

/// One way to compile and run a network.
struct Variant {
    std::string backend;
    std::string target;
    std::string schedule;
    Accumulation accumulation = Accumulation::exact;
    std::uint32_t num_threads = 1;
    std::vector<std::uint32_t> batch_sizes = {1};
    /// Also runs the examples as windows of one session.
    bool session = false;
    /// For few-spike networks: how they run.
    std::string few_spike = "literal";

    [[nodiscard]] std::string text() const;
};

/// Every combination of back end, target that this machine can run, schedule and mode; 1 and 2 threads take turns.
[[nodiscard]] std::vector<Variant> all_variants();
/// For every mode and schedule one combination of the rest, chosen by `seed`; for the GPU back end one in all.
[[nodiscard]] std::vector<Variant> sampled_variants(std::uint64_t seed);

/// Empty when `compiled` in every variant gives the readouts, spikes of all spiking populations and traces of all state
/// variables that the reference gives for `expected`, bit for bit; else the variant and the first difference. (The two
/// networks are the same but in tests of this function.) A variant that cannot run the network is passed over, unless
/// none can. A few-spike network runs literally in every variant, and collapsed, without traces, in those with
/// integers.
[[nodiscard]] std::optional<std::string> first_difference(const Network& expected, const Network& compiled,
                                                          const RunSettings& settings, const Inputs& inputs,
                                                          const std::vector<Variant>& variants);

/// The network as text: populations, connections and parameters, arrays by type and shape (small ones in full).
[[nodiscard]] std::string describe(const Network& network, const RunSettings& settings);

/// Adds a test failure with the description when first_difference() finds one.
void expect_same(const Network& network, const RunSettings& settings, const Inputs& inputs,
                 const std::vector<Variant>& variants = all_variants());

}  // namespace mlgenn::differential
