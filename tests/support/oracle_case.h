// SPDX-License-Identifier: Apache-2.0
// Reads oracle cases: a network, its inputs, and what another simulator recorded for them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/inputs.h"
#include "mlgenn/network.h"
#include "tests/support/case_json.h"

namespace mlgenn::test_support {

struct ExpectedReadout {
    std::string population;
    Array values;  ///< (examples, population shape...)
    double tolerance_abs = 0.0;
};

struct ExpectedSpikes {
    std::string population;
    std::vector<SpikeRecord> examples;
};

struct ExpectedSpikeTotals {
    std::string population;
    std::vector<std::size_t> examples;
};

struct ExpectedTrace {
    std::string population;
    std::string variable;
    Array values;  ///< (examples, timesteps, neurons), after each step
    double tolerance_abs = 0.0;
};

struct ExpectedMetric {
    std::string population;
    std::string metric;
    Array labels;
    double value = 0.0;
    double tolerance_rel = 0.0;
};

struct OracleCase {
    std::string name;
    /// As described, not validated; models by catalogue name.
    Network network;
    std::uint32_t timesteps = 0;
    double dt = 1.0;
    std::size_t num_examples = 0;
    /// Numbers are coded as the spikes of `timesteps` steps; spikes count from the beginning of a population's own.
    bool few_spike = false;
    /// Examples run in order at batch size 1 and hand on what `reset` leaves.
    bool consecutive = false;
    ResetOptions reset;
    Inputs inputs;
    std::vector<ExpectedReadout> readouts;
    /// What mlGeNN 2.4 gives where that differs on purpose (few-spike); `metrics` are about these then.
    std::vector<ExpectedReadout> original_readouts;
    std::vector<ExpectedSpikes> spikes;
    std::vector<ExpectedSpikeTotals> spike_totals;
    std::vector<ExpectedTrace> traces;
    std::vector<ExpectedMetric> metrics;
};

/// Whether `folder` holds a case.
[[nodiscard]] bool is_oracle_case(const std::filesystem::path& folder);

/// `folders` themselves where they are cases, else the cases in them, sorted by name.
/// Throws std::runtime_error for a folder that holds none.
[[nodiscard]] std::vector<std::filesystem::path> find_oracle_cases(const std::vector<std::filesystem::path>& folders);

/// Throws UnsupportedCase for a coding, protocol or expectation that the reader does not know, and other exceptions
/// for a damaged case. Unknown models are no error here: whoever runs the case decides.
[[nodiscard]] OracleCase load_oracle_case(const std::filesystem::path& folder);

/// What the text in a case's `reset` says is carried from example to example.
[[nodiscard]] ResetOptions parse_reset_text(const std::string& text);

}  // namespace mlgenn::test_support
