// SPDX-License-Identifier: Apache-2.0
// Reads oracle cases (format version 1).
#include "tests/support/oracle_case.h"

#include <algorithm>
#include <fstream>
#include <regex>

namespace mlgenn::test_support {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& file) {
    std::ifstream stream(file);
    if (!stream) {
        throw std::runtime_error(file.string() + " cannot be read");
    }
    return json::parse(stream);
}

Parameters read_parameters(const json& params, const fs::path& folder) {
    Parameters parameters;
    for (const auto& [name, value] : params.items()) {
        parameters[name] = read_value(value, folder);
    }
    return parameters;
}

ModelSpec read_model(const json& node, const fs::path& folder) {
    const json params = node.value("params", json::object());
    return {catalogue_name(node.at("model").get<std::string>()), read_parameters(params, folder)};
}

Population read_population(const json& node, const fs::path& folder) {
    Population population;
    population.name = node.at("name").get<std::string>();
    population.shape = node.at("shape").get<Shape>();
    population.neuron = read_model(node.at("neuron"), folder);
    const json readout = node.value("readout", json());
    if (readout.is_string()) {
        population.readout = ModelSpec(readout.get<std::string>());
        if (population.readout->model == "max_var") {
            // Recorded with the original's floor.
            population.readout->params["floor"] = 0.0;
        }
    } else if (!readout.is_null()) {
        throw UnsupportedCase("readout " + readout.dump());
    }
    return population;
}

/// A kernel given as one number: the description wants an array, whose shape follows from the other parameters.
Array filled_kernel(const json& connectivity, std::size_t channels) {
    Shape shape = connectivity.at("conv_size").get<Shape>();
    shape.push_back(channels);
    shape.push_back(connectivity.at("filters").get<std::size_t>());
    const std::vector<float> values(num_elements(shape), connectivity.at("weight").get<float>());
    return Array::from(values, shape);
}

ModelSpec read_connectivity(const json& node, const fs::path& folder, const Shape& source) {
    ModelSpec spec(catalogue_name(node.at("type").get<std::string>()));
    for (const auto& [name, value] : node.items()) {
        // A kernel's sizes stand in the shape of its weights.
        if (name != "type" && name != "filters" && name != "conv_size") {
            spec.params[name] = read_value(value, folder);
        }
    }
    if (node.contains("filters") && node.at("weight").is_number() && !source.empty()) {
        spec.params["weight"] = filled_kernel(node, source.back());
    }
    if (spec.model == "sparse_explicit") {
        spec.model = "sparse";
        for (const std::string index : {"pre", "post"}) {
            auto entry = spec.params.extract(index);
            entry.key() = index + "_ind";
            spec.params.insert(std::move(entry));
        }
    }
    return spec;
}

Connection read_connection(const json& node, const fs::path& folder, const Network& network) {
    Connection connection;
    connection.name = node.at("name").get<std::string>();
    connection.source = node.at("source").get<std::string>();
    connection.target = node.at("target").get<std::string>();
    const Population* source = network.find_population(connection.source);
    connection.connectivity =
        read_connectivity(node.at("connectivity"), folder, source == nullptr ? Shape{} : source->shape);
    connection.synapse = read_model(node.at("synapse"), folder);
    connection.delay = read_value(node.at("delay_steps"), folder);
    return connection;
}

Input read_input(const json& node, const fs::path& folder) {
    const auto kind = node.at("kind").get<std::string>();
    if (kind == "values" || kind == "frames") {
        return DenseInput{read_array(node.at("values"), folder)};
    }
    if (kind == "spike_times") {
        return SpikeInput{read_array(node.at("times_ms"), folder), read_array(node.at("ids"), folder),
                          read_array(node.at("offsets"), folder)};
    }
    throw UnsupportedCase("input kind '" + kind + "'");
}

ExpectedSpikes read_spikes(const json& node, const fs::path& folder) {
    if (node.value("tolerance", "exact") != "exact") {
        throw UnsupportedCase("spikes with tolerance " + node.at("tolerance").dump());
    }
    const std::vector<std::int64_t> steps = read_array(node.at("steps"), folder).to_i64();
    const std::vector<std::int64_t> ids = read_array(node.at("ids"), folder).to_i64();
    const std::vector<std::int64_t> offsets = read_array(node.at("offsets"), folder).to_i64();
    ExpectedSpikes expected{node.at("population").get<std::string>(), {}};
    for (std::size_t e = 0; e + 1 < offsets.size(); ++e) {
        SpikeRecord record;
        for (auto i = static_cast<std::size_t>(offsets[e]); i < static_cast<std::size_t>(offsets[e + 1]); ++i) {
            record.steps.push_back(static_cast<std::uint32_t>(steps.at(i)));
            record.ids.push_back(static_cast<std::uint32_t>(ids.at(i)));
        }
        expected.examples.push_back(std::move(record));
    }
    return expected;
}

