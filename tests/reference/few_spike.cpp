// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/few_spike.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "tests/reference/connectivity.h"
#include "tests/reference/flush_subnormals.h"
#include "tests/reference/inputs.h"

namespace mlgenn::reference {
namespace {

constexpr const char* input_model = "few_spike_relu_input";
constexpr const char* relu_model = "few_spike_relu";

struct Code {
    std::size_t k = 10;
    double alpha = 25.0;
    bool is_signed = false;

    std::size_t num_bits() const { return is_signed ? k / 2 : k; }
    std::size_t bit(std::size_t p) const { return num_bits() - 1 - (is_signed ? p / 2 : p); }
    float worth(std::size_t p) const {
        return static_cast<float>(std::ldexp(alpha, static_cast<int>(bit(p)) - bits()));
    }
    bool is_negative(std::size_t p) const { return is_signed && p % 2 == 1; }
    int bits() const { return static_cast<int>(num_bits()); }
};

struct Layer {
    Code code;
    std::size_t num_neurons = 0;
    bool is_input = false;
    std::vector<std::size_t> connections;  ///< into it
};

struct Link {
    std::size_t source = 0;
    std::unique_ptr<Connectivity> connectivity;
    double max_abs_input = 0.0;
};

/// What a population did in an example.
struct Presentation {
    std::vector<std::vector<std::size_t>> spikes;  ///< by step, ascending
    std::vector<std::vector<float>> v;             ///< by step, after the spikes
    std::vector<float> value;                      ///< what it codes
};

/// Integer weights, and how many bits of a code are summed at a time.
struct Scale {
    int exponent = 0;
    std::size_t bits_per_plane = 1;
};

class FewSpikeRun {
public:
    FewSpikeRun(const Network& network, const ReferenceOptions& options, const Inputs& inputs)
        : network_(network), options_(options), inputs_(inputs), num_examples_(num_examples_of(inputs)) {
        for (const Population& population : network.populations) {
            layers_.push_back(read_layer(population));
        }
        for (const Connection& connection : network.connections) {
            add_link(connection);
        }
    }

    ReferenceResult all_examples() {
        const FlushSubnormals flush;
        for (std::size_t e = 0; e < num_examples_; ++e) {
            std::vector<std::optional<Presentation>> done(layers_.size());
            for (std::size_t round = 0; round < layers_.size(); ++round) {
                for (std::size_t p = 0; p < layers_.size(); ++p) {
                    if (!done[p] && sources_are(done, p)) {
                        done[p] = layers_[p].is_input ? present_input(e, p) : present_layer(p, done);
                    }
                }
            }
            for (std::size_t p = 0; p < layers_.size(); ++p) {
                store(e, p, done[p].value());
            }
        }
        return std::move(result_);
    }

private:
    std::size_t index_of(const std::string& name) const {
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            if (network_.populations[p].name == name) {
                return p;
            }
        }
        throw Unsupported("there is no population '" + name + "'");
    }

    static Layer read_layer(const Population& population) {
        ParameterView parameters(population.neuron, {population.name, "neuron", 0});
        Layer layer;
        layer.code.k = parameters.whole_number("k", 10);
        layer.code.alpha = parameters.per_neuron("alpha", 25.0, 1).front();
        layer.is_input = population.neuron.model == input_model;
        layer.code.is_signed = layer.is_input && parameters.boolean("signed_input", false);
        layer.num_neurons = num_elements(population.shape);
        parameters.require_all_read();
        return layer;
    }

    void add_link(const Connection& connection) {
        Link link;
        link.source = index_of(connection.source);
        const std::size_t target = index_of(connection.target);
        ParameterView parameters(connection.connectivity, {connection.name, "connectivity", options_.rng_seed});
        link.connectivity =
            find_connectivity_kind(connection.connectivity.model)
                .make(parameters, {network_.populations[link.source].shape, network_.populations[target].shape, false,
                                   connection.name, options_.rng_seed});
        parameters.require_all_read();
        link.max_abs_input =
            link.connectivity->max_abs_input(layers_[link.source].num_neurons, layers_[target].num_neurons);
        layers_[target].connections.push_back(links_.size());
        links_.push_back(std::move(link));
    }

    bool sources_are(const std::vector<std::optional<Presentation>>& done, std::size_t p) const {
        return std::all_of(layers_[p].connections.begin(), layers_[p].connections.end(),
                           [&](std::size_t c) { return done[links_[c].source].has_value(); });
    }

