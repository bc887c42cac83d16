// SPDX-License-Identifier: Apache-2.0
// Collects findings about a network and words their places: JSON pointers for files, names for C++.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"

namespace mlgenn::description {

/// A spot in a network. `path` is a JSON pointer below the population or connection ("/neuron/params/tau_mem").
struct Place {
    enum class Section : std::uint8_t {
        network,
        populations,
        connections,
        neuron_models,
        synapse_models,
        metric_models
    };
    Section section = Section::network;
    std::size_t index = 0;
    std::string path{};

    [[nodiscard]] Place operator/(std::string_view key) const;
    [[nodiscard]] std::string pointer() const;
};

[[nodiscard]] Place population_place(std::size_t index);
[[nodiscard]] Place connection_place(std::size_t index);
[[nodiscard]] Place neuron_model_place(std::size_t index);
[[nodiscard]] Place synapse_model_place(std::size_t index);
[[nodiscard]] Place metric_model_place(std::size_t index);

class Report {
public:
    /// `unreadable` are JSON pointers of what a reader has complained about and left out: nothing at or below them is
    /// reported again. `network` outlives this.
    Report(const Network& network, std::vector<Diagnostic> findings, std::set<std::string> unreadable);

    [[nodiscard]] bool is_readable(const Place& place) const;
    /// Something at or below the place is unreadable.
    [[nodiscard]] bool is_damaged(const Place& place) const;

    void add(const Place& place, std::string problem, std::string remedy, std::vector<std::string> notes = {});
    /// "net.json: /connections/2/delay", or "connection 'a_to_b', delay".
    [[nodiscard]] std::string where(const Place& place) const;
    /// The same for use inside a sentence, without the file.
    [[nodiscard]] std::string mention(const Place& place) const;

    [[nodiscard]] std::vector<Diagnostic>& findings() { return findings_; }
    [[nodiscard]] std::size_t num_findings() const { return findings_.size(); }
    /// Further findings would not be kept.
    [[nodiscard]] bool is_full() const;

private:
    [[nodiscard]] bool from_file() const { return !network_.origin.file.empty(); }
    [[nodiscard]] std::string named(const Place& place) const;

    const Network& network_;
    std::vector<Diagnostic> findings_;
    std::set<std::string> unreadable_;
};

/// A letter, then letters, digits and underscores; at most 128 characters.
[[nodiscard]] bool is_well_formed_name(std::string_view name);

}  // namespace mlgenn::description
