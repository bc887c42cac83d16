// SPDX-License-Identifier: Apache-2.0
// Connectivities of the reference interpreter: which synapses one presynaptic neuron has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mlgenn/array.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

struct Synapse {
    std::size_t post = 0;
    /// Its place in arrays of weights and delays.
    std::size_t index = 0;
};

struct ConnectivityContext {
    Shape source;
    Shape target;
    /// Source and target are the same population.
    bool recurrent = false;
    std::string_view name;
    std::uint64_t rng_seed = 0;
};

/// Element `index`, or the only element, which all synapses share.
template <class T>
[[nodiscard]] const T& shared_or_own(const std::vector<T>& values, std::size_t index) {
    return values.size() == 1 ? values.front() : values.at(index);
}

class Connectivity {
public:
    explicit Connectivity(std::vector<float> weights) : weights_(std::move(weights)) {}
    virtual ~Connectivity() = default;

    /// Replaces `row` with the synapses of presynaptic neuron `pre`.
    virtual void row(std::size_t pre, std::vector<Synapse>& row) const = 0;
    /// The largest sum of |weight| over the synapses of one target neuron, in double.
    [[nodiscard]] virtual double max_abs_input(std::size_t num_pre, std::size_t num_post) const;
    /// Effective weights: f32, divided by the pool's area where there is one.
    [[nodiscard]] const std::vector<float>& weights() const { return weights_; }

private:
    std::vector<float> weights_;
};

struct ConnectivityKind {
    std::string_view name;
    std::unique_ptr<Connectivity> (*make)(ParameterView&, const ConnectivityContext&) = nullptr;
};
/// Throws Unsupported for a name that the interpreter does not know.
[[nodiscard]] const ConnectivityKind& find_connectivity_kind(std::string_view name);

[[nodiscard]] std::unique_ptr<Connectivity> make_dense(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_one_to_one(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_sparse(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_fixed_probability(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_conv1d(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_conv2d(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_conv2d_transpose(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_avg_pool2d(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_avg_pool_conv2d(ParameterView&, const ConnectivityContext&);
[[nodiscard]] std::unique_ptr<Connectivity> make_avg_pool_dense2d(ParameterView&, const ConnectivityContext&);

}  // namespace mlgenn::reference
