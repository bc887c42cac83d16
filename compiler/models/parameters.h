// SPDX-License-Identifier: Apache-2.0
// What a catalogue entry accepts: one table that validation, documentation and lowering read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn::models {

enum class ParameterKind : std::uint8_t {
    number,  ///< a finite number; with `per_neuron` also an array with one element per neuron
    boolean,
    integer,  ///< a whole number
    word,     ///< one of `choices`
    pair,     ///< a whole number for both directions, or an array of two (rows, columns)
    weights,  ///< a finite number, or an array whose shape the connectivity checks
    indices,  ///< a 1-D array of whole numbers
};

struct ParameterSpec {
    std::string name{};
    ParameterKind kind = ParameterKind::number;
    /// Value when left out; with `required` there is none.
    Value default_value{};
    bool required = false;
    /// JSON null is allowed and means "off".
    bool nullable = false;
    bool per_neuron = false;
    std::optional<double> minimum{};
    /// The minimum itself is not allowed.
    bool above_minimum = false;
    std::optional<double> maximum{};
    std::vector<std::string> choices{};
    std::string unit{};
    std::string doc{};
};

/// The part that all catalogue entries share.
struct Entry {
    std::string name{};
    /// One sentence.
    std::string summary{};
    /// What happens in a step, in the notation of docs/semantics.md, one line each.
    std::vector<std::string> equations{};
    std::vector<ParameterSpec> parameters{};
    /// A JSON object as it stands in a description, for the docs and the tests.
    std::string example{};

    [[nodiscard]] const ParameterSpec* find_parameter(std::string_view parameter) const;
};

/// Reads validated parameters, with defaults filled in.
class ParameterReader {
public:
    ParameterReader(const Entry& entry, const Parameters& given) : entry_(&entry), given_(&given) {}

    [[nodiscard]] const Value& value(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return entry_->find_parameter(name) != nullptr; }
    [[nodiscard]] bool is_off(std::string_view name) const { return value(name).is_null(); }
    [[nodiscard]] bool boolean(std::string_view name) const;
    [[nodiscard]] double number(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] std::string word(std::string_view name) const;
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> pair(std::string_view name) const;
    [[nodiscard]] const Array* array(std::string_view name) const { return value(name).get_if<Array>(); }

private:
    const Entry* entry_;
    const Parameters* given_;
};

}  // namespace mlgenn::models
