// SPDX-License-Identifier: Apache-2.0
// Parameters of a model as the reference interpreter reads them. It states every default itself and shares nothing
// with the compiler's catalogue, so that a wrong default there shows as a difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn::reference {

/// The interpreter does not know this model, parameter or feature. A test that meets it is skipped, not passed.
class Unsupported : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What initialisers of a model's parameters draw from: "hidden" and "neuron", "a_to_b" and "connectivity" or
/// "synapse".
struct DrawSource {
    std::string owner;
    std::string use;
    std::uint64_t seed = 0;
};

class ParameterView {
public:
    ParameterView(const ModelSpec& spec, DrawSource draws) : spec_(&spec), draws_(std::move(draws)) {}

    [[nodiscard]] bool boolean(const std::string& name, bool default_value);
    [[nodiscard]] std::string word(const std::string& name, const std::string& default_value);
    /// Required.
    [[nodiscard]] double number(const std::string& name);
    [[nodiscard]] std::size_t whole_number(const std::string& name, std::size_t default_value);
    /// A whole number for both directions, or an array of two.
    [[nodiscard]] std::pair<std::size_t, std::size_t> pair(const std::string& name,
                                                           std::pair<std::size_t, std::size_t> default_value);
    /// One number for each of `count` neurons: the array, or the number repeated.
    [[nodiscard]] std::vector<double> per_neuron(const std::string& name, double default_value, std::size_t count);
    /// The same for a parameter whose null (and default) means "off".
    [[nodiscard]] std::optional<std::vector<double>> per_neuron_or_off(const std::string& name, std::size_t count);
    /// Required: an array's elements, `count` draws, or a single number as one element.
    [[nodiscard]] std::vector<float> weights(const std::string& name, std::size_t count);
    /// Parameter "weight" with a number repeated `count` times.
    [[nodiscard]] std::vector<float> all_weights(std::size_t count);
    [[nodiscard]] std::vector<std::size_t> indices(const std::string& name);
    /// The shape of a kernel: that of the array "weight", or made of conv_size (`num_sizes` of them), filters and
    /// channels.
    [[nodiscard]] Shape kernel_shape(std::size_t num_sizes, std::size_t channels, bool filters_first = false);

    /// Throws Unsupported when a parameter was given that nothing has read.
    void require_all_read() const;
    [[noreturn]] void fail(const std::string& problem) const;

private:
    [[nodiscard]] const Value* find(const std::string& name);
    [[nodiscard]] const Value& required(const std::string& name);
    [[nodiscard]] std::vector<double> numbers(const std::string& name, const Value& value, std::size_t count) const;

    const ModelSpec* spec_;
    DrawSource draws_;
    std::set<std::string> read_;
};

/// Each element rounded once.
[[nodiscard]] std::vector<float> rounded(const std::vector<double>& values);

}  // namespace mlgenn::reference