    static Presentation present(const Code& code, std::vector<float> v) {
        Presentation result;
        result.value = v;
        for (std::size_t p = 0; p < code.k; ++p) {
            result.spikes.emplace_back();
            for (std::size_t j = 0; j < v.size(); ++j) {
                const float h = code.worth(p);
                const bool fires = code.is_negative(p) ? v[j] < -h : v[j] >= h;
                if (fires) {
                    v[j] = code.is_negative(p) ? v[j] + h : v[j] - h;
                    result.spikes[p].push_back(j);
                }
            }
            result.v.push_back(v);
        }
        return result;
    }

    Presentation present_input(std::size_t example, std::size_t p) const {
        const Population& population = network_.populations[p];
        const auto& values = std::get<DenseInput>(inputs_.at(population.name));
        std::vector<float> v(layers_[p].num_neurons);
        for (std::size_t j = 0; j < v.size(); ++j) {
            v[j] = static_cast<float>(values.values.value(example * v.size() + j) * values.scale);
        }
        return present(layers_[p].code, v);
    }

    Presentation present_layer(std::size_t p, const std::vector<std::optional<Presentation>>& done) {
        const bool omit = options_.compatibility == Compatibility::mlgenn_2_4;
        const Code& source = layers_[links_[layers_[p].connections.front()].source].code;
        Presentation result = present(layers_[p].code, weighted_sum(p, done, source.k));
        if (omit) {
            result.value = weighted_sum(p, done, source.k - 1);
        }
        return result;
    }

    /// Over the spikes of the first `num_steps` steps of the sources.
    std::vector<float> weighted_sum(std::size_t p, const std::vector<std::optional<Presentation>>& done,
                                    std::size_t num_steps) {
        return options_.accumulation == Accumulation::exact ? exact_sum(p, done, num_steps)
                                                            : ordered_sum(p, done, num_steps);
    }

    std::vector<float> ordered_sum(std::size_t p, const std::vector<std::optional<Presentation>>& done,
                                   std::size_t num_steps) {
        const Layer& layer = layers_[p];
        std::vector<float> total(layer.num_neurons, 0.0f);
        for (std::size_t step = 0; step < num_steps; ++step) {
            std::vector<float> isyn;
            for (const std::size_t c : layer.connections) {
                std::vector<float> current(layer.num_neurons, 0.0f);
                const std::vector<float>& weights = links_[c].connectivity->weights();
                for (const std::size_t pre : done[links_[c].source]->spikes[step]) {
                    links_[c].connectivity->row(pre, row_);
                    for (const Synapse& synapse : row_) {
                        current[synapse.post] += shared_or_own(weights, synapse.index);
                    }
                }
                for (std::size_t j = 0; j < isyn.size(); ++j) {
                    isyn[j] += current[j];
                }
                isyn = isyn.empty() ? current : isyn;
            }
            const Code& source = layers_[links_[layer.connections.front()].source].code;
            const float worth = source.is_negative(step) ? -source.worth(step) : source.worth(step);
            for (std::size_t j = 0; j < total.size(); ++j) {
                total[j] += isyn[j] * worth;
            }
        }
        return total;
    }

