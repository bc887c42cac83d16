// SPDX-License-Identifier: Apache-2.0
// Judges the result of a recorded case.
#include "tests/oracle/check.h"

#include <cmath>
#include <sstream>

#include "tests/support/compare.h"

namespace mlgenn::oracle {
namespace {

using test_support::difference;
using test_support::OracleCase;

template <class Map>
const typename Map::mapped_type& entry(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    if (found == map.end()) {
        throw std::runtime_error("the result has no '" + key + "'");
    }
    return found->second;
}

std::optional<std::string> spike_deviation(const OracleCase& oracle, const CaseResult& found) {
    for (const auto& expected : oracle.spikes) {
        const auto& spikes = entry(found.recordings.spikes, expected.population + ".spikes");
        if (const auto deviation = difference(expected.examples, spikes)) {
            return "spikes of " + expected.population + ": " + *deviation;
        }
    }
    for (const auto& expected : oracle.spike_totals) {
        const auto& spikes = entry(found.recordings.spikes, expected.population + ".spikes");
        for (std::size_t e = 0; e < expected.examples.size(); ++e) {
            if (spikes.at(e).ids.size() != expected.examples[e]) {
                return "number of spikes of " + expected.population + " in example " + std::to_string(e) +
                       ": expected " + std::to_string(expected.examples[e]) + ", found " +
                       std::to_string(spikes.at(e).ids.size());
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> value_deviation(const OracleCase& oracle, const CaseResult& found) {
    for (const auto& expected : oracle.traces) {
        const std::string key = expected.population + "." + expected.variable;
        if (const auto deviation =
                difference(expected.values, entry(found.recordings.traces, key), expected.tolerance_abs)) {
            return "trace " + key + " " + *deviation;
        }
    }
    for (const auto& expected : oracle.readouts) {
        if (const auto deviation =
                difference(expected.values, entry(found.outputs, expected.population), expected.tolerance_abs)) {
            return "readout of " + expected.population + " " + *deviation;
        }
    }
    for (const auto& expected : oracle.original_readouts) {
        if (const auto deviation = difference(expected.values, entry(found.original_outputs, expected.population),
                                              expected.tolerance_abs)) {
            return "readout of " + expected.population + " as in mlGeNN 2.4 " + *deviation;
        }
    }
    return std::nullopt;
}

std::optional<std::string> metric_deviation(const OracleCase& oracle, const CaseResult& found) {
    for (std::size_t m = 0; m < oracle.metrics.size(); ++m) {
        const auto& expected = oracle.metrics[m];
        const double value = found.metrics.at(m);
        // Values are recorded in double and may be sums of float32 scores.
        const double tolerance = std::max(expected.tolerance_rel, 1e-6) * std::fabs(expected.value);
        if (!(std::fabs(value - expected.value) <= tolerance)) {
            std::ostringstream text;
            text.precision(9);
            text << expected.metric << " of " << expected.population << ": expected " << expected.value << ", found "
                 << value;
            return text.str();
        }
    }
    return std::nullopt;
}

}  // namespace

Outcome check_case(const OracleCase& oracle, const Runner& runner) {
    try {
        const CaseResult found = runner.run(oracle);
        for (const auto judge : {spike_deviation, value_deviation, metric_deviation}) {
            if (const auto deviation = judge(oracle, found)) {
                return {Verdict::failed, *deviation};
            }
        }
        return {};
    } catch (const test_support::UnsupportedCase& reason) {
        return {Verdict::skipped, reason.what()};
    } catch (const std::exception& error) {
        return {Verdict::failed, error.what()};
    }
}

}  // namespace mlgenn::oracle
