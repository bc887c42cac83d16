// SPDX-License-Identifier: Apache-2.0
// Random numbers of several distributions in IR. Every draw takes a block of Philox of its own: a counter counts the
// draws of one neuron in one step (or of one element), so that numbers depend on nothing that runs beside it.
#pragma once

#include <array>

#include "compiler/models/math/scratch.h"
#include "compiler/models/random.h"

namespace mlgenn::models {

class RandomNumbers {
public:
    /// `key` and `place` (the counter's first three words, u32) say whose numbers they are.
    RandomNumbers(Scratch& scratch, PhiloxKey key, const std::array<ir::E, 3>& place);

    /// u32
    [[nodiscard]] ir::E word();
    /// [0, 1), in steps of 2^-24.
    [[nodiscard]] ir::E uniform();
    /// Mean 0, standard deviation 1 (Box and Muller); up to 6.8.
    [[nodiscard]] ir::E normal();
    /// Mean 1; up to 22.9.
    [[nodiscard]] ir::E exponential();
    /// e^(mean + standard_deviation normal).
    [[nodiscard]] ir::E log_normal(const ir::E& mean, const ir::E& standard_deviation);
    /// Scale 1 (Marsaglia and Tsang, 2000). NaN unless shape > 0.
    [[nodiscard]] ir::E gamma(const ir::E& shape);
    /// Successes in n (u32) trials, as u32: inversion for small means, else transformed rejection (Hoermann, 1993).
    [[nodiscard]] ir::E binomial(const ir::E& n, const ir::E& p);

private:
    std::array<ir::E, 4> block();
    ir::E binomial_by_inversion(const ir::E& trials, const ir::E& p);
    ir::E binomial_by_rejection(const ir::E& trials, const ir::E& p);

    Scratch& s_;
    PhiloxKey key_;
    std::array<ir::E, 3> place_;
    /// u32: draws so far.
    ir::E draws_;
};

}  // namespace mlgenn::models
