// SPDX-License-Identifier: Apache-2.0
// Synapse whose current rises and falls as an alpha function.
#include <cmath>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

constexpr double euler = 2.718281828459045235;

/// The pair x' = -x / tau, I' = (e x - I) / tau over one step, solved exactly (Rotter and Diesmann, "Exact digital
/// simulation of time-invariant linear systems", 1999).
void build(SynapseBuilder& b) {
    const Variable in_syn = b.state("in_syn");
    const Variable current = b.state("current");
    const E total = b.receive_onto(in_syn);
    const E now = current.value();
    b.inject(b.scope().code().let(current.name() + "_now", now));
    const double dt = b.scope().dt_ms();
    const std::string tau = "tau";
    const E rise = b.scope().derived("rise", std::span(&tau, 1), [dt](std::span<const double> p) {
        return euler * (dt / p[0]) * std::exp(-dt / p[0]);
    });
    const E decay = b.scope().decay("decay", "tau");
    current.set(decay * now + rise * total);
    in_syn.set(total * decay);
}

}  // namespace

SynapseModel alpha() {
    return {
        .entry =
            {.name = "alpha",
             .summary = "Current that rises and falls as an alpha function, whose peak, tau after a weight's "
                        "arrival, is the weight.",
             .equations = {"a weight w that arrived s ms ago injects w (s / tau) exp(1 - s / tau), computed exactly:",
                           "in_syn += sum of arriving weights", "Isyn += current",
                           "current = exp(-dt / tau) current + e (dt / tau) exp(-dt / tau) in_syn",
                           "in_syn = in_syn exp(-dt / tau)",
                           "Rotter and Diesmann, Biological Cybernetics 81, 381-402 (1999)"},
             .parameters = {{.name = "tau",
                             .default_value = 5.0,
                             .per_neuron = true,
                             .minimum = 0.0,
                             .above_minimum = true,
                             .unit = "ms",
                             .doc = "time from arrival to the peak of the current"}},
             .example = R"({"model": "alpha", "params": {"tau": 5.0}})"},
        .build = build,
    };
}

}  // namespace mlgenn::models
