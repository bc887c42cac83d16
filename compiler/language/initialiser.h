// SPDX-License-Identifier: Apache-2.0
// Code that gives values: of parameters, of variables at the start, of weights and delays. It assigns `value`, once
// per neuron or synapse, on the host, when a network is compiled.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/language/source.h"

namespace mlgenn::language {

/// What one value belongs to, which decides the names that code finds beside `dt` and its parameters.
enum class ElementKind : std::uint8_t {
    neuron,   ///< id, num_neurons
    synapse,  ///< id_pre, id_post, id_syn, num_pre, num_post
    kernel,   ///< id_kernel: an element of a convolution's weights, in C order
};

/// The values that are wanted.
struct Elements {
    ElementKind kind = ElementKind::neuron;
    std::uint32_t count = 0;
    /// Synapses: one pair per element; left empty, element k is pre k / num_post, post k % num_post (dense).
    std::span<const std::uint32_t> pre{};
    std::span<const std::uint32_t> post{};
    std::uint32_t num_pre = 0;
    std::uint32_t num_post = 0;
};

struct InitialiserContext {
    double dt_ms = 1.0;
    std::uint64_t rng_seed = 0;
    /// Whose values these are ("hidden.V", "input_to_hidden.weight"): every name has random numbers of its own.
    std::string object{};
};

using InitialiserParams = std::map<std::string, double>;

/// Adds what is wrong with `code` to `findings`, under `part`. Of `params` only the names matter.
void check_initialiser(const std::string& part, const std::string& code, const InitialiserParams& params,
                       ElementKind kind, Findings& findings);

/// One value (f32) per element; the same on every machine. Throws DescriptionError, with `context.object` as the
/// place, for code that check_initialiser refuses.
[[nodiscard]] std::vector<float> evaluate_initialiser(const std::string& code, const InitialiserParams& params,
                                                      const Elements& elements, const InitialiserContext& context);

}  // namespace mlgenn::language