    bool weights_are_multiples(const Layer& layer, int exponent) const {
        for (const std::size_t c : layer.connections) {
            for (const float weight : links_[c].connectivity->weights()) {
                const double scaled = std::ldexp(static_cast<double>(weight), exponent);
                if (scaled != std::nearbyint(scaled)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// As few planes as can be if the weights lose nothing, else planes of at most 8 bits.
    Scale scale_of(const Layer& layer, const Code& source) const {
        double bound = 0.0;
        for (const std::size_t c : layer.connections) {
            bound += links_[c].max_abs_input;
        }
        Scale scale;
        for (std::size_t planes = 1; planes <= (source.num_bits() + 7) / 8; ++planes) {
            scale.bits_per_plane = (source.num_bits() + planes - 1) / planes;
            const double room = std::ldexp(1.0, std::min(23, 30 - static_cast<int>(scale.bits_per_plane)));
            scale.exponent =
                bound == 0.0 ? 0 : static_cast<int>(std::clamp(std::floor(std::log2(room / bound)), -60.0, 60.0));
            if (weights_are_multiples(layer, scale.exponent)) {
                break;
            }
        }
        return scale;
    }

    std::vector<float> exact_sum(std::size_t p, const std::vector<std::optional<Presentation>>& done,
                                 std::size_t num_steps) {
        const Layer& layer = layers_[p];
        const Code& source = layers_[links_[layer.connections.front()].source].code;
        const Scale scale = scale_of(layer, source);
        const std::size_t num_planes = (source.num_bits() + scale.bits_per_plane - 1) / scale.bits_per_plane;
        std::vector<std::vector<std::int64_t>> sums(num_planes, std::vector<std::int64_t>(layer.num_neurons, 0));
        for (std::size_t step = 0; step < num_steps; ++step) {
            const std::size_t bit = source.bit(step);
            const std::int64_t factor = (source.is_negative(step) ? -1 : 1) * (1LL << bit % scale.bits_per_plane);
            for (const std::size_t c : layer.connections) {
                const std::vector<float>& weights = links_[c].connectivity->weights();
                for (const std::size_t pre : done[links_[c].source]->spikes[step]) {
                    links_[c].connectivity->row(pre, row_);
                    for (const Synapse& synapse : row_) {
                        const double weight = static_cast<double>(shared_or_own(weights, synapse.index));
                        sums[bit / scale.bits_per_plane][synapse.post] +=
                            factor * static_cast<std::int64_t>(std::nearbyint(std::ldexp(weight, scale.exponent)));
                    }
                }
            }
        }
        std::vector<float> total(layer.num_neurons);
        for (std::size_t plane = 0; plane < num_planes; ++plane) {
            const int power = static_cast<int>(plane * scale.bits_per_plane) - source.bits() - scale.exponent;
            const auto unit = static_cast<float>(std::ldexp(source.alpha, power));
            for (std::size_t j = 0; j < total.size(); ++j) {
                const float part = static_cast<float>(sums[plane][j]) * unit;
                total[j] = plane == 0 ? part : total[j] + part;
            }
        }
        return total;
    }

    static Shape with_leading(std::initializer_list<std::size_t> leading, const Shape& shape) {
        Shape result(leading);
        result.insert(result.end(), shape.begin(), shape.end());
        return result;
    }

    void store(std::size_t example, std::size_t p, const Presentation& presentation) {
        const Population& population = network_.populations[p];
        auto& records = result_.recordings.spikes[population.name + ".spikes"];
        records.resize(num_examples_);
        for (std::size_t step = 0; step < presentation.spikes.size(); ++step) {
            for (const std::size_t id : presentation.spikes[step]) {
                records[example].steps.push_back(static_cast<std::uint32_t>(step));
                records[example].ids.push_back(static_cast<std::uint32_t>(id));
            }
        }
        for (const Recording& trace : options_.traces) {
            if (trace.population == population.name) {
                store_trace(example, trace, population, presentation);
            }
        }
        if (population.readout) {
            Array& output = result_.outputs[population.name];
            if (example == 0) {
                output = Array(DType::f32, with_leading({num_examples_}, population.shape));
            }
            std::copy(
                presentation.value.begin(), presentation.value.end(),
                output.as_mutable<float>().begin() + static_cast<std::ptrdiff_t>(example * presentation.value.size()));
        }
    }

    void store_trace(std::size_t example, const Recording& trace, const Population& population,
                     const Presentation& presentation) {
        if (trace.variable != "V") {
            throw Unsupported("the reference does not know variable '" + trace.variable + "'");
        }
        Array& values = result_.recordings.traces[trace.key.empty() ? population.name + ".V" : trace.key];
        const std::size_t num_steps = presentation.v.size();
        if (example == 0) {
            values = Array(DType::f32, with_leading({num_examples_, num_steps}, population.shape));
        }
        for (std::size_t step = 0; step < num_steps; ++step) {
            const std::vector<float>& row = presentation.v[step];
            std::copy(row.begin(), row.end(),
                      values.as_mutable<float>().begin() +
                          static_cast<std::ptrdiff_t>((example * num_steps + step) * row.size()));
        }
    }

    const Network& network_;
    const ReferenceOptions& options_;
    const Inputs& inputs_;
    std::size_t num_examples_;
    std::vector<Layer> layers_;
    std::vector<Link> links_;
    std::vector<Synapse> row_;
    ReferenceResult result_;
};

}  // namespace

bool is_few_spike(const Network& network) {
    return std::all_of(network.populations.begin(), network.populations.end(), [](const Population& population) {
        return population.neuron.model == input_model || population.neuron.model == relu_model;
    });
}

ReferenceResult run_few_spike(const Network& network, const ReferenceOptions& options, const Inputs& inputs) {
    if (options.accumulation == Accumulation::fast) {
        throw Unsupported("the reference has no 'fast' accumulation");
    }
    return FewSpikeRun(network, options, inputs).all_examples();
}

}  // namespace mlgenn::reference
