// SPDX-License-Identifier: Apache-2.0
#include "tests/properties/random_few_spike.h"

#include <vector>

#include "tests/properties/random_models.h"

namespace mlgenn::properties {
namespace {

constexpr std::size_t largest_population = 700;

class FewSpikeBuilder {
public:
    explicit FewSpikeBuilder(std::uint64_t seed) : dice_(seed) {
        case_.network.name = "random_few_spike_" + std::to_string(seed);
        case_.settings.rng_seed = seed;
    }

    RandomCase build() {
        signed_inputs_ = dice_.chance(0.4);
        k_ = signed_inputs_ ? dice_.pick<int>({2, 4, 8, 10, 16, 24})
                            : dice_.pick<int>({1, 2, 3, 5, 8, 9, 10, 16, 20, 24});
        case_.settings.timesteps = static_cast<std::uint32_t>(k_);
        num_examples_ = 1 + dice_.below(6);
        common_alpha_ = dice_.pick<double>({1.0, 4.0, 0.3, 25.0});
        add_inputs();
        const std::size_t num_layers = 1 + dice_.below(4);
        for (std::size_t layer = 0; layer < num_layers; ++layer) {
            add_layer(layer + 1 == num_layers);
        }
        add_skip_connections();
        return std::move(case_);
    }

private:
    struct Code {
        double alpha = 1.0;
        bool is_signed = false;
        bool operator==(const Code&) const = default;
    };

    double random_alpha() { return dice_.chance(0.7) ? common_alpha_ : dice_.between(0.5, 6.0); }

    void add_inputs() {
        const std::size_t count = dice_.chance(0.3) ? 2 : 1;
        for (std::size_t i = 0; i < count; ++i) {
            Population population;
            population.name = "input" + std::to_string(i);
            population.shape = dice_.chance(0.5) ? Shape{3 + dice_.below(7), 3 + dice_.below(7), 1 + dice_.below(3)}
                                                 : Shape{dice_.pick<std::size_t>({1, 2, 7, 15, 16, 17, 33, 64, 130})};
            const double alpha = random_alpha();
            population.neuron = {"few_spike_relu_input",
                                 {{"k", k_}, {"alpha", alpha}, {"signed_input", signed_inputs_}}};
            case_.inputs[population.name] = random_values(population.shape, alpha);
            codes_.push_back({alpha, signed_inputs_});
            case_.network.populations.push_back(std::move(population));
        }
    }

    /// Also below zero and above what can be coded.
    DenseInput random_values(Shape shape, double alpha) {
        shape.insert(shape.begin(), num_examples_);
        std::vector<float> values(num_elements(shape));
        const double low = signed_inputs_ ? -1.2 : -0.2;
        for (float& value : values) {
            value = static_cast<float>(alpha * dice_.between(low, 1.2));
        }
        return {Array::from(values, shape)};
    }

    void add_layer(bool last) {
        auto& populations = case_.network.populations;
        const std::size_t source = populations.size() - 1;
        Wiring wiring = random_wiring(dice_, populations[source].shape);
        while (num_elements(wiring.target) > largest_population) {
            wiring = random_wiring(dice_, populations[source].shape);
        }
        Population population;
        population.name = "layer" + std::to_string(populations.size());
        population.shape = wiring.target;
        const double alpha = random_alpha();
        population.neuron = {"few_spike_relu", {{"k", k_}, {"alpha", alpha}}};
        if (last || dice_.chance(0.3)) {
            population.readout = ModelSpec("var");
        }
        connect(source, populations.size(), population.name, wiring.connectivity);
        codes_.push_back({alpha, false});
        populations.push_back(std::move(population));
    }

    void connect(std::size_t source, std::size_t target, const std::string& target_name, ModelSpec connectivity) {
        Connection connection{.source = case_.network.populations[source].name,
                              .target = target_name,
                              .connectivity = std::move(connectivity)};
        connection.name = "connection" + std::to_string(case_.network.connections.size());
        case_.network.connections.push_back(std::move(connection));
        if (source_of_.size() <= target) {
            source_of_.resize(target + 1, 0);
        }
        source_of_[target] = source;
    }

    void add_skip_connections() {
        const auto& populations = case_.network.populations;
        const std::size_t count = dice_.below(5);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t target = dice_.below(populations.size());
            const std::size_t source = dice_.below(populations.size());
            const bool is_input = populations[target].neuron.model == "few_spike_relu_input";
            if (is_input || source >= target || !(codes_[source] == codes_[source_of_[target]])) {
                continue;
            }
            connect(source, target, populations[target].name,
                    random_wiring_between(dice_, populations[source].shape, populations[target].shape));
        }
    }

    Dice dice_;
    RandomCase case_;
    bool signed_inputs_ = false;
    int k_ = 8;
    double common_alpha_ = 1.0;
    std::size_t num_examples_ = 1;
    std::vector<Code> codes_;
    std::vector<std::size_t> source_of_;
};

}  // namespace

RandomCase make_random_few_spike_case(std::uint64_t seed) {
    return FewSpikeBuilder(seed).build();
}

}  // namespace mlgenn::properties
