// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/networks.h"

#include <algorithm>
#include <stdexcept>

namespace mlgenn::testing {
namespace {

/// Numbers in [0, 1) from a linear congruential generator.
class Numbers {
public:
    explicit Numbers(std::uint32_t seed) : state_(seed) {}
    float next() {
        state_ = state_ * 1664525U + 1013904223U;
        return static_cast<float>(state_ >> 8U) / 16777216.0F;
    }
    Array array(Shape shape, float low, float high) {
        std::vector<float> values(num_elements(shape));
        for (float& value : values) {
            value = low + (high - low) * next();
        }
        return Array::from(values, std::move(shape));
    }

private:
    std::uint32_t state_;
};

Input spike_events(Numbers& numbers, std::size_t num_examples, std::uint32_t num_neurons, double duration_ms) {
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> offsets = {0};
    for (std::size_t example = 0; example < num_examples; ++example) {
        // The last example has no events at all.
        const std::size_t events = example + 1 == num_examples ? 0 : 120;
        for (std::size_t k = 0; k < events; ++k) {
            times.push_back(static_cast<float>(duration_ms * numbers.next()));
            ids.push_back(static_cast<std::uint32_t>(numbers.next() * static_cast<float>(num_neurons)));
        }
        offsets.push_back(static_cast<std::uint32_t>(times.size()));
    }
    return SpikeInput{Array::from(times), Array::from(ids), Array::from(offsets)};
}

Array labels(std::size_t num_examples, std::uint32_t num_classes) {
    std::vector<std::uint32_t> values(num_examples);
    for (std::size_t k = 0; k < num_examples; ++k) {
        values[k] = static_cast<std::uint32_t>(k) % num_classes;
    }
    return Array::from(values);
}

NetworkCase dense_if() {
    Numbers numbers(1);
    NetworkCase c{.name = "dense_if", .network = {}, .inputs = {}, .targets = {}, .recordings = {}};
    c.network.name = "dense_if";
    c.network.populations = {
        {.name = "input", .shape = {40}, .neuron = {"integrate_fire_input", {{"v_thresh", 5.0}}}},
        {.name = "hidden", .shape = {70}, .neuron = {"integrate_fire", {{"v_thresh", 5.0}}}},
        {.name = "output", .shape = {10}, .neuron = {"integrate_fire", {{"v_thresh", 5.0}}}, .readout = "spike_count"}};
    c.network.connections = {{.source = "input",
                              .target = "hidden",
                              .connectivity = {"dense", {{"weight", numbers.array({40, 70}, -0.3F, 0.7F)}}}},
                             {.source = "hidden",
                              .target = "output",
                              .connectivity = {"dense", {{"weight", numbers.array({70, 10}, -0.4F, 0.6F)}}}}};
    c.inputs["input"] = DenseInput{numbers.array({c.num_examples, 40}, 0.0F, 2.0F)};
    c.targets["output"] = labels(c.num_examples, 10);
    c.recordings = {{.population = "input"}, {.population = "hidden"}, {.population = "output", .variable = "V"}};
    return c;
}

NetworkCase recurrent_lif() {
    Numbers numbers(2);
    NetworkCase c{
        .name = "recurrent_lif", .network = {}, .inputs = {}, .targets = {}, .recordings = {}, .timesteps = 40};
    c.network.name = "recurrent_lif";
    c.network.populations = {
        {.name = "events", .shape = {50}, .neuron = "spike_input"},
        {.name = "hidden",
         .shape = {96},
         .neuron = {"leaky_integrate_fire", {{"v_thresh", 1.0}, {"tau_mem", 20.0}, {"tau_refrac", 3.0}}}},
        {.name = "output",
         .shape = {12},
         .neuron = {"leaky_integrate", {{"tau_mem", 20.0}}},
         .readout = "avg_var",
         .metrics = {"sparse_categorical_accuracy", "top_k_accuracy(k=3)", "confusion_matrix", "likelihood(scale=8)"}}};
    c.network.metric_models = {{.name = "likelihood",
                                .params = {{"scale", 1.0}},
                                .code = "float sum = exp(scale * output(0));\n"
                                        "for (int j = 1; j < num_neurons; j++) sum += exp(scale * output(j));\n"
                                        "if (sum > 0) score = exp(scale * output(label)) / sum;"}};
    c.network.connections = {{.source = "events",
                              .target = "hidden",
                              .connectivity = {"dense", {{"weight", numbers.array({50, 96}, -0.2F, 0.4F)}}},
                              .synapse = {"exponential", {{"tau", 5.0}}}},
                             {.source = "hidden",
                              .target = "hidden",
                              .connectivity = {"dense", {{"weight", numbers.array({96, 96}, -0.1F, 0.1F)}}},
                              .synapse = {"exponential", {{"tau", 5.0}}},
                              .delay = 2},
                             {.source = "hidden",
                              .target = "output",
                              .connectivity = {"dense", {{"weight", numbers.array({96, 12}, -0.3F, 0.3F)}}},
                              .synapse = {"exponential", {{"tau", 3.0}}}}};
    c.inputs["events"] = spike_events(numbers, c.num_examples, 50, 40.0);
    c.targets["output"] = labels(c.num_examples, 12);
    c.recordings = {{.population = "events"}, {.population = "hidden"}, {.population = "hidden", .variable = "V"}};
    return c;
}

NetworkCase convolution() {
    Numbers numbers(3);
    NetworkCase c{
        .name = "convolution", .network = {}, .inputs = {}, .targets = {}, .recordings = {}, .num_examples = 3};
    const ModelSpec neuron{"integrate_fire", {{"v_thresh", 1.0}}};
    c.network.name = "convolution";
    c.network.populations = {
        {.name = "image", .shape = {8, 8, 2}, .neuron = {"integrate_fire_input", {{"v_thresh", 1.0}}}},
        {.name = "conv", .shape = {8, 8, 5}, .neuron = neuron},
        {.name = "pooled", .shape = {4, 4, 6}, .neuron = neuron},
        {.name = "output", .shape = {7}, .neuron = neuron, .readout = "spike_count"}};
    c.network.connections = {
        {.source = "image",
         .target = "conv",
         .connectivity = {"conv2d", {{"weight", numbers.array({3, 3, 2, 5}, -0.5F, 0.7F)}, {"conv_padding", "same"}}}},
        {.source = "conv",
         .target = "pooled",
         .connectivity = {"avg_pool_conv2d",
                          {{"weight", numbers.array({3, 3, 5, 6}, -0.5F, 0.9F)},
                           {"pool_size", 2},
                           {"conv_padding", "same"}}}},
        {.source = "pooled",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", numbers.array({24, 7}, -0.5F, 0.9F)}, {"pool_size", 2}}}}};
    c.inputs["image"] = DenseInput{numbers.array({c.num_examples, 8, 8, 2}, 0.0F, 0.9F)};
    c.targets["output"] = labels(c.num_examples, 7);
    c.recordings = {{.population = "conv"}, {.population = "pooled"}};
    return c;
}

NetworkCase sparse_mixture() {
    Numbers numbers(4);
    NetworkCase c{
        .name = "sparse_mixture", .network = {}, .inputs = {}, .targets = {}, .recordings = {}, .timesteps = 30};
    std::vector<std::uint32_t> pre;
    std::vector<std::uint32_t> post;
    for (int k = 0; k < 300; ++k) {
        pre.push_back(static_cast<std::uint32_t>(numbers.next() * 33.0F));
        post.push_back(static_cast<std::uint32_t>(numbers.next() * 65.0F));
    }
    c.network.name = "sparse_mixture";
    c.network.populations = {
        {.name = "input",
         .shape = {33},
         .neuron = {"integrate_fire_input", {{"v_thresh", 1.0}, {"input_frames", 3}, {"input_frame_timesteps", 8}}}},
        {.name = "left", .shape = {65}, .neuron = {"leaky_integrate_fire", {{"v_thresh", 1.5}, {"tau_mem", 10.0}}}},
        {.name = "right", .shape = {65}, .neuron = {"integrate_fire", {{"v_thresh", numbers.array({65}, 0.5F, 2.0F)}}}},
        {.name = "output", .shape = {65}, .neuron = {"leaky_integrate", {{"tau_mem", 9.0}}}, .readout = "var"}};
    c.network.connections = {
        {.source = "input",
         .target = "left",
         .connectivity = {"sparse",
                          {{"pre_ind", Array::from(pre)},
                           {"post_ind", Array::from(post)},
                           {"weight", numbers.array({300}, -0.3F, 0.8F)}}},
         .synapse = {"exponential", {{"tau", 4.0}}}},
        {.source = "left", .target = "right", .connectivity = {"one_to_one", {{"weight", 0.75}}}, .delay = 5},
        {.source = "right",
         .target = "left",
         .connectivity = {"one_to_one", {{"weight", numbers.array({65}, -1.0F, 0.5F)}}}},
        {.source = "right",
         .target = "output",
         .connectivity = {"dense", {{"weight", 0.125}}},
         .synapse = {"exponential", {{"tau", 2.0}}},
         .delay = 1}};
    c.inputs["input"] = DenseInput{numbers.array({c.num_examples, 3, 33}, 0.0F, 1.0F)};
    c.recordings = {{.population = "left"}, {.population = "right"}, {.population = "left", .variable = "V"}};
    return c;
}

NetworkCase random_inputs() {
    Numbers numbers(5);
    NetworkCase c{.name = "random_inputs", .network = {}, .inputs = {}, .targets = {}, .recordings = {}};
    c.network.name = "random_inputs";
    c.network.populations = {
        {.name = "poisson",
         .shape = {33},
         .neuron = {"poisson_input", {{"signed_spikes", true}, {"input_frames", 2}, {"input_frame_timesteps", 9}}}},
        {.name = "binary", .shape = {5, 4, 2}, .neuron = {"binary_spike_input", {{"signed_spikes", true}}}},
        {.name = "hidden",
         .shape = {40},
         .neuron = {"adaptive_leaky_integrate_fire", {{"tau_adapt", 30.0}, {"beta", 0.2}, {"tau_refrac", 2.0}}},
         .readout = ModelSpec("first_spike_time")},
        {.name = "mean", .shape = {6}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var_exp_weight")},
        {.name = "largest",
         .shape = {6},
         .neuron = "leaky_integrate",
         .readout = ModelSpec("max_var", {{"window_start", 4.0}, {"window_end", 15.0}})}};
    c.network.connections = {{.source = "poisson",
                              .target = "hidden",
                              .connectivity = {"dense", {{"weight", numbers.array({33, 40}, -0.2F, 0.5F)}}},
                              .synapse = {"alpha", {{"tau", 2.0}}},
                              .delay = 1},
                             {.source = "binary",
                              .target = "hidden",
                              .connectivity = {"conv2d",
                                               {{"weight", numbers.array({3, 3, 2, 2}, -0.2F, 0.4F)},
                                                {"conv_padding", "same"},
                                                {"flatten", true}}}},
                             {.source = "hidden",
                              .target = "mean",
                              .connectivity = {"dense", {{"weight", numbers.array({40, 6}, -1.0F, 1.0F)}}},
                              .synapse = {"alpha", {{"tau", 3.0}}}},
                             {.source = "hidden",
                              .target = "largest",
                              .connectivity = {"dense", {{"weight", numbers.array({40, 6}, -1.0F, 1.0F)}}}}};
    c.inputs["poisson"] = DenseInput{numbers.array({c.num_examples, 2, 33}, -0.4F, 0.8F)};
    c.inputs["binary"] = DenseInput{numbers.array({c.num_examples, 5, 4, 2}, -0.5F, 0.5F)};
    c.recordings = {{.population = "poisson"}, {.population = "hidden"}, {.population = "hidden", .variable = "A"}};
    return c;
}

/// Kernels that step, jump and fall into groups, and synapses with delays of their own.
NetworkCase kernels_and_delays() {
    Numbers numbers(5);
    NetworkCase c{.name = "kernels_and_delays", .network = {}, .inputs = {}, .targets = {}, .recordings = {}};
    const auto delays = [&](const Shape& shape) {
        std::vector<std::uint8_t> values(num_elements(shape));
        for (std::uint8_t& value : values) {
            value = static_cast<std::uint8_t>(numbers.next() * 6.0F);
        }
        return Array::from(values, shape);
    };
    c.network.name = "kernels_and_delays";
    c.network.populations = {
        {.name = "image", .shape = {5, 6, 2}, .neuron = {"integrate_fire_input", {{"v_thresh", 1.0}}}},
        {.name = "large", .shape = {10, 12, 4}, .neuron = {"integrate_fire", {{"v_thresh", 1.0}}}},
        {.name = "small", .shape = {8, 10, 6}, .neuron = {"leaky_integrate_fire", {{"v_thresh", 1.5}}}},
        {.name = "output", .shape = {20}, .neuron = {"leaky_integrate", {{"tau_mem", 9.0}}}, .readout = "var"}};
    c.network.connections = {
        {.source = "image",
         .target = "large",
         .connectivity = {"conv2d_transpose",
                          {{"weight", numbers.array({3, 3, 4, 2}, -0.5F, 0.9F)},
                           {"conv_strides", 2},
                           {"conv_padding", "same"}}}},
        {.source = "large",
         .target = "small",
         .connectivity = {"conv2d",
                          {{"weight", numbers.array({2, 2, 2, 6}, -0.5F, 0.9F)}, {"conv_dilation", 2}, {"groups", 2}}},
         .delay = delays({2, 2, 2, 6})},
        {.name = "again",
         .source = "small",
         .target = "small",
         .connectivity = {"fixed_probability", {{"p", 0.02}, {"weight", 0.125}}},
         .synapse = {"exponential", {{"tau", 4.0}}}},
        {.source = "small",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", numbers.array({120, 20}, -0.5F, 0.9F)}, {"pool_size", 2}}},
         .synapse = {"exponential", {{"tau", 2.0}}},
         .delay = delays({120, 20})}};
    c.inputs["image"] = DenseInput{numbers.array({c.num_examples, 5, 6, 2}, 0.0F, 0.9F)};
    c.recordings = {{.population = "large"}, {.population = "small"}, {.population = "output", .variable = "V"}};
    return c;
}

}  // namespace

std::vector<NetworkCase> network_cases() {
    return {dense_if(), recurrent_lif(), convolution(), sparse_mixture(), random_inputs(), kernels_and_delays()};
}

NetworkCase network_case(const std::string& name) {
    std::vector<NetworkCase> cases = network_cases();
    for (NetworkCase& c : cases) {
        if (c.name == name) {
            return std::move(c);
        }
    }
    throw std::runtime_error("no network is called " + name);
}

}  // namespace mlgenn::testing
