// SPDX-License-Identifier: Apache-2.0
// Builds random networks layer by layer, then adds connections across them.
#include "tests/properties/random_network.h"

#include <algorithm>

#include "tests/properties/random_few_spike.h"
#include "tests/properties/random_models.h"

namespace mlgenn::properties {
namespace {

constexpr std::size_t largest_population = 700;

class Builder {
public:
    explicit Builder(std::uint64_t seed) : seed_(seed), dice_(seed) {
        case_.network.name = "random_" + std::to_string(seed);
    }

    RandomCase build() {
        case_.settings.timesteps = static_cast<std::uint32_t>(1 + dice_.below(40));
        case_.settings.dt = dice_.pick<double>({1.0, 1.0, 1.0, 0.5, 0.1, 2.0, 0.7});
        case_.settings.rng_seed = seed_;
        num_examples_ = 1 + dice_.below(9);
        add_inputs();
        const std::size_t num_layers = 1 + dice_.below(4);
        for (std::size_t layer = 0; layer < num_layers; ++layer) {
            add_layer(layer + 1 == num_layers);
        }
        add_cross_connections();
        choose_reset();
        return std::move(case_);
    }

private:
    Shape random_input_shape() {
        if (dice_.chance(0.4)) {
            return {3 + dice_.below(7), 3 + dice_.below(7), 1 + dice_.below(3)};
        }
        if (dice_.chance(0.2)) {
            return {3 + dice_.below(30), 1 + dice_.below(4)};
        }
        return {dice_.pick<std::size_t>({1, 2, 7, 15, 16, 17, 33, 64, 130})};
    }

    void add_inputs() {
        const std::size_t count = dice_.chance(0.25) ? 2 : 1;
        for (std::size_t i = 0; i < count; ++i) {
            Population population;
            population.name = "input" + std::to_string(i);
            population.shape = random_input_shape();
            const std::size_t num_neurons = num_elements(population.shape);
            if (dice_.chance(0.5)) {
                population.neuron = "spike_input";
                case_.inputs[population.name] = random_events(num_neurons);
            } else {
                population.neuron = random_value_input(dice_, num_neurons);
                case_.inputs[population.name] = random_values(population);
            }
            case_.network.populations.push_back(std::move(population));
        }
    }

    /// Mostly on the grid; some events before the beginning, after the end, between steps, or at the same time.
    SpikeInput random_events(std::size_t num_neurons) {
        std::vector<float> times;
        std::vector<std::uint32_t> ids;
        std::vector<std::uint32_t> offsets = {0};
        const double duration = case_.settings.dt * case_.settings.timesteps;
        const double rate = dice_.pick<double>({0.05, 0.2, 0.5});
        for (std::size_t e = 0; e < num_examples_; ++e) {
            const auto count =
                static_cast<std::size_t>(rate * static_cast<double>(num_neurons * case_.settings.timesteps));
            for (std::size_t i = 0; i < count; ++i) {
                const double step = static_cast<double>(dice_.below(case_.settings.timesteps + 1)) * case_.settings.dt;
                const double time = dice_.chance(0.9) ? step : dice_.between(-1.0, duration + 1.0);
                times.push_back(static_cast<float>(time));
                ids.push_back(static_cast<std::uint32_t>(dice_.below(num_neurons)));
            }
            offsets.push_back(static_cast<std::uint32_t>(ids.size()));
        }
        return {Array::from(times), Array::from(ids), Array::from(offsets)};
    }

    DenseInput random_values(const Population& population) {
        const auto frames = population.neuron.params.find("input_frames");
        Shape shape = population.shape;
        if (frames != population.neuron.params.end()) {
            shape.insert(shape.begin(), static_cast<std::size_t>(*frames->second.get_if<double>()));
        }
        shape.insert(shape.begin(), num_examples_);
        if (dice_.chance(0.4)) {
            std::vector<std::uint8_t> pixels(num_elements(shape));
            for (std::uint8_t& pixel : pixels) {
                pixel = static_cast<std::uint8_t>(dice_.below(256));
            }
            return {Array::from(pixels, shape), 0.01};
        }
        std::vector<float> values(num_elements(shape));
        for (float& value : values) {
            value = static_cast<float>(dice_.between(-0.3, 1.2));
        }
        return {Array::from(values, shape)};
    }

