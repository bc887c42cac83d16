// SPDX-License-Identifier: Apache-2.0
#include "compiler/description/checkpoint_files.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"

namespace mlgenn::description {

namespace {

constexpr const char* suffix = ".npy";

std::string prefix_of(const std::vector<std::string>& keys) {
    std::string prefix;
    for (const std::string& key : keys) {
        prefix += key + "-";
    }
    return prefix;
}

std::vector<std::filesystem::path> array_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    const std::filesystem::directory_iterator entries(folder, error);
    if (error) {
        fail(shown_path(folder), "cannot be read: " + error.message(), "name the folder that holds the checkpoint");
    }
    for (const auto& entry : entries) {
        if (entry.path().extension() == suffix) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// The beginnings up to the first '-', which are the first keys there are.
std::string first_keys(const std::vector<std::filesystem::path>& files) {
    std::set<std::string> keys;
    for (const std::filesystem::path& file : files) {
        const std::string stem = file.stem().string();
        keys.insert(stem.substr(0, stem.find('-')));
    }
    return listed(std::vector<std::string>(keys.begin(), keys.end()));
}

std::string as_name(const std::string& name) {
    std::string result = name;
    for (char& c : result) {
        const bool allowed = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        c = allowed ? c : '_';
    }
    return result;
}

std::optional<Place> find_named(const Network& network, const std::string& name) {
    for (std::size_t i = 0; i < network.populations.size(); ++i) {
        if (network.populations[i].name == name) {
            return population_place(i);
        }
    }
    for (std::size_t i = 0; i < network.connections.size(); ++i) {
        if (network.connections[i].name == name) {
            return connection_place(i);
        }
    }
    return std::nullopt;
}

/// The names that a population may have in the checkpoint.
std::vector<std::string> aliases_of(const std::string& population, const std::map<std::string, std::string>& names) {
    std::vector<std::string> aliases = {population};
    for (const auto& [theirs, ours] : names) {
        if (ours == population) {
            aliases.push_back(theirs);
        }
    }
    return aliases;
}

/// A connection by mlGeNN's default name; nothing where several could be meant.
std::optional<Place> find_default_named(const Network& network, const std::string& name,
                                        const std::map<std::string, std::string>& names) {
    std::optional<Place> place;
    for (std::size_t i = 0; i < network.connections.size(); ++i) {
        for (const std::string& source : aliases_of(network.connections[i].source, names)) {
            for (const std::string& target : aliases_of(network.connections[i].target, names)) {
                if (as_name(name) == as_name("Conn_" + source + "_" + target)) {
                    if (place) {
                        return std::nullopt;
                    }
                    place = connection_place(i);
                }
            }
        }
    }
    return place;
}

bool is_number(const std::string& text) {
    return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::vector<CheckpointFile> list_checkpoint(const std::filesystem::path& folder, const std::vector<std::string>& keys) {
    const std::string prefix = prefix_of(keys);
    const std::vector<std::filesystem::path> all = array_files(folder);
    std::vector<CheckpointFile> files;
    for (const std::filesystem::path& path : all) {
        const std::string stem = path.stem().string();
        const std::size_t dash = stem.rfind('-');
        if (stem.rfind(prefix, 0) == 0 && dash != std::string::npos && dash >= prefix.size()) {
            files.push_back({path, stem.substr(prefix.size(), dash - prefix.size()), stem.substr(dash + 1), {}});
        }
    }
    if (files.empty()) {
        fail(shown_path(folder),
             all.empty() ? "holds no npy files" : "holds no file '" + printable(prefix) + "<name>-<variable>.npy'",
             all.empty() ? "name the folder that the serialiser wrote" : "the first keys there are " + first_keys(all));
    }
    return files;
}

void find_places(const Network& network, const std::map<std::string, std::string>& names,
                 std::vector<CheckpointFile>& files, std::vector<Diagnostic>& findings) {
    for (const auto& [theirs, ours] : names) {
        if (!find_named(network, ours)) {
            std::vector<std::string> known;
            for (const Population& population : network.populations) {
                known.push_back(population.name);
            }
            for (const Connection& connection : network.connections) {
                known.push_back(connection.name);
            }
            findings.push_back({"checkpoint name " + in_quotes(theirs),
                                "there is no population or connection " + in_quotes(ours),
                                {},
                                suggestion(ours, known, "the names are")});
        }
    }
    for (CheckpointFile& file : files) {
        if (const auto given = names.find(file.name); given != names.end()) {
            file.place = find_named(network, given->second);
            continue;
        }
        file.place = find_named(network, file.name);
        if (!file.place) {
            file.place = find_default_named(network, file.name, names);
        }
        if (!file.place) {
            file.place = find_named(network, as_name(file.name));
        }
    }
}

std::string numbered_hint(const Network& network, const std::vector<CheckpointFile>& files) {
    std::set<unsigned long> numbers;
    for (const CheckpointFile& file : files) {
        if (file.place) {
            continue;
        }
        std::string rest = file.name.rfind("Conn_", 0) == 0 ? file.name.substr(5) : file.name;
        for (std::size_t at = 0; at <= rest.size();) {
            const std::size_t end = std::min(rest.find('_', at), rest.size());
            const std::string part = rest.substr(at, end - at);
            if (part.rfind("Pop", 0) == 0 && is_number(part.substr(3))) {
                numbers.insert(std::stoul(part.substr(3)));
            }
            at = end + 1;
        }
    }
    if (numbers.empty()) {
        return {};
    }
    std::string hint = "mlGeNN numbers populations without a name in the order of their creation: say which is which";
    if (numbers.size() == network.populations.size()) {
        std::size_t index = 0;
        for (const unsigned long number : numbers) {
            hint += (index == 0 ? ", perhaps Pop" : ", Pop") + std::to_string(number) + "=" +
                    network.populations[index].name;
            ++index;
        }
    }
    return hint;
}

}  // namespace mlgenn::description
