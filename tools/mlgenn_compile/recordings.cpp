// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/recordings.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "mlgenn/errors.h"
#include "mlgenn/results_io.h"
#include "tools/mlgenn_compile/record_filters.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

/// One --record: "hidden.V[::2]" is owner, variable and one filter; connections have two.
struct RecordText {
    std::string text;
    std::string owner;
    std::string variable;
    std::vector<std::string> filters;
};

[[noreturn]] void reject(const std::string& text) {
    throw DescriptionError(Diagnostic{"--record",
                                      "found '" + text + "', expected POPULATION.spikes or POPULATION.VARIABLE",
                                      {},
                                      "write hidden.spikes or hidden.V, for example"});
}

/// The position behind the bracket that closes the one at `open`.
std::size_t behind_bracket(const std::string& text, std::size_t open) {
    std::size_t depth = 0;
    for (std::size_t at = open; at < text.size(); ++at) {
        depth += text[at] == '[' ? 1 : 0;
        depth -= text[at] == ']' ? 1 : 0;
        if (depth == 0) {
            return at + 1;
        }
    }
    reject(text);
}

RecordText parse_record(const std::string& text) {
    const std::size_t dot = text.find('.');
    const std::size_t end = std::min(text.find('['), text.size());
    if (dot == std::string::npos || dot == 0 || dot + 1 >= end) {
        reject(text);
    }
    RecordText record{text, text.substr(0, dot), text.substr(dot + 1, end - dot - 1), {}};
    for (std::size_t at = end; at < text.size();) {
        const std::size_t next = text[at] == '[' ? behind_bracket(text, at) : 0;
        if (next == 0) {
            reject(text);
        }
        record.filters.push_back(text.substr(at + 1, next - at - 2));
        at = next;
    }
    return record;
}

NeuronFilter filter_of(const RecordText& record, std::size_t index) {
    return index < record.filters.size() ? parse_neuron_filter(record.filters[index], "--record " + record.text)
                                         : NeuronFilter();
}

CallbackSpec recorder_of(const RecordText& record, const Network& network, const ExampleFilter& examples) {
    const bool is_connection =
        network.find_population(record.owner) == nullptr &&
        std::any_of(network.connections.begin(), network.connections.end(),
                    [&](const Connection& connection) { return connection.name == record.owner; });
    if (record.filters.size() > (is_connection ? 2U : 1U)) {
        throw DescriptionError(
            Diagnostic{"--record " + record.text,
                       std::to_string(record.filters.size()) + " filters found",
                       {},
                       "give a population one, and a connection one for its source and one for its target"});
    }
    if (is_connection) {
        return ConnVarRecorder{.connection = record.owner,
                               .variable = record.variable,
                               .key = record.text,
                               .example_filter = examples,
                               .src_neuron_filter = filter_of(record, 0),
                               .trg_neuron_filter = filter_of(record, 1)};
    }
    if (record.variable == "spikes" || record.variable == "spike_counts") {
        return SpikeRecorder{.population = record.owner,
                             .key = record.text,
                             .example_filter = examples,
                             .neuron_filter = filter_of(record, 0),
                             .record_counts = record.variable == "spike_counts"};
    }
    return VarRecorder{.population = record.owner,
                       .variable = record.variable,
                       .key = record.text,
                       .example_filter = examples,
                       .neuron_filter = filter_of(record, 0)};
}

void check_selection_has_a_file(const RecordSettings& settings, const RecordText& record) {
    if (!record.filters.empty() || record.variable == "spike_counts" || !settings.examples.empty()) {
        throw DescriptionError(Diagnostic{settings.examples.empty() ? "--record " + record.text : "--record-examples",
                                          "selections go to a file of their own",
                                          {},
                                          "name an .npz file with --record-to"});
    }
}

std::string spikes_text(std::size_t spikes, std::size_t examples) {
    const double mean = examples == 0 ? 0.0 : static_cast<double>(spikes) / static_cast<double>(examples);
    return format_count(spikes, "spike") + ", " + format_number(mean) + " per example";
}

std::string array_text(const Array& array) {
    return std::string(name_of(array.dtype())) + " " + to_string(array.shape());
}

std::string content_of(const CallbackValue& value) {
    if (const auto* trains = std::get_if<SpikeTrains>(&value)) {
        std::size_t spikes = 0;
        for (const auto& ids : trains->ids) {
            spikes += ids.size();
        }
        return spikes_text(spikes, trains->ids.size());
    }
    if (const auto* arrays = std::get_if<std::vector<Array>>(&value)) {
        return format_count(arrays->size(), "example") + (arrays->empty() ? "" : " of " + array_text(arrays->front()));
    }
    if (const auto* array = std::get_if<Array>(&value)) {
        return array_text(*array);
    }
    return format_number(std::get<double>(value));
}

}  // namespace

void apply_recordings(const RecordSettings& settings, const Network& network, CompilerOptions& options) {
    if (settings.to.empty()) {
        for (const std::string& text : settings.what) {
            const RecordText record = parse_record(text);
            check_selection_has_a_file(settings, record);
            options.recordings.push_back(
                {record.owner, record.variable == "spikes" ? "" : record.variable, record.text});
        }
        return;
    }
    if (settings.to.extension() != ".npz" || settings.what.empty()) {
        throw DescriptionError(
            Diagnostic{"--record-to " + settings.to.string(),
                       settings.what.empty() ? "nothing is to be recorded" : "recordings are written as .npz only",
                       {},
                       settings.what.empty() ? "say what with --record" : "name an .npz file"});
    }
    const ExampleFilter examples =
        settings.examples.empty() ? ExampleFilter() : parse_example_filter(settings.examples, "--record-examples");
    for (const std::string& text : settings.what) {
        options.callbacks.push_back(recorder_of(parse_record(text), network, examples));
    }
}

std::size_t num_whole_recordings(const RecordSettings& settings) {
    return settings.to.empty() ? settings.what.size() : 0;
}

void add_recordings(ArraySink& sink, const Recordings& recordings, double dt_ms) {
    for (const auto& [key, examples] : recordings.spikes) {
        sink.add_spikes(key, examples, dt_ms);
    }
    for (const auto& [key, trace] : recordings.traces) {
        sink.add_array(key, trace);
    }
}

void write_recorded(const RecordSettings& settings, const CallbackData& data,
                    std::vector<std::filesystem::path>& files) {
    if (!settings.to.empty()) {
        save_callback_data(settings.to, data);
        files.push_back(settings.to);
    }
}

std::string recordings_table(const Recordings& recordings, const CallbackData& data) {
    Table table({{"recorded"}, {"content"}});
    for (const auto& [key, examples] : recordings.spikes) {
        std::size_t spikes = 0;
        for (const SpikeRecord& example : examples) {
            spikes += example.ids.size();
        }
        table.add_row({key, spikes_text(spikes, examples.size())});
    }
    for (const auto& [key, trace] : recordings.traces) {
        table.add_row({key, array_text(trace)});
    }
    for (const auto& [key, value] : data) {
        table.add_row({key, content_of(value)});
    }
    return table.empty() ? "" : table.text();
}

}  // namespace mlgenn::cli