    /// A spiking population, or at the end of the network sometimes a leaky integrator.
    void add_layer(bool last) {
        const std::size_t source = last_spiking();
        Wiring wiring = random_wiring(dice_, case_.network.populations[source].shape);
        while (num_elements(wiring.target) > largest_population) {
            wiring = random_wiring(dice_, case_.network.populations[source].shape);
        }
        Population population;
        population.name = "layer" + std::to_string(case_.network.populations.size());
        population.shape = wiring.target;
        const std::size_t num_neurons = num_elements(population.shape);
        const bool spiking = !last || dice_.chance(0.5);
        population.neuron =
            spiking ? random_spiking_neuron(dice_, num_neurons) : random_leaky_integrator(dice_, num_neurons);
        if (last || dice_.chance(0.3)) {
            population.readout = random_readout(dice_, spiking, step_times());
        }
        Connection connection{
            .source = case_.network.populations[source].name,
            .target = population.name,
            .connectivity = wiring.connectivity,
            .synapse = random_synapse(dice_, num_neurons),
            .delay = random_delay(dice_, wiring.connectivity, case_.network.populations[source].shape, wiring.target)};
        connection.name = next_name();
        case_.network.populations.push_back(std::move(population));
        case_.network.connections.push_back(std::move(connection));
    }

    std::vector<double> step_times() const {
        std::vector<double> times;
        for (std::uint32_t n = 0; n < case_.settings.timesteps; ++n) {
            times.push_back(static_cast<double>(static_cast<float>(n) * static_cast<float>(case_.settings.dt)));
        }
        return times;
    }

    std::size_t last_spiking() const {
        std::size_t index = case_.network.populations.size() - 1;
        while (case_.network.populations[index].neuron.model == "leaky_integrate") {
            --index;
        }
        return index;
    }

    bool is_input(std::size_t population) const {
        return case_.inputs.count(case_.network.populations[population].name) != 0;
    }

    void add_cross_connections() {
        const std::size_t count = dice_.below(4);
        const auto& populations = case_.network.populations;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t source = dice_.below(populations.size());
            const std::size_t target = dice_.below(populations.size());
            if (populations[source].neuron.model == "leaky_integrate" || is_input(target)) {
                continue;
            }
            Connection connection{
                .source = populations[source].name,
                .target = populations[target].name,
                .connectivity = random_wiring_between(dice_, populations[source].shape, populations[target].shape),
                .synapse = random_synapse(dice_, num_elements(populations[target].shape)),
                .delay = 0};
            connection.delay =
                random_delay(dice_, connection.connectivity, populations[source].shape, populations[target].shape);
            connection.name = next_name();
            const std::size_t place = dice_.below(case_.network.connections.size() + 1);
            case_.network.connections.insert(case_.network.connections.begin() + static_cast<std::ptrdiff_t>(place),
                                             std::move(connection));
        }
    }

    std::string next_name() { return "connection" + std::to_string(case_.network.connections.size()); }

    void choose_reset() {
        if (dice_.chance(0.7)) {
            return;
        }
        case_.settings.reset.in_flight = dice_.chance(0.3);
        case_.settings.reset.in_syn = dice_.chance(0.4);
        case_.settings.reset.vars = dice_.chance(0.7);
        case_.settings.reset.time = dice_.chance(0.8);
    }

    std::uint64_t seed_;
    Dice dice_;
    RandomCase case_;
    std::size_t num_examples_ = 1;
};

}  // namespace

RandomCase make_random_case(std::uint64_t seed) {
    constexpr std::uint64_t few_spike_every = 8;
    if (seed % few_spike_every == few_spike_every - 1) {
        return make_random_few_spike_case(seed);
    }
    return Builder(seed).build();
}

}  // namespace mlgenn::properties