void read_expected(const json& node, const fs::path& folder, OracleCase& oracle) {
    const auto kind = node.at("kind").get<std::string>();
    if (kind == "spikes") {
        oracle.spikes.push_back(read_spikes(node, folder));
        return;
    }
    const auto population = node.at("population").get<std::string>();
    const double tolerance = node.value("tolerance_abs", 0.0);
    if (kind == "readout" && oracle.few_spike) {
        oracle.original_readouts.push_back({population, read_array(node, folder), tolerance});
    } else if (kind == "readout" || (kind == "full_value" && oracle.few_spike)) {
        oracle.readouts.push_back({population, read_array(node, folder), tolerance});
    } else if (kind == "trace") {
        oracle.traces.push_back(
            {population, node.at("variable").get<std::string>(), read_array(node, folder), tolerance});
    } else {
        throw UnsupportedCase("expectation of kind '" + kind + "'");
    }
}

ExpectedMetric read_metric(const json& node, const fs::path& folder) {
    return {node.at("population").get<std::string>(), node.at("metric").get<std::string>(),
            read_array(node.at("labels"), folder), node.at("value").get<double>(), node.value("tolerance_rel", 0.0)};
}

void read_protocol(const json& description, OracleCase& oracle) {
    const auto coding = description.at("coding").get<std::string>();
    oracle.few_spike = coding == "few_spike";
    if (coding != "time-stepped" && !oracle.few_spike) {
        throw UnsupportedCase("coding '" + coding + "'");
    }
    const auto protocol = description.at("example_protocol").get<std::string>();
    if (oracle.few_spike && protocol.rfind("pipelined", 0) == 0) {
        return;
    }
    if (protocol == "consecutive_with_2.4_leak") {
        oracle.consecutive = true;
        oracle.reset = parse_reset_text(description.at("reset").get<std::string>());
    } else if (protocol != "independent") {
        throw UnsupportedCase("example protocol '" + protocol + "'");
    }
}

}  // namespace

ResetOptions parse_reset_text(const std::string& text) {
    ResetOptions reset;
    reset.in_flight = false;
    reset.in_syn = false;
    const std::regex flag("reset_([a-z_]+)_between_batches ?[=:] ?(True|False|true|false)");
    for (auto match = std::sregex_iterator(text.begin(), text.end(), flag); match != std::sregex_iterator(); ++match) {
        const std::string what = (*match)[1];
        const bool value = (*match)[2] == "True" || (*match)[2] == "true";
        if (what == "in_syn") {
            reset.in_syn = value;
        } else if (what == "vars") {
            reset.vars = value;
        } else if (what == "time") {
            reset.time = value;
        } else {
            throw UnsupportedCase("reset of '" + what + "'");
        }
    }
    return reset;
}

bool is_oracle_case(const fs::path& folder) {
    return fs::is_regular_file(folder / "network.json");
}

std::vector<fs::path> find_oracle_cases(const std::vector<fs::path>& folders) {
    std::vector<fs::path> cases;
    for (const fs::path& folder : folders) {
        if (is_oracle_case(folder)) {
            cases.push_back(folder);
            continue;
        }
        std::vector<fs::path> inside;
        if (fs::is_directory(folder)) {
            for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
                if (is_oracle_case(entry.path())) {
                    inside.push_back(entry.path());
                }
            }
        }
        if (inside.empty()) {
            throw std::runtime_error(folder.string() +
                                     " neither is an oracle case (a folder with network.json) nor "
                                     "holds any");
        }
        std::sort(inside.begin(), inside.end());
        cases.insert(cases.end(), inside.begin(), inside.end());
    }
    return cases;
}

OracleCase load_oracle_case(const fs::path& folder) {
    const json description = read_json(folder / "network.json");
    const auto format = description.at("format").get<std::string>();
    const int version = description.at("format_version").get<int>();
    if (format != "snn-oracle-case" || version != 1) {
        throw UnsupportedCase("format '" + format + "' version " + std::to_string(version));
    }
    OracleCase oracle;
    oracle.name = description.at("name").get<std::string>();
    oracle.network.name = oracle.name;
    oracle.timesteps = description.at("timesteps").get<std::uint32_t>();
    oracle.dt = description.at("dt_ms").get<double>();
    oracle.num_examples = description.at("examples").get<std::size_t>();
    read_protocol(description, oracle);
    for (const json& node : description.at("populations")) {
        oracle.network.populations.push_back(read_population(node, folder));
    }
    for (const json& node : description.at("connections")) {
        oracle.network.connections.push_back(read_connection(node, folder, oracle.network));
    }
    for (const json& node : description.at("inputs")) {
        oracle.inputs[node.at("population").get<std::string>()] = read_input(node, folder);
    }
    for (const json& node : description.at("expected")) {
        read_expected(node, folder, oracle);
    }
    for (const json& node : description.value("metrics", json::array())) {
        oracle.metrics.push_back(read_metric(node, folder));
    }
    return oracle;
}

}  // namespace mlgenn::test_support
