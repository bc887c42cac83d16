// SPDX-License-Identifier: Apache-2.0
// Places and findings.
#include "compiler/description/report.h"

#include <algorithm>
#include <utility>

namespace mlgenn::description {

namespace {

/// More would bury the reader, and a hostile file could ask for millions.
constexpr std::size_t max_findings = 1000;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// "/connectivity/params/weight" becomes "connectivity.weight".
std::string dotted(std::string path) {
    constexpr std::string_view params = "/params";
    if (const std::size_t at = path.find(params); at != std::string::npos) {
        path.erase(at, params.size());
    }
    std::replace(path.begin(), path.end(), '/', '.');
    return path.empty() ? path : path.substr(1);
}

template <class Item>
bool has_unique_name(const std::vector<Item>& items, std::size_t index) {
    const std::string& name = items[index].name;
    return is_well_formed_name(name) &&
           std::count_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; }) == 1;
}

}  // namespace

bool is_well_formed_name(std::string_view name) {
    constexpr std::size_t longest = 128;
    return !name.empty() && name.size() <= longest && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

Place Place::operator/(std::string_view key) const {
    return {section, index, path + "/" + std::string(key)};
}

std::string Place::pointer() const {
    switch (section) {
        case Section::network:
            return path;
        case Section::populations:
            return "/populations/" + std::to_string(index) + path;
        case Section::connections:
            return "/connections/" + std::to_string(index) + path;
        case Section::neuron_models:
            return "/neuron_models/" + std::to_string(index) + path;
        case Section::synapse_models:
            return "/synapse_models/" + std::to_string(index) + path;
        case Section::metric_models:
            return "/metric_models/" + std::to_string(index) + path;
    }
    throw InternalError("a section outside the enumeration");
}

Place population_place(std::size_t index) {
    return {Place::Section::populations, index};
}

Place connection_place(std::size_t index) {
    return {Place::Section::connections, index};
}

Place neuron_model_place(std::size_t index) {
    return {Place::Section::neuron_models, index};
}

Place synapse_model_place(std::size_t index) {
    return {Place::Section::synapse_models, index};
}

Place metric_model_place(std::size_t index) {
    return {Place::Section::metric_models, index};
}

Report::Report(const Network& network, std::vector<Diagnostic> findings, std::set<std::string> unreadable)
    : network_(network), findings_(std::move(findings)), unreadable_(std::move(unreadable)) {}

bool Report::is_readable(const Place& place) const {
    std::string pointer = place.pointer();
    while (!pointer.empty()) {
        if (unreadable_.count(pointer) != 0) {
            return false;
        }
        pointer.resize(pointer.rfind('/'));
    }
    return true;
}

bool Report::is_damaged(const Place& place) const {
    const std::string pointer = place.pointer();
    const auto below = unreadable_.lower_bound(pointer + "/");
    return !is_readable(place) || (below != unreadable_.end() && below->rfind(pointer + "/", 0) == 0);
}

bool Report::is_full() const {
    return findings_.size() > max_findings;
}

void Report::add(const Place& place, std::string problem, std::string remedy, std::vector<std::string> notes) {
    if (!is_readable(place) || is_full()) {
        return;
    }
    if (findings_.size() == max_findings) {
        findings_.push_back({where({}), "there are more than " + std::to_string(max_findings) + " findings", {}, {}});
        return;
    }
    findings_.push_back({where(place), std::move(problem), std::move(notes), std::move(remedy)});
}

std::string Report::where(const Place& place) const {
    if (!from_file()) {
        return named(place);
    }
    const std::string pointer = place.pointer();
    return pointer.empty() ? network_.origin.file : network_.origin.file + ": " + pointer;
}

std::string Report::mention(const Place& place) const {
    return from_file() ? place.pointer() : named(place);
}

std::string Report::named(const Place& place) const {
    std::string owner = "network";
    if (place.section == Place::Section::populations) {
        owner = has_unique_name(network_.populations, place.index)
                    ? "population '" + network_.populations[place.index].name + "'"
                    : "populations[" + std::to_string(place.index) + "]";
    } else if (place.section == Place::Section::connections) {
        owner = has_unique_name(network_.connections, place.index)
                    ? "connection '" + network_.connections[place.index].name + "'"
                    : "connections[" + std::to_string(place.index) + "]";
    } else if (place.section == Place::Section::neuron_models) {
        owner = has_unique_name(network_.neuron_models, place.index)
                    ? "neuron model '" + network_.neuron_models[place.index].name + "'"
                    : "neuron_models[" + std::to_string(place.index) + "]";
    } else if (place.section == Place::Section::synapse_models) {
        owner = has_unique_name(network_.synapse_models, place.index)
                    ? "synapse model '" + network_.synapse_models[place.index].name + "'"
                    : "synapse_models[" + std::to_string(place.index) + "]";
    } else if (place.section == Place::Section::metric_models) {
        owner = has_unique_name(network_.metric_models, place.index)
                    ? "metric '" + network_.metric_models[place.index].name + "'"
                    : "metric_models[" + std::to_string(place.index) + "]";
    }
    const std::string rest = dotted(place.path);
    return rest.empty() ? owner : owner + ", " + rest;
}

}  // namespace mlgenn::description
