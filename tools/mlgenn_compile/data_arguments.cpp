// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/data_arguments.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "compiler/description/suggestions.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

bool is_name(const std::string& text) {
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
           std::all_of(text.begin(), text.end(), is_word);
}

std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "'" : ", '") + name + "'";
    }
    return text;
}

double parse_scale(const NamedText& entry) {
    double value = 0.0;
    const char* end = entry.text.data() + entry.text.size();
    const auto result = std::from_chars(entry.text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) {
        throw DescriptionError(Diagnostic{
            entry.option, "found '" + entry.text + "', expected a finite number", {}, "write NAME=0.01, for example"});
    }
    return value;
}

/// Reads an array file; on the command line a file may stand anywhere.
Array read_array(const std::string& file) {
    ReadOptions options;
    options.allow_outside_paths = true;
    return load_array(file, options);
}

/// "spikes.npz" -> "spikes.npz:times"; "all.npz:hidden.spikes" -> "all.npz:hidden.spikes.times".
std::string events_member(const std::string& file, const char* member) {
    const bool has_prefix = file.find(".npz:") != std::string::npos;
    return file + (has_prefix ? "." : ":") + member;
}

/// The three parts of one population's events, each from its own option.
SpikeInput read_event_parts(const std::string& population, std::map<std::string, NamedText>& times,
                            std::map<std::string, NamedText>& ids, std::map<std::string, NamedText>& offsets) {
    for (const auto& [part, option] :
         {std::pair{&times, "--input-times"}, std::pair{&ids, "--input-ids"}, std::pair{&offsets, "--input-offsets"}}) {
        if (!part->contains(population)) {
            throw DescriptionError(
                Diagnostic{option,
                           "missing for '" + population + "': spike events need times, ids and offsets",
                           {},
                           "give --input-times, --input-ids and --input-offsets, or one .npz with --input-events"});
        }
    }
    return {read_array(times.at(population).text), read_array(ids.at(population).text),
            read_array(offsets.at(population).text)};
}

void check_given_once(const std::string& population, const Inputs& inputs) {
    if (inputs.contains(population)) {
        throw DescriptionError(Diagnostic{"--input",
                                          "input population '" + population + "' is given both dense values and events",
                                          {},
                                          "give it one of the two"});
    }
}

void check_all_present(const Inputs& inputs, std::span<const std::string> input_names) {
    std::vector<Diagnostic> missing;
    for (const std::string& name : input_names) {
        if (!inputs.contains(name)) {
            missing.push_back({"--input",
                               "nothing is given for input population '" + name + "'",
                               {},
                               "add --input " + name + "=FILE, or --input-events " + name + "=FILE.npz for spikes"});
        }
    }
    if (!missing.empty()) {
        throw DescriptionError(std::move(missing));
    }
}

}  // namespace

NamedText parse_named(const std::string& option, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos && is_name(text.substr(0, equals))) {
        return {text.substr(0, equals), text.substr(equals + 1), option};
    }
    return {"", text, option};
}

std::map<std::string, NamedText> by_population(std::span<const NamedText> entries,
                                               std::span<const std::string> candidates, const std::string& kind) {
    std::map<std::string, NamedText> result;
    for (NamedText entry : entries) {
        if (entry.name.empty() && candidates.size() == 1) {
            entry.name = candidates[0];
        }
        if (entry.name.empty()) {
            throw DescriptionError(Diagnostic{entry.option,
                                              "'" + entry.text + "' names no population, but the network has " +
                                                  format_count(candidates.size(), kind) + ": " + joined(candidates),
                                              {},
                                              "write " + entry.option + " NAME=" + entry.text});
        }
        if (std::find(candidates.begin(), candidates.end(), entry.name) == candidates.end()) {
            throw DescriptionError(
                Diagnostic{entry.option,
                           "'" + entry.name + "' is no " + kind + " population of the network",
                           {},
                           description::suggestion(entry.name, candidates, "the " + kind + " populations are")});
        }
        if (result.contains(entry.name)) {
            throw DescriptionError(Diagnostic{entry.option, "'" + entry.name + "' is given twice", {}, "give it once"});
        }
        const std::string name = entry.name;
        result.emplace(name, std::move(entry));
    }
    return result;
}

