// SPDX-License-Identifier: Apache-2.0
// The random functions of models in code, for one neuron in one step.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace mlgenn::reference {

class RandomDraws {
public:
    /// `owner` is the population or connection.
    RandomDraws(std::uint64_t seed, const std::string& owner);

    /// Starts anew for a neuron in a step of an example.
    void begin(std::uint32_t example, std::uint32_t step, std::uint32_t neuron) {
        place_ = {example, step, neuron};
        num_draws_ = 0;
    }

    std::uint32_t word() { return block()[0]; }
    float uniform();
    float normal();
    float exponential();
    float log_normal(float mean, float deviation);
    float gamma(float shape);
    std::uint32_t binomial(std::uint32_t n, float p);

private:
    std::array<std::uint32_t, 4> block();
    float by_inversion(float trials, float p);
    float by_rejection(float n, float p);

    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 3> place_{};
    std::uint32_t num_draws_ = 0;
};

}  // namespace mlgenn::reference
