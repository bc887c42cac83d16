// SPDX-License-Identifier: Apache-2.0
// Synapse models of the reference interpreter: the state of one connection at its target neurons.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "tests/reference/moment.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

struct SynapseContext {
    std::size_t num_targets = 0;
    double dt = 1.0;
};

class Synapses {
public:
    virtual ~Synapses() = default;
    virtual void reset() = 0;
    virtual void begin_step(const Moment&) {}
    /// Synaptic input arrives at target j: one weight (ordered), or the step's whole sum (exact).
    virtual void add(std::size_t j, float input) = 0;
    /// The current into target j in this step; moves the state on to the next step.
    [[nodiscard]] virtual float take_current(std::size_t j) = 0;
};

struct SynapseKind {
    std::string_view name;
    std::unique_ptr<Synapses> (*make)(ParameterView&, const SynapseContext&) = nullptr;
};
/// Throws Unsupported for a name that the interpreter does not know.
[[nodiscard]] const SynapseKind& find_synapse_kind(std::string_view name);

[[nodiscard]] std::unique_ptr<Synapses> make_delta(ParameterView&, const SynapseContext&);
[[nodiscard]] std::unique_ptr<Synapses> make_alpha(ParameterView&, const SynapseContext&);
[[nodiscard]] std::unique_ptr<Synapses> make_exponential(ParameterView&, const SynapseContext&);

}  // namespace mlgenn::reference