std::vector<std::string> output_names(const Network& network) {
    std::vector<std::string> names;
    for (const Population& population : network.populations) {
        if (population.readout) {
            names.push_back(population.name);
        }
    }
    return names;
}

Inputs read_inputs(const DataSettings& data, std::span<const std::string> input_names) {
    Inputs inputs;
    const auto scales = by_population(data.input_scales, input_names, "input");
    for (const auto& [name, entry] : by_population(data.inputs, input_names, "input")) {
        DenseInput dense{read_array(entry.text), 1.0};
        if (const auto scale = scales.find(name); scale != scales.end()) {
            dense.scale = parse_scale(scale->second);
        }
        inputs.emplace(name, std::move(dense));
    }
    for (const auto& [name, entry] : scales) {
        if (!inputs.contains(name)) {
            throw DescriptionError(
                Diagnostic{entry.option, "'" + name + "' has no --input that could be scaled", {}, "add it"});
        }
    }
    for (const auto& [name, entry] : by_population(data.input_events, input_names, "input")) {
        check_given_once(name, inputs);
        inputs.emplace(name, SpikeInput{read_array(events_member(entry.text, "times")),
                                        read_array(events_member(entry.text, "ids")),
                                        read_array(events_member(entry.text, "offsets"))});
    }
    auto times = by_population(data.input_times, input_names, "input");
    auto ids = by_population(data.input_ids, input_names, "input");
    auto offsets = by_population(data.input_offsets, input_names, "input");
    for (const std::string& name : input_names) {
        if (times.contains(name) || ids.contains(name) || offsets.contains(name)) {
            check_given_once(name, inputs);
            inputs.emplace(name, read_event_parts(name, times, ids, offsets));
        }
    }
    check_all_present(inputs, input_names);
    return data.first ? first_examples(inputs, *data.first) : inputs;
}

Targets read_targets(std::span<const NamedText> targets, std::span<const std::string> names,
                     const std::optional<std::uint64_t>& first) {
    Targets result;
    for (const auto& [name, entry] : by_population(targets, names, "output")) {
        Array values = read_array(entry.text);
        if (first) {
            values = first_rows(values, *first, entry.text);
        }
        result.emplace(name, std::move(values));
    }
    return result;
}

std::size_t num_examples(const Input& input) {
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return dense->values.shape().empty() ? 0 : dense->values.shape()[0];
    }
    const auto& events = std::get<SpikeInput>(input);
    return events.offsets.size() == 0 ? 0 : events.offsets.size() - 1;
}

Inputs first_examples(const Inputs& inputs, std::size_t count) {
    Inputs result;
    for (const auto& [name, input] : inputs) {
        if (const auto* dense = std::get_if<DenseInput>(&input)) {
            result.emplace(name, DenseInput{first_rows(dense->values, count, "input '" + name + "'"), dense->scale});
            continue;
        }
        const auto& events = std::get<SpikeInput>(input);
        Array offsets = first_rows(events.offsets, count + 1, "input '" + name + "' (offsets)");
        const double end = offsets.value(count);
        if (!(end >= 0.0 && end <= static_cast<double>(events.times_ms.size()) && end == std::floor(end))) {
            result.emplace(name, events);  // wrong offsets: the runtime says what is wrong with all of them
            continue;
        }
        const auto num_events = static_cast<std::size_t>(end);
        result.emplace(
            name, SpikeInput{first_rows(events.times_ms, num_events, "input '" + name + "' (times)"),
                             first_rows(events.ids, num_events, "input '" + name + "' (ids)"), std::move(offsets)});
    }
    return result;
}

Array first_rows(const Array& array, std::size_t count, const std::string& where) {
    const std::size_t available = array.shape().empty() ? 0 : array.shape()[0];
    if (count > available) {
        throw DescriptionError(Diagnostic{where,
                                          "the first " + format_count(count) +
                                              " rows are asked for, but the array of shape " +
                                              to_string(array.shape()) + " has " + format_count(available),
                                          {},
                                          "ask for fewer with --first, or leave it out"});
    }
    return array.rows(0, count);
}

}  // namespace mlgenn::cli
