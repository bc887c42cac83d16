// SPDX-License-Identifier: Apache-2.0
// Random parameters for the models of a random network.
#include "tests/properties/random_models.h"

#include <cmath>

#include "compiler/models/catalogue.h"

namespace mlgenn::properties {
namespace {

/// One number, or sometimes an array or an initialiser for one number per neuron.
Value number_or_array(Dice& dice, std::size_t count, double low, double high) {
    if (dice.chance(0.7)) {
        return dice.between(low, high);
    }
    if (dice.chance(0.3)) {
        return Initialiser::uniform(low, high);
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

Value pair_of(std::size_t rows, std::size_t columns) {
    return Array::from(std::vector<std::int64_t>{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
}

/// random_weights(), or sometimes an initialiser in their place.
Value weights_or_initialiser(Dice& dice, const Shape& shape, std::size_t fan_in) {
    const double gain = 3.0 / std::sqrt(static_cast<double>(fan_in));
    if (dice.chance(0.85)) {
        return random_weights(dice, shape, fan_in);
    }
    if (dice.chance(0.2)) {
        return Initialiser::constant(0.2 * gain);
    }
    return dice.chance(0.5) ? Initialiser::uniform(-0.6 * gain, gain) : Initialiser::normal(0.2 * gain, 0.5 * gain);
}

/// Gives `spec` a kernel of that shape; without an array its sizes and filters have to be said.
void add_kernel_weights(Dice& dice, const Shape& kernel, std::size_t filters_at, ModelSpec& spec) {
    const std::size_t fan_in = num_elements(kernel) / kernel[filters_at];
    spec.params["weight"] = dice.chance(0.05) ? Value(0.1) : weights_or_initialiser(dice, kernel, fan_in);
    if (spec.params["weight"].get_if<Array>() == nullptr || dice.chance(0.1)) {
        spec.params["filters"] = static_cast<int>(kernel[filters_at]);
        spec.params["conv_size"] =
            kernel.size() == 3 ? Value(static_cast<int>(kernel[0])) : pair_of(kernel[0], kernel[1]);
    }
}

ModelSpec random_dense(Dice& dice, std::size_t sources, std::size_t targets) {
    if (dice.chance(0.1)) {
        return {"dense", {{"weight", dice.between(-0.1, 0.3)}}};
    }
    return {"dense", {{"weight", weights_or_initialiser(dice, {sources, targets}, sources)}}};
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
        dice.chance(0.15) ? Value(dice.between(-0.5, 1.0)) : weights_or_initialiser(dice, {count}, 1 + count / targets);
    return {"sparse", {{"pre_ind", Array::from(pre)}, {"post_ind", Array::from(post)}, {"weight", weight}}};
}

ModelSpec random_one_to_one(Dice& dice, std::size_t count) {
    if (dice.chance(0.3)) {
        return {"one_to_one", {{"weight", dice.between(-0.5, 1.5)}}};
    }
    return {"one_to_one", {{"weight", weights_or_initialiser(dice, {count}, 2)}}};
}

struct Axis {
    std::size_t size;
    std::size_t stride;
    std::size_t output;
    std::size_t dilation = 1;
};

/// Pooling windows of up to 3, sometimes with gaps between them.
Axis random_window(Dice& dice, std::size_t input) {
    const std::size_t size = 1 + dice.below(std::min<std::size_t>(3, input));
    const std::size_t stride = size + (dice.chance(0.3) ? 1 : 0);
    return {size, stride, (input - size + stride) / stride};
}

/// Kernels of up to 4, sometimes dilated; `output` for valid padding.
Axis random_kernel_axis(Dice& dice, std::size_t input) {
    const std::size_t size = 1 + dice.below(std::min<std::size_t>(4, input));
    const std::size_t stride = 1 + dice.below(3);
    const std::size_t most = size == 1 ? 3 : (input - 1) / (size - 1);
    const std::size_t dilation = dice.chance(0.7) ? 1 : 1 + dice.below(std::min<std::size_t>(3, most));
    return {size, stride, (input - (size - 1) * dilation - 1) / stride + 1, dilation};
}

/// Filters, and a number of groups that divides them and the channels.
std::pair<std::size_t, std::size_t> random_filters(Dice& dice, std::size_t channels) {
    const std::size_t filters = dice.pick<std::size_t>({1, 2, 3, 5, 8, 16, 17});
    const std::size_t groups = dice.chance(0.7) ? 1 : dice.pick<std::size_t>({2, 3, channels});
    return channels % groups == 0 ? std::pair{filters * groups, groups} : std::pair{filters, std::size_t{1}};
}

/// Adds pooling parameters and returns the pooled shape.
Shape add_pool(Dice& dice, const Shape& source, ModelSpec& spec) {
    const Axis rows = random_window(dice, source[0]);
    const Axis columns = random_window(dice, source[1]);
    spec.params["pool_size"] = pair_of(rows.size, columns.size);
    spec.params["pool_strides"] = pair_of(rows.stride, columns.stride);
    return {rows.output, columns.output, source[2]};
}

/// Adds a kernel and returns the shape that it produces from `source`.
Shape add_kernel(Dice& dice, const Shape& source, ModelSpec& spec) {
    const Axis rows = random_kernel_axis(dice, source[0]);
    const Axis columns = random_kernel_axis(dice, source[1]);
    const auto [filters, groups] = random_filters(dice, source[2]);
    const bool same = dice.chance(0.5);
    const Shape kernel = {rows.size, columns.size, source[2] / groups, filters};
    add_kernel_weights(dice, kernel, 3, spec);
    spec.params["conv_strides"] = pair_of(rows.stride, columns.stride);
    spec.params["conv_dilation"] = pair_of(rows.dilation, columns.dilation);
    spec.params["groups"] = static_cast<int>(groups);
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

Wiring random_transposed(Dice& dice, const Shape& source) {
    const Shape kernel = {1 + dice.below(4), 1 + dice.below(4), dice.pick<std::size_t>({1, 2, 5}), source[2]};
    const std::size_t row_stride = 1 + dice.below(2);
    const std::size_t column_stride = 1 + dice.below(2);
    const bool same = dice.chance(0.5);
    const auto length = [&](std::size_t input, std::size_t size, std::size_t stride) {
        return input * stride + (same || size < stride ? 0 : size - stride);
    };
    ModelSpec spec("conv2d_transpose",
                   {{"conv_strides", pair_of(row_stride, column_stride)}, {"conv_padding", same ? "same" : "valid"}});
    add_kernel_weights(dice, kernel, 2, spec);
    return {spec, {length(source[0], kernel[0], row_stride), length(source[1], kernel[1], column_stride), kernel[2]}};
}

Wiring random_sequence_wiring(Dice& dice, const Shape& source) {
    const Axis axis = random_kernel_axis(dice, source[0]);
    const auto [filters, groups] = random_filters(dice, source[1]);
    const bool same = dice.chance(0.5);
    const Shape kernel = {axis.size, source[1] / groups, filters};
    ModelSpec spec("conv1d", {{"conv_strides", static_cast<int>(axis.stride)},
                              {"conv_dilation", static_cast<int>(axis.dilation)},
                              {"groups", static_cast<int>(groups)},
                              {"conv_padding", same ? "same" : "valid"}});
    add_kernel_weights(dice, kernel, 2, spec);
    return flattened_sometimes(dice, std::move(spec),
                               {same ? (source[0] + axis.stride - 1) / axis.stride : axis.output, filters});
}

ModelSpec random_probability(Dice& dice, std::size_t sources) {
    const double p = dice.pick<double>({0.0, 0.1, 0.3, 0.8, 1.0});
    const double gain = 3.0 / std::sqrt(1.0 + p * static_cast<double>(sources));
    const Value weight =
        dice.chance(0.6) ? Value(dice.between(-0.3, 1.0) * gain) : Value(Initialiser::normal(0.3 * gain, 0.5 * gain));
    return {"fixed_probability", {{"p", p}, {"weight", weight}, {"allow_self_connections", dice.chance(0.5)}}};
}

Wiring random_image_wiring(Dice& dice, const Shape& source) {
    const std::size_t kind = dice.below(5);
    if (kind == 4) {
        const Wiring wiring = random_transposed(dice, source);
        return flattened_sometimes(dice, wiring.connectivity, wiring.target);
    }
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
        spec.params["weight"] = weights_or_initialiser(dice, {rows, targets}, rows);
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
    if (source.size() == 2 && dice.chance(0.7)) {
        return random_sequence_wiring(dice, source);
    }
    const std::size_t count = num_elements(source);
    const std::size_t targets = dice.pick<std::size_t>({1, 2, 7, 10, 15, 16, 17, 33, 64, 130});
    switch (dice.below(5)) {
        case 0:
            return {random_one_to_one(dice, count), source};
        case 1:
            return {random_sparse(dice, count, targets), {targets}};
        case 2:
            return {random_probability(dice, count), {targets}};
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
    return dice.chance(0.25) ? random_probability(dice, sources) : random_sparse(dice, sources, targets);
}

Value random_delay(Dice& dice, const ModelSpec& connectivity, const Shape& source, const Shape& target) {
    const models::ConnectivityModel& model = *models::find_connectivity_model(connectivity.model);
    if (model.elements == models::ElementKind::none || dice.chance(0.7)) {
        return dice.chance(0.7) ? Value(0) : Value(static_cast<int>(1 + dice.below(6)));
    }
    if (model.element_shape == nullptr || dice.chance(0.25)) {
        return Initialiser::uniform(0.0, dice.pick<double>({1.0, 4.5, 20.0}));
    }
    const Shape shape = model.element_shape(models::ParameterReader(model.entry, connectivity.params), source, target);
    std::vector<std::uint8_t> values(num_elements(shape));
    const std::size_t longest = dice.pick<std::size_t>({0, 1, 3, 4, 20});
    for (std::uint8_t& value : values) {
        value = static_cast<std::uint8_t>(dice.below(longest + 1));
    }
    return Array::from(values, shape);
}

}  // namespace mlgenn::properties
