// SPDX-License-Identifier: Apache-2.0
// Random parameters for the models of a random network.
#include "tests/properties/random_models.h"

#include <cmath>

namespace mlgenn::properties {
namespace {

/// One number, or sometimes an array with one number per neuron.
Value number_or_array(Dice& dice, std::size_t count, double low, double high) {
    if (dice.chance(0.75)) {
        return dice.between(low, high);
    }
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(static_cast<float>(dice.between(low, high)));
    }
    return Array::from(values);
}

/// Weights that drive neurons with thresholds around 1 when some of `fan_in` sources fire.
Array random_weights(Dice& dice, const Shape& shape, std::size_t fan_in) {
    const double gain = 3.0 / std::sqrt(static_cast<double>(fan_in));
    const std::size_t style = dice.below(6);
    std::vector<float> values(num_elements(shape));
    for (float& value : values) {
        const double plain = dice.between(-0.6, 1.0) * gain;
        switch (style) {
            case 0:
                value = static_cast<float>(std::nearbyint(plain * 64.0) / 64.0);
                break;
            case 1:
                value = dice.chance(0.7) ? 0.0f : static_cast<float>(2.0 * plain);
                break;
            case 2:
                value = static_cast<float>(plain * std::exp2(dice.between(-20.0, 1.0)));
                break;
            default:
                value = static_cast<float>(plain);
                break;
        }
    }
    return Array::from(values, shape);
}

ModelSpec random_dense(Dice& dice, std::size_t sources, std::size_t targets) {
    if (dice.chance(0.1)) {
        return {"dense", {{"weight", dice.between(-0.1, 0.3)}}};
    }
    return {"dense", {{"weight", random_weights(dice, {sources, targets}, sources)}}};
}

ModelSpec random_sparse(Dice& dice, std::size_t sources, std::size_t targets) {
    const std::size_t count = 1 + dice.below(1 + sources * targets / 3);
    std::vector<std::uint32_t> pre;
    std::vector<std::uint32_t> post;
    for (std::size_t i = 0; i < count; ++i) {
        pre.push_back(static_cast<std::uint32_t>(dice.below(sources)));
        post.push_back(static_cast<std::uint32_t>(dice.below(targets)));
    }
    const Value weight =
        dice.chance(0.15) ? Value(dice.between(-0.5, 1.0)) : Value(random_weights(dice, {count}, 1 + count / targets));
    return {"sparse", {{"pre_ind", Array::from(pre)}, {"post_ind", Array::from(post)}, {"weight", weight}}};
}

ModelSpec random_one_to_one(Dice& dice, std::size_t count) {
    if (dice.chance(0.3)) {
        return {"one_to_one", {{"weight", dice.between(-0.5, 1.5)}}};
    }
    return {"one_to_one", {{"weight", random_weights(dice, {count}, 2)}}};
}

struct Axis {
    std::size_t size;
    std::size_t stride;
    std::size_t output;
};

/// Windows of up to `largest` over an axis of `input`, not overlapping where `gaps_only`.
Axis random_axis(Dice& dice, std::size_t input, std::size_t largest, bool gaps_only) {
    const std::size_t size = 1 + dice.below(std::min(largest, input));
    const std::size_t stride = gaps_only ? size + (dice.chance(0.3) ? 1 : 0) : 1 + dice.below(3);
    return {size, stride, (input - size + stride) / stride};
}

Value pair_of(std::size_t rows, std::size_t columns) {
    return Array::from(std::vector<std::int64_t>{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
}

/// Adds pooling parameters and returns the pooled shape.
Shape add_pool(Dice& dice, const Shape& source, ModelSpec& spec) {
    const Axis rows = random_axis(dice, source[0], 3, true);
    const Axis columns = random_axis(dice, source[1], 3, true);
    spec.params["pool_size"] = pair_of(rows.size, columns.size);
    spec.params["pool_strides"] = pair_of(rows.stride, columns.stride);
    return {rows.output, columns.output, source[2]};
}

/// Adds a kernel and returns the shape that it produces from `source`.
Shape add_kernel(Dice& dice, const Shape& source, ModelSpec& spec) {
    const Axis rows = random_axis(dice, source[0], 4, false);
    const Axis columns = random_axis(dice, source[1], 4, false);
    const std::size_t filters = dice.pick<std::size_t>({1, 2, 3, 5, 8, 16, 17});
    const bool same = dice.chance(0.5);
    const Shape kernel = {rows.size, columns.size, source[2], filters};
    spec.params["weight"] = random_weights(dice, kernel, rows.size * columns.size * source[2]);
    spec.params["conv_strides"] = pair_of(rows.stride, columns.stride);
    spec.params["conv_padding"] = same ? "same" : "valid";
    if (!same) {
        return {rows.output, columns.output, filters};
    }
    return {(source[0] + rows.stride - 1) / rows.stride, (source[1] + columns.stride - 1) / columns.stride, filters};
}

Wiring flattened_sometimes(Dice& dice, ModelSpec spec, Shape target) {
    if (dice.chance(0.25)) {
        spec.params["flatten"] = true;
        target = {num_elements(target)};
    }
    return {std::move(spec), std::move(target)};
}

Wiring random_image_wiring(Dice& dice, const Shape& source) {
    const std::size_t kind = dice.below(4);
    if (kind == 0) {
        ModelSpec spec("avg_pool2d");
        const Shape pooled = add_pool(dice, source, spec);
        return flattened_sometimes(dice, std::move(spec), pooled);
    }
    if (kind == 1) {
        ModelSpec spec("avg_pool_conv2d");
        const Shape pooled = add_pool(dice, source, spec);
        return flattened_sometimes(dice, spec, add_kernel(dice, pooled, spec));
    }
    if (kind == 2) {
        ModelSpec spec("avg_pool_dense2d");
        const std::size_t rows = num_elements(add_pool(dice, source, spec));
        const std::size_t targets = dice.pick<std::size_t>({1, 5, 15, 16, 33});
        spec.params["weight"] = random_weights(dice, {rows, targets}, rows);
        return {spec, {targets}};
    }
    ModelSpec spec("conv2d");
    const Shape target = add_kernel(dice, source, spec);
    return flattened_sometimes(dice, std::move(spec), target);
}

void add_leaky_options(Dice& dice, std::size_t num_neurons, Parameters& params) {
    params["relative_reset"] = dice.chance(0.5);
    if (dice.chance(0.4)) {
        params["tau_refrac"] = number_or_array(dice, num_neurons, 0.0, 5.0);
        params["integrate_during_refrac"] = dice.chance(0.5);
    }
}

ModelSpec random_stateless_input(Dice& dice) {
    return {dice.pick<std::string>({"binary_spike_input", "poisson_input"}), {{"signed_spikes", dice.chance(0.5)}}};
}

ModelSpec random_integrating_input(Dice& dice, std::size_t num_neurons) {
    Parameters params{{"v_thresh", number_or_array(dice, num_neurons, 0.7, 2.0)}};
    if (dice.chance(0.6)) {
        return {"integrate_fire_input", params};
    }
    params["tau_mem"] = number_or_array(dice, num_neurons, 2.0, 30.0);
    add_leaky_options(dice, num_neurons, params);
    params["scale_i"] = dice.chance(0.3);
    return {"leaky_integrate_fire_input", params};
}

/// A stretch with at least one of the steps.
void add_window(Dice& dice, const std::vector<double>& step_times, Parameters& params) {
    const std::size_t first = dice.below(step_times.size());
    const std::size_t last = first + dice.below(step_times.size() - first);
    if (dice.chance(0.7)) {
        params["window_start"] = dice.chance(0.5) ? step_times[first] : 0.75 * step_times[first];
    }
    if (dice.chance(0.7)) {
        params["window_end"] = step_times[last] + dice.pick<double>({0.01, 0.4, 3.0});
    }
}

}  // namespace

ModelSpec random_spiking_neuron(Dice& dice, std::size_t num_neurons) {
    Parameters params{{"v_thresh", number_or_array(dice, num_neurons, 0.5, 1.5)}};
    if (dice.chance(0.3)) {
        params["v_reset"] = number_or_array(dice, num_neurons, -0.3, 0.3);
    }
    if (dice.chance(0.3)) {
        params["v"] = number_or_array(dice, num_neurons, -0.5, 1.0);
    }
    if (dice.chance(0.4)) {
        return {"integrate_fire", params};
    }
    params["tau_mem"] = number_or_array(dice, num_neurons, 0.5, 30.0);
    add_leaky_options(dice, num_neurons, params);
    if (dice.chance(0.4)) {
        params["tau_adapt"] = number_or_array(dice, num_neurons, 1.0, 100.0);
        params["beta"] = number_or_array(dice, num_neurons, 0.0, 0.5);
        if (dice.chance(0.3)) {
            params["a"] = number_or_array(dice, num_neurons, 0.0, 1.0);
        }
        return {"adaptive_leaky_integrate_fire", params};
    }
    params["scale_i"] = dice.chance(0.3);
    return {"leaky_integrate_fire", params};
}

ModelSpec random_leaky_integrator(Dice& dice, std::size_t num_neurons) {
    Parameters params{{"tau_mem", number_or_array(dice, num_neurons, 0.5, 30.0)}};
    if (dice.chance(0.4)) {
        params["bias"] = number_or_array(dice, num_neurons, -0.1, 0.1);
    }
    if (dice.chance(0.3)) {
        params["v"] = number_or_array(dice, num_neurons, -0.5, 1.0);
    }
    params["scale_i"] = dice.chance(0.3);
    return {"leaky_integrate", params};
}

ModelSpec random_value_input(Dice& dice, std::size_t num_neurons) {
    ModelSpec spec = dice.chance(0.5) ? random_stateless_input(dice) : random_integrating_input(dice, num_neurons);
    if (dice.chance(0.3)) {
        spec.params["input_frames"] = static_cast<int>(2 + dice.below(4));
        spec.params["input_frame_timesteps"] = static_cast<int>(1 + dice.below(4));
    }
    return spec;
}

ModelSpec random_synapse(Dice& dice, std::size_t num_targets) {
    if (dice.chance(0.5)) {
        return "delta";
    }
    if (dice.chance(0.3)) {
        return {"alpha", {{"tau", number_or_array(dice, num_targets, 0.5, 10.0)}}};
    }
    return {"exponential", {{"tau", number_or_array(dice, num_targets, 0.3, 15.0)}, {"scale_i", dice.chance(0.3)}}};
}

ModelSpec random_readout(Dice& dice, bool spiking, const std::vector<double>& step_times) {
    ModelSpec spec(spiking && dice.chance(0.5)
                       ? dice.pick<std::string>({"spike_count", "first_spike_time"})
                       : dice.pick<std::string>({"var", "avg_var", "avg_var_exp_weight", "sum_var", "max_var"}));
    if (spec.model == "max_var" && dice.chance(0.5)) {
        spec.params["floor"] = dice.between(-0.2, 0.2);
    }
    if (spec.model != "var" && dice.chance(0.4)) {
        add_window(dice, step_times, spec.params);
    }
    return spec;
}

Wiring random_wiring(Dice& dice, const Shape& source) {
    if (source.size() == 3 && dice.chance(0.7)) {
        return random_image_wiring(dice, source);
    }
    const std::size_t count = num_elements(source);
    const std::size_t targets = dice.pick<std::size_t>({1, 2, 7, 10, 15, 16, 17, 33, 64, 130});
    switch (dice.below(4)) {
        case 0:
            return {random_one_to_one(dice, count), source};
        case 1:
            return {random_sparse(dice, count, targets), {targets}};
        default:
            return {random_dense(dice, count, targets), {targets}};
    }
}

ModelSpec random_wiring_between(Dice& dice, const Shape& source, const Shape& target) {
    const std::size_t sources = num_elements(source);
    const std::size_t targets = num_elements(target);
    if (source == target && dice.chance(0.3)) {
        return random_one_to_one(dice, sources);
    }
    if (dice.chance(0.5)) {
        return random_dense(dice, sources, targets);
    }
    return random_sparse(dice, sources, targets);
}

}  // namespace mlgenn::properties
