// SPDX-License-Identifier: Apache-2.0
// fixed_probability: every pair of neurons with probability p, from a counter-based generator.
#include <cmath>

#include "tests/reference/connectivity.h"
#include "tests/reference/random.h"

namespace mlgenn::reference {
namespace {

using Rows = std::vector<std::vector<Synapse>>;

/// Synapses are numbered in the order in which they are drawn.
Rows draw_rows(ParameterView& parameters, const ConnectivityContext& context) {
    const double threshold = std::nearbyint(parameters.number("p") * 4294967296.0);
    const bool self = parameters.boolean("allow_self_connections", false) || !context.recurrent;
    Rows rows(num_elements(context.source));
    std::size_t count = 0;
    for (std::uint32_t pre = 0; pre < rows.size(); ++pre) {
        for (std::uint32_t j = 0; j < num_elements(context.target); ++j) {
            const std::uint32_t word =
                random_word(context.rng_seed, {j / 4, pre, hash(context.name), hash("fixed_probability")}, j % 4);
            if (static_cast<double>(word) < threshold && (self || j != pre)) {
                rows[pre].push_back({j, count++});
            }
        }
    }
    return rows;
}

std::size_t num_synapses(const Rows& rows) {
    std::size_t count = 0;
    for (const std::vector<Synapse>& row : rows) {
        count += row.size();
    }
    return count;
}

class FixedProbability : public Connectivity {
public:
    FixedProbability(std::vector<float> weights, Rows rows)
        : Connectivity(std::move(weights)), rows_(std::move(rows)) {}

    void row(std::size_t pre, std::vector<Synapse>& row) const override { row = rows_[pre]; }

private:
    Rows rows_;
};

}  // namespace

std::unique_ptr<Connectivity> make_fixed_probability(ParameterView& parameters, const ConnectivityContext& context) {
    Rows rows = draw_rows(parameters, context);
    const std::size_t count = num_synapses(rows);
    return std::make_unique<FixedProbability>(parameters.weights("weight", count), std::move(rows));
}

}  // namespace mlgenn::reference
