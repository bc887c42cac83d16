// SPDX-License-Identifier: Apache-2.0
// Golden cases whose values are read from golden.json: their weights and inputs are formulas.
#include "tests/support/golden_cases.h"

#include <fstream>
#include <functional>

namespace mlgenn::test_support {
namespace {

using nlohmann::json;

Array formula_weights(Shape shape, const std::function<float(std::size_t, std::size_t)>& weight) {
    std::vector<float> values;
    for (std::size_t i = 0; i < shape[0]; ++i) {
        for (std::size_t j = 0; j < shape[1]; ++j) {
            values.push_back(weight(i, j));
        }
    }
    return Array::from(values, std::move(shape));
}

Array matrix(const json& rows) {
    std::vector<float> values;
    for (const json& row : rows) {
        for (const json& value : row) {
            values.push_back(value.get<float>());
        }
    }
    return Array::from(values, {rows.size(), rows.at(0).size()});
}

/// One example's [step][neuron] as (1, steps, neurons).
Array one_example(const json& rows) {
    const Array values = matrix(rows);
    return values.reshaped({1, values.shape()[0], values.shape()[1]});
}

SpikeInput one_example_events(const std::vector<float>& times, const std::vector<std::uint32_t>& ids) {
    return {Array::from(times), Array::from(ids),
            Array::from(std::vector<std::uint32_t>{0, static_cast<std::uint32_t>(ids.size())})};
}

OracleCase if_mlp(const json& expected, const std::string& name) {
    OracleCase oracle;
    oracle.name = name;
    oracle.timesteps = 50;
    oracle.num_examples = 3;
    oracle.network.populations = {
        {.name = "input", .shape = {64}, .neuron = {"integrate_fire_input", {{"v_thresh", 5.0}}}},
        {.name = "hidden", .shape = {32}, .neuron = {"integrate_fire", {{"v_thresh", 4.0}}}},
        {.name = "output",
         .shape = {10},
         .neuron = {"integrate_fire", {{"v_thresh", 4.0}}},
         .readout = ModelSpec("spike_count")}};
    const Array w0 = formula_weights({64, 32}, [](std::size_t i, std::size_t j) {
        return (static_cast<float>((7 * i + 13 * j) % 33) - 16.0f) / 16.0f;
    });
    const Array w1 = formula_weights({32, 10}, [](std::size_t i, std::size_t j) {
        return (static_cast<float>((5 * i + 11 * j) % 29) - 14.0f) / 8.0f;
    });
    oracle.network.connections = {
        {.source = "input", .target = "hidden", .connectivity = {"dense", {{"weight", w0}}}},
        {.source = "hidden", .target = "output", .connectivity = {"dense", {{"weight", w1}}}}};
    oracle.inputs["input"] = DenseInput{formula_weights(
        {3, 64}, [](std::size_t e, std::size_t i) { return static_cast<float>((37 * i + 11 * e) % 64) / 32.0f; })};
    oracle.readouts = {{"output", matrix(expected.at("out_counts")), 0.0}};
    oracle.spike_totals = {{"hidden", expected.at("hidden_total").get<std::vector<std::size_t>>()},
                           {"input", expected.at("input_total").get<std::vector<std::size_t>>()}};
    return oracle;
}

Parameters recurrent_variant(const std::string& variant) {
    if (variant == "eventprop_style") {
        return {{"v_thresh", 0.05}, {"relative_reset", false}, {"integrate_during_refrac", false}, {"scale_i", true}};
    }
    Parameters parameters{{"v_thresh", 0.6}};
    if (variant != "default") {
        parameters["tau_refrac"] = 2.0;
        parameters["integrate_during_refrac"] = variant != "refrac2_noint";
    }
    return parameters;
}

OracleCase lif_recurrent(const json& golden, const std::string& variant) {
    OracleCase oracle;
    oracle.name = "golden_lif_recurrent_" + variant;
    oracle.timesteps = 20;
    oracle.num_examples = 1;
    oracle.network.populations = {
        {.name = "input", .shape = {3}, .neuron = "spike_input"},
        {.name = "hidden", .shape = {4}, .neuron = {"leaky_integrate_fire", recurrent_variant(variant)}},
        {.name = "output", .shape = {2}, .neuron = "leaky_integrate", .readout = ModelSpec("avg_var")}};
    const Array recurrent = formula_weights(
        {4, 4}, [](std::size_t i, std::size_t j) { return (static_cast<float>((3 * i + 5 * j) % 9) - 4.0f) / 16.0f; });
    const ModelSpec exponential("exponential", {{"tau", 5.0}});
    oracle.network.connections = {{.source = "input",
                                   .target = "hidden",
                                   .connectivity = {"dense", {{"weight", matrix(golden.at("w0"))}}},
                                   .synapse = exponential},
                                  {.source = "hidden",
                                   .target = "hidden",
                                   .connectivity = {"dense", {{"weight", recurrent}}},
                                   .synapse = exponential},
                                  {.source = "hidden",
                                   .target = "output",
                                   .connectivity = {"dense", {{"weight", matrix(golden.at("w1"))}}},
                                   .synapse = exponential}};
    oracle.inputs["input"] = one_example_events(golden.at("spike_t").get<std::vector<float>>(),
                                                golden.at("spike_id").get<std::vector<std::uint32_t>>());
    const json& expected = golden.at("results").at(variant);
    oracle.readouts = {{"output", matrix(json::array({expected.at("avg_var")})), 2e-5}};
    oracle.traces = {{"hidden", "V", one_example(expected.at("hidden_v")), 2e-5},
                     {"output", "V", one_example(expected.at("out_v")), 5e-5}};
    ExpectedSpikes spikes{"hidden", {{}}};
    for (const json& time : expected.at("hidden_spike_t")) {
        spikes.examples[0].steps.push_back(static_cast<std::uint32_t>(time.get<double>()));
    }
    spikes.examples[0].ids = expected.at("hidden_spike_id").get<std::vector<std::uint32_t>>();
    oracle.spikes = {spikes};
    return oracle;
}

Array flat_formula_weights(const Shape& shape) {
    std::vector<float> values(num_elements(shape));
    for (std::size_t n = 0; n < values.size(); ++n) {
        values[n] = (static_cast<float>((17 * n) % 13) - 6.0f) / 8.0f;
    }
    return Array::from(values, shape);
}

ModelSpec convolution(const char* model, const Shape& kernel, double row_stride, double column_stride,
                      const char* padding) {
    return {model,
            {{"weight", flat_formula_weights(kernel)},
             {"conv_strides", Array::from(std::vector<double>{row_stride, column_stride})},
             {"conv_padding", padding}}};
}

ModelSpec connectivity_of(const std::string& name) {
    if (name == "conv_valid_s1") {
        return convolution("conv2d", {3, 3, 2, 3}, 1, 1, "valid");
    }
    if (name == "conv_same_s1") {
        return convolution("conv2d", {3, 3, 2, 3}, 1, 1, "same");
    }
    if (name == "conv_same_k4") {
        return convolution("conv2d", {4, 4, 2, 1}, 1, 1, "same");
    }
    if (name == "conv_same_s2") {
        return convolution("conv2d", {3, 3, 2, 2}, 2, 2, "same");
    }
    if (name == "conv_valid_s2x3") {
        return convolution("conv2d", {3, 2, 2, 2}, 2, 3, "valid");
    }
    if (name == "convT_valid_s2" || name == "convT_same_s2") {
        const char* padding = name == "convT_same_s2" ? "same" : "valid";
        return convolution("conv2d_transpose", {3, 3, 2, 2}, 2, 2, padding);
    }
    if (name == "poolconv") {
        ModelSpec spec = convolution("avg_pool_conv2d", {3, 3, 2, 2}, 1, 1, "same");
        spec.params["pool_size"] = 2;
        return spec;
    }
    if (name == "pooldense") {
        return {"avg_pool_dense2d", {{"weight", flat_formula_weights({40, 6})}, {"pool_size", 2}}};
    }
    return {"avg_pool2d", {{"pool_size", 2}, {"pool_strides", name == "pool2_s3" ? 3 : 2}}};
}

OracleCase connectivity_case(const std::string& name, const json& expected) {
    OracleCase oracle;
    oracle.name = "golden_connectivity_" + name;
    oracle.timesteps = 2;
    oracle.num_examples = 1;
    const Shape shape = expected.at("shape").get<Shape>();
    oracle.network.populations = {{.name = "input", .shape = {10, 8, 2}, .neuron = "spike_input"},
                                  {.name = "output",
                                   .shape = shape,
                                   .neuron = {"integrate_fire", {{"v_thresh", 1e9}}},
                                   .readout = ModelSpec("var")}};
    oracle.network.connections = {{.source = "input", .target = "output", .connectivity = connectivity_of(name)}};
    std::vector<std::uint32_t> ids;
    for (std::uint32_t neuron = 0; neuron < 160; ++neuron) {
        const std::uint32_t row = neuron / 16;
        const std::uint32_t column = neuron / 2 % 8;
        if ((3 * row + 5 * column + 7 * (neuron % 2)) % 3 == 0) {
            ids.push_back(neuron);
        }
    }
    oracle.inputs["input"] = one_example_events(std::vector<float>(ids.size(), 0.0f), ids);
    Shape with_example = shape;
    with_example.insert(with_example.begin(), 1);
    oracle.readouts = {{"output", Array::from(expected.at("values").get<std::vector<float>>(), with_example), 0.0}};
    return oracle;
}

OracleCase delay_case(const json& golden, const std::string& name) {
    OracleCase oracle;
    oracle.name = "golden_delays_" + name;
    oracle.timesteps = 12;
    oracle.num_examples = 1;
    oracle.network.populations = {{.name = "input", .shape = {3}, .neuron = "spike_input"},
                                  {.name = "output",
                                   .shape = {4},
                                   .neuron = {"integrate_fire", {{"v_thresh", 100.0}}},
                                   .readout = ModelSpec("var")}};
    const Array weights = formula_weights({3, 4}, [](std::size_t i, std::size_t j) {
        return static_cast<float>(i + 1) / 4.0f + static_cast<float>(j + 1) / 16.0f;
    });
    const Array delays =
        formula_weights({3, 4}, [](std::size_t i, std::size_t j) { return static_cast<float>((i + 2 * j) % 4); });
    oracle.network.connections = {{.source = "input",
                                   .target = "output",
                                   .connectivity = {"dense", {{"weight", weights}}},
                                   .delay = name == "const3" ? Value(3) : Value(delays)}};
    oracle.inputs["input"] = one_example_events(golden.at("spike_t").get<std::vector<float>>(),
                                                golden.at("spike_id").get<std::vector<std::uint32_t>>());
    oracle.traces = {{"output", "V", one_example(golden.at("results").at(name)), 0.0}};
    return oracle;
}

}  // namespace

std::vector<OracleCase> golden_file_cases(const std::filesystem::path& golden_json) {
    std::ifstream stream(golden_json);
    const json golden = json::parse(stream);
    std::vector<OracleCase> cases;
    cases.push_back(if_mlp(golden.at("if_mlp").at("independent_examples"), "golden_if_mlp"));
    cases.push_back(if_mlp(golden.at("if_mlp").at("consecutive_examples_with_leak"), "golden_if_mlp_leak"));
    cases.back().consecutive = true;
    cases.back().reset = parse_reset_text("");
    for (const auto& [variant, expected] : golden.at("lif_recurrent").at("results").items()) {
        cases.push_back(lif_recurrent(golden.at("lif_recurrent"), variant));
    }
    for (const auto& [name, expected] : golden.at("connectivity").at("results").items()) {
        cases.push_back(connectivity_case(name, expected));
    }
    for (const auto& [name, expected] : golden.at("delays").at("results").items()) {
        cases.push_back(delay_case(golden.at("delays"), name));
    }
    return cases;
}

}  // namespace mlgenn::test_support
