// SPDX-License-Identifier: Apache-2.0
// Builds networks and inputs from benchmark bundles.
#include "tools/bench_support/bundles.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void fail(const fs::path& file, const std::string& problem, const std::string& remedy) {
    throw DescriptionError(Diagnostic{file.string(), problem, {}, remedy});
}

json read_meta(const fs::path& folder) {
    const fs::path file = folder / "meta.json";
    std::ifstream stream(file);
    if (!stream) {
        fail(file, "cannot be read", "name a folder that holds a benchmark bundle");
    }
    json meta = json::parse(stream, nullptr, false);
    if (!meta.is_object()) {
        fail(file, "is not a JSON object", "restore the bundle");
    }
    return meta;
}

Array array_of(const fs::path& folder, const std::string& name) {
    return load_npy(folder / (name + ".npy"));
}

/// Counts of the populations that the bundle has recorded; layer k of the network is population k.
BundleReference read_reference(const fs::path& folder, const std::string& prefix, const Network& network) {
    BundleReference reference;
    reference.readout = array_of(folder, prefix + "_readout");
    for (std::size_t k = 0; k < network.populations.size(); ++k) {
        const std::string name = prefix + "_counts_" + std::to_string(k);
        if (fs::exists(folder / (name + ".npy"))) {
            reference.counts[network.populations[k].name] = array_of(folder, name);
        }
    }
    return reference;
}

void read_mnist(const json& meta, const fs::path& folder, Bundle& bundle) {
    const json& v_thresh = meta.at("v_thresh");
    const json& layers = meta.at("layers");
    const auto threshold = [&](std::size_t layer) {
        return Parameters{{"v_thresh", v_thresh.at(layer).get<double>()}};
    };
    const auto shape = [&](std::size_t layer) { return Shape{layers.at(layer).get<std::size_t>()}; };
    bundle.network.populations = {
        {.name = "input", .shape = shape(0), .neuron = {"integrate_fire_input", threshold(0)}},
        {.name = "hidden", .shape = shape(1), .neuron = {"integrate_fire", threshold(1)}},
        {.name = "output",
         .shape = shape(2),
         .neuron = {"integrate_fire", threshold(2)},
         .readout = ModelSpec("spike_count")}};
    bundle.network.connections = {
        {.source = "input", .target = "hidden", .connectivity = {"dense", {{"weight", array_of(folder, "w_0_1")}}}},
        {.source = "hidden", .target = "output", .connectivity = {"dense", {{"weight", array_of(folder, "w_1_2")}}}}};
    bundle.inputs["input"] = DenseInput{array_of(folder, "images"), meta.at("input_scale").get<double>()};
}

void read_shd(const json& meta, const fs::path& folder, Bundle& bundle) {
    const json& layers = meta.at("layers");
    const auto shape = [&](std::size_t layer) { return Shape{layers.at(layer).get<std::size_t>()}; };
    const auto number = [&](const char* key) { return meta.at(key).get<double>(); };
    const auto synapse = [&](const char* tau) { return ModelSpec("exponential", {{"tau", number(tau)}}); };
    const auto dense = [&](const char* file) { return ModelSpec("dense", {{"weight", array_of(folder, file)}}); };
    bundle.network.populations = {{.name = "input", .shape = shape(0), .neuron = "spike_input"},
                                  {.name = "hidden",
                                   .shape = shape(1),
                                   .neuron = {"leaky_integrate_fire",
                                              {{"tau_mem", number("tau_mem")},
                                               {"v_thresh", number("v_thresh")},
                                               {"v_reset", number("v_reset")},
                                               {"relative_reset", meta.at("relative_reset").get<bool>()}}}},
                                  {.name = "output",
                                   .shape = shape(2),
                                   .neuron = {"leaky_integrate", {{"tau_mem", number("tau_mem_out")}}},
                                   .readout = ModelSpec("avg_var")}};
    // The order matters: the current of the input is added up before that of the recurrent connection.
    bundle.network.connections = {
        {.source = "input", .target = "hidden", .connectivity = dense("w_in_hid"), .synapse = synapse("tau_syn_in")},
        {.source = "hidden", .target = "hidden", .connectivity = dense("w_hid_hid"), .synapse = synapse("tau_syn_rec")},
        {.source = "hidden",
         .target = "output",
         .connectivity = dense("w_hid_out"),
         .synapse = synapse("tau_syn_out")}};
    bundle.inputs["input"] =
        SpikeInput{array_of(folder, "spike_times"), array_of(folder, "spike_ids"), array_of(folder, "spike_offsets")};
}

