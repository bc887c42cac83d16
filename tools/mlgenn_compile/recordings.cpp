// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/recordings.h"

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {

std::vector<Recording> parse_recordings(const std::vector<std::string>& texts) {
    std::vector<Recording> recordings;
    for (const std::string& text : texts) {
        const std::size_t dot = text.find('.');
        if (dot == std::string::npos || dot == 0 || dot + 1 == text.size()) {
            throw DescriptionError(Diagnostic{"--record",
                                              "found '" + text + "', expected POPULATION.spikes or POPULATION.VARIABLE",
                                              {},
                                              "write hidden.spikes or hidden.V, for example"});
        }
        const std::string variable = text.substr(dot + 1);
        recordings.push_back({text.substr(0, dot), variable == "spikes" ? "" : variable, text});
    }
    return recordings;
}

void add_recordings(ArraySink& sink, const Recordings& recordings, double dt_ms) {
    for (const auto& [key, examples] : recordings.spikes) {
        sink.add_spikes(key, examples, dt_ms);
    }
    for (const auto& [key, trace] : recordings.traces) {
        sink.add_array(key, trace);
    }
}

std::string recordings_table(const Recordings& recordings) {
    Table table({{"recorded"}, {"content"}});
    for (const auto& [key, examples] : recordings.spikes) {
        std::size_t spikes = 0;
        for (const SpikeRecord& example : examples) {
            spikes += example.ids.size();
        }
        const double mean = examples.empty() ? 0.0 : static_cast<double>(spikes) / static_cast<double>(examples.size());
        table.add_row({key, format_count(spikes, "spike") + ", " + format_number(mean) + " per example"});
    }
    for (const auto& [key, trace] : recordings.traces) {
        table.add_row({key, std::string(name_of(trace.dtype())) + " " + to_string(trace.shape())});
    }
    return table.empty() ? "" : table.text();
}

}  // namespace mlgenn::cli
