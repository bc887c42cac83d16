// SPDX-License-Identifier: Apache-2.0
// State of one batch slot of the reference interpreter, and one timestep of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "mlgenn/compiler.h"
#include "mlgenn/network.h"
#include "tests/reference/connectivity.h"
#include "tests/reference/inputs.h"
#include "tests/reference/neurons.h"
#include "tests/reference/readouts.h"
#include "tests/reference/synapses.h"

namespace mlgenn::reference {

/// A connection's constants: shared by all slots.
struct ConnectionModel {
    std::size_t source = 0;
    std::size_t target = 0;
    std::size_t num_targets = 0;
    std::size_t delay = 0;
    /// One per synapse; empty: all have `delay`.
    std::vector<std::size_t> synapse_delays;
    std::unique_ptr<Connectivity> connectivity;
    /// exact: weight * 2^scale_exponent, rounded to even, and 2^-scale_exponent.
    std::vector<std::int32_t> integer_weights;
    float unscale = 1.0f;
};

/// Null when `models` has none of the name.
template <class Model>
[[nodiscard]] const Model* find_user_model(const std::vector<Model>& models, const std::string& name) {
    for (const Model& model : models) {
        if (model.name == name) {
            return &model;
        }
    }
    return nullptr;
}

/// A network's constants.
struct NetworkModel {
    const Network* network = nullptr;
    Accumulation accumulation = Accumulation::ordered;
    std::uint32_t timesteps = 0;
    double dt = 1.0;
    std::uint64_t rng_seed = 0;
    std::vector<const NeuronKind*> neuron_kinds;
    std::vector<std::size_t> num_neurons;
    std::vector<ConnectionModel> connections;
    std::size_t max_delay = 0;
};
[[nodiscard]] NetworkModel make_model(const Network& network, Accumulation accumulation, std::uint32_t timesteps,
                                      double dt, std::uint64_t rng_seed);

class Slot {
public:
    explicit Slot(const NetworkModel& model);

    /// `example` is its number in the call.
    void begin_example(std::uint32_t example, const ResetOptions& reset);
    /// Runs one timestep; `feeds` holds one entry per population, empty for those that take no input.
    void step(std::vector<std::optional<ExampleFeed>>& feeds);

    /// Neurons of population p that fired in the last step, ascending.
    [[nodiscard]] const std::vector<std::size_t>& last_spikes(std::size_t population) const;
    [[nodiscard]] const Neurons& neurons(std::size_t population) const { return *neurons_[population]; }
    [[nodiscard]] const Readout* readout(std::size_t population) const { return readouts_[population].get(); }

private:
    using SpikeIds = std::vector<std::size_t>;
    struct Arrivals {
        std::vector<float> ordered;
        std::vector<std::int32_t> exact;
    };

    /// Who fired in one step, ascending.
    struct Fired {
        SpikeIds spikes;
        SpikeIds negative;
    };

    [[nodiscard]] std::unique_ptr<Neurons> make_neurons(std::size_t population) const;
    [[nodiscard]] std::unique_ptr<Synapses> make_synapses(std::size_t connection) const;
    void deliver(std::size_t connection);
    void deliver_ordered(const ConnectionModel& connection, Synapses& synapses, const SpikeIds& spikes, float sign);
    void deliver_exact(const ConnectionModel& connection, Synapses& synapses, const Fired* fired);
    void add_integers(const ConnectionModel& connection, const SpikeIds& spikes, std::int32_t sign,
                      std::vector<std::int32_t>& sums);
    void deliver_later(std::size_t connection, const Fired* fired);
    void add_later(std::size_t connection, const SpikeIds& spikes, bool negative);
    [[nodiscard]] Arrivals& sums_after(std::size_t connection, std::size_t delay);
    [[nodiscard]] float synaptic_current(std::size_t population, std::size_t j);
    [[nodiscard]] Fired update_population(std::size_t population, std::optional<ExampleFeed>& feed);

    const NetworkModel* model_;
    std::uint32_t example_ = 0;
    /// Steps that `t` counts, and steps of this example: they differ when the time is not reset.
    std::uint32_t step_ = 0;
    std::uint32_t example_step_ = 0;
    std::vector<std::unique_ptr<Neurons>> neurons_;
    std::vector<std::unique_ptr<Readout>> readouts_;
    std::vector<std::unique_ptr<Synapses>> synapses_;
    /// Per finished step, oldest first, per population: who fired.
    std::vector<std::vector<Fired>> history_;
    /// By connection with delays per synapse: the sums that arrive in this step, in the next one, ...
    std::vector<std::deque<Arrivals>> arrivals_;
    std::vector<Synapse> row_;
};

}  // namespace mlgenn::reference
