// SPDX-License-Identifier: Apache-2.0
// What the catalogue of models holds, for listings and documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/network.h"

namespace mlgenn {

struct ParameterInfo {
    std::string name;
    /// "number", "boolean", "integer", "word", "pair", "weights" or "indices".
    std::string type;
    bool required = false;
    /// May be given per neuron.
    bool per_neuron = false;
    /// Unset parameters take it.
    Value default_value;
    std::vector<std::string> choices;
    std::string unit;
    std::string doc;
};

struct ModelInfo {
    /// "neuron", "synapse", "connectivity", "readout", "metric" or "initialiser".
    std::string kind;
    std::string name;
    std::string summary;
    std::vector<std::string> equations;
    std::vector<ParameterInfo> parameters;
};

/// Every entry of the catalogue, kind by kind.
[[nodiscard]] std::vector<ModelInfo> list_models();

/// Names of the populations whose neurons take input from outside, in the order of the network.
[[nodiscard]] std::vector<std::string> input_populations(const Network& network);

/// The steps for which a network of few-spike neurons presents an example (their `k`); nothing for other networks.
[[nodiscard]] std::optional<std::uint32_t> few_spike_steps(const Network& network);

/// Number of synapses of a connection of a validated network; random ones are drawn from `rng_seed`.
[[nodiscard]] std::uint64_t num_synapses(const Network& network, const Connection& connection,
                                         std::uint64_t rng_seed = 0);

}  // namespace mlgenn