void read_conv(const json& meta, const fs::path& folder, Bundle& bundle) {
    const json& v_thresh = meta.at("v_thresh");
    const auto fires = [&](const char* model, std::size_t layer) {
        return ModelSpec(model, {{"v_thresh", v_thresh.at(layer).get<double>()}});
    };
    const auto conv = [&](const char* file) {
        return ModelSpec("conv2d", {{"weight", array_of(folder, file)}, {"conv_padding", "same"}});
    };
    bundle.network.populations = {
        {.name = "input", .shape = {32, 32, 3}, .neuron = fires("integrate_fire_input", 0)},
        {.name = "conv1", .shape = {32, 32, 64}, .neuron = fires("integrate_fire", 1)},
        {.name = "conv2", .shape = {32, 32, 64}, .neuron = fires("integrate_fire", 2)},
        {.name = "conv3", .shape = {16, 16, 128}, .neuron = fires("integrate_fire", 3)},
        {.name = "conv4", .shape = {16, 16, 128}, .neuron = fires("integrate_fire", 4)},
        {.name = "output", .shape = {10}, .neuron = fires("integrate_fire", 5), .readout = ModelSpec("spike_count")}};
    bundle.network.connections = {
        {.source = "input", .target = "conv1", .connectivity = conv("w_conv1")},
        {.source = "conv1", .target = "conv2", .connectivity = conv("w_conv2")},
        {.source = "conv2",
         .target = "conv3",
         .connectivity = {"avg_pool_conv2d",
                          {{"weight", array_of(folder, "w_conv3")}, {"pool_size", 2}, {"conv_padding", "same"}}}},
        {.source = "conv3", .target = "conv4", .connectivity = conv("w_conv4")},
        {.source = "conv4",
         .target = "output",
         .connectivity = {"avg_pool_dense2d", {{"weight", array_of(folder, "w_dense")}, {"pool_size", 2}}}}};
    bundle.inputs["input"] = DenseInput{array_of(folder, "images"), 1.0 / 1024.0};
}

std::size_t examples_in(const Input& input) {
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return dense->values.shape().at(0);
    }
    return std::get<SpikeInput>(input).offsets.size() - 1;
}

void check_examples(const fs::path& folder, const Bundle& bundle) {
    const auto check = [&](const std::string& what, const Array& array) {
        if (array.shape().empty() || array.shape()[0] != bundle.num_examples) {
            fail(folder,
                 what + " has shape " + to_string(array.shape()) + ", but the inputs hold " +
                     std::to_string(bundle.num_examples) + " examples",
                 "restore the bundle");
        }
    };
    check("labels", bundle.targets.at(bundle.output));
    check("ref_clean_readout", bundle.clean.readout);
    for (const auto& [population, counts] : bundle.clean.counts) {
        check("counts of " + population, counts);
    }
    if (bundle.sequential) {
        check("ref_sequential_readout", bundle.sequential->readout);
    }
}

BundleReference select(const BundleReference& reference, std::size_t begin, std::size_t end) {
    BundleReference part;
    part.readout = reference.readout.rows(begin, end);
    for (const auto& [population, counts] : reference.counts) {
        part.counts[population] = counts.rows(begin, end);
    }
    return part;
}

SpikeInput select(const SpikeInput& input, std::size_t begin, std::size_t end) {
    const std::vector<std::int64_t> offsets = input.offsets.to_i64();
    const std::int64_t first = offsets.at(begin);
    std::vector<std::int64_t> part_offsets;
    for (std::size_t e = begin; e <= end; ++e) {
        part_offsets.push_back(offsets.at(e) - first);
    }
    const auto event_begin = static_cast<std::size_t>(first);
    const auto event_end = static_cast<std::size_t>(offsets.at(end));
    return {input.times_ms.rows(event_begin, event_end), input.ids.rows(event_begin, event_end),
            Array::from(part_offsets)};
}

}  // namespace

Bundle load_bundle(const fs::path& folder) {
    const json meta = read_meta(folder);
    Bundle bundle;
    bundle.output = "output";
    try {
        bundle.timesteps = meta.at("timesteps").get<std::uint32_t>();
        bundle.dt = meta.at("dt").get<double>();
        const auto kind = meta.at("kind").get<std::string>();
        if (kind == "if_dense") {
            read_mnist(meta, folder, bundle);
        } else if (kind == "shd") {
            read_shd(meta, folder, bundle);
        } else if (kind == "conv") {
            read_conv(meta, folder, bundle);
        } else {
            fail(folder / "meta.json", "has the unknown kind '" + kind + "'", "use one of if_dense, shd, conv");
        }
    } catch (const json::exception& error) {
        fail(folder / "meta.json", error.what(), "restore the bundle");
    }
    const fs::path named = folder.has_filename() ? folder : folder.parent_path();
    bundle.name = named.filename().string();
    bundle.network.name = bundle.name;
    bundle.num_examples = examples_in(bundle.inputs.at("input"));
    bundle.targets[bundle.output] = array_of(folder, "labels");
    bundle.clean = read_reference(folder, "ref_clean", bundle.network);
    if (fs::exists(folder / "ref_sequential_readout.npy")) {
        bundle.sequential = read_reference(folder, "ref_sequential", bundle.network);
    }
    check_examples(folder, bundle);
    return bundle;
}

Bundle select_examples(const Bundle& bundle, std::size_t first, std::size_t count) {
    if (first > bundle.num_examples || count > bundle.num_examples - first) {
        throw DescriptionError(Diagnostic{bundle.name,
                                          "holds " + std::to_string(bundle.num_examples) + " examples, but " +
                                              std::to_string(count) + " from number " + std::to_string(first) +
                                              " on were asked for",
                                          {},
                                          "ask for fewer"});
    }
    Bundle part = bundle;
    part.num_examples = count;
    for (auto& [population, input] : part.inputs) {
        if (auto* dense = std::get_if<DenseInput>(&input)) {
            dense->values = dense->values.rows(first, first + count);
        } else {
            input = select(std::get<SpikeInput>(input), first, first + count);
        }
    }
    for (auto& [population, labels] : part.targets) {
        labels = labels.rows(first, first + count);
    }
    part.clean = select(bundle.clean, first, first + count);
    part.sequential.reset();
    if (bundle.sequential && first == 0) {
        part.sequential = select(*bundle.sequential, 0, count);
    }
    return part;
}

}  // namespace mlgenn::bench
