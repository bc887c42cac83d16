// SPDX-License-Identifier: Apache-2.0
// Networks as a description and an archive of arrays.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "compiler/description/atomic_file.h"
#include "compiler/description/messages.h"
#include "mlgenn/network_io.h"

namespace mlgenn {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_inline_elements = 8;

/// 1 rather than 1.0 for whole numbers.
ordered_json number_json(double value) {
    const bool is_whole = std::trunc(value) == value && std::abs(value) < 0x1p53 && !std::signbit(value);
    return is_whole ? ordered_json(static_cast<std::int64_t>(value)) : ordered_json(value);
}

ordered_json numbers_json(const std::map<std::string, double>& numbers) {
    ordered_json object = ordered_json::object();
    for (const auto& [name, value] : numbers) {
        object[name] = number_json(value);
    }
    return object;
}

ordered_json initialiser_json(const Initialiser& initialiser) {
    ordered_json object{{"initialiser", initialiser.name}};
    if (!initialiser.code.empty()) {
        object["code"] = initialiser.code;
    }
    object.update(numbers_json(initialiser.params));
    return object;
}

class NetworkWriter {
public:
    explicit NetworkWriter(std::string archive) : archive_(std::move(archive)) {}

    ordered_json document(const NetworkFile& content) {
        const Network& network = content.network;
        ordered_json result{{"format", "mlgenn-network"}, {"version", 1}, {"name", network.name}};
        if (content.dt) {
            result["dt"] = number_json(*content.dt);
        }
        if (content.example_timesteps) {
            result["example_timesteps"] = *content.example_timesteps;
        }
        add_own_models(network, result);
        result["populations"] = ordered_json::array();
        for (const Population& population : network.populations) {
            result["populations"].push_back(population_json(population));
        }
        result["connections"] = ordered_json::array();
        for (const Connection& connection : network.connections) {
            result["connections"].push_back(connection_json(connection));
        }
        return result;
    }

    [[nodiscard]] const std::vector<std::pair<std::string, Array>>& arrays() const { return arrays_; }

private:
    template <class Model>
    static ordered_json own_model_json(const Model& model) {
        ordered_json result{{"name", model.name},
                            {"params", numbers_json(model.params)},
                            {"derived_params", ordered_json(model.derived_params)},
                            {"vars", numbers_json(model.vars)}};
        if (!model.equations.empty()) {
            for (const auto& [variable, equation] : model.equations) {
                result["equations"][variable] = {{"derivative", equation.derivative}, {"jump", equation.jump}};
            }
            result["solver"] = model.solver;
            result["sub_steps"] = model.sub_steps;
        }
        return result;
    }

    /// An empty code string says the same as none.
    static void add_code(ordered_json& model, const char* key, const std::string& code) {
        if (!code.empty()) {
            model[key] = code;
        }
    }

    static void add_own_models(const Network& network, ordered_json& result) {
        for (const UserNeuronModel& model : network.neuron_models) {
            ordered_json& written = result["neuron_models"].emplace_back(own_model_json(model));
            add_code(written, "sim_code", model.sim_code);
            add_code(written, "threshold_condition_code", model.threshold_condition_code);
            add_code(written, "reset_code", model.reset_code);
            add_code(written, "threshold", model.threshold);
            add_code(written, "output_variable", model.output_variable);
        }
        for (const UserSynapseModel& model : network.synapse_models) {
            ordered_json& written = result["synapse_models"].emplace_back(own_model_json(model));
            add_code(written, "code", model.code);
            add_code(written, "inject_current", model.inject_current);
        }
        for (const UserMetricModel& model : network.metric_models) {
            result["metric_models"].push_back(
                {{"name", model.name}, {"params", numbers_json(model.params)}, {"code", model.code}});
        }
    }

    ordered_json population_json(const Population& population) {
        ordered_json result{{"name", population.name},
                            {"shape", population.shape},
                            {"neuron", model_json(population.neuron, population.name + ".neuron")}};
        if (population.readout) {
            result["readout"] = model_json(*population.readout, population.name + ".readout");
        }
        for (const MetricSpec& spec : population.metrics) {
            ordered_json metric{{"model", spec.metric.model}};
            if (!spec.metric.params.empty()) {
                metric["params"] = params_json(spec.metric.params, population.name + "." + spec.name);
            }
            metric["name"] = spec.name;
            result["metrics"].push_back(std::move(metric));
        }
        if (population.record_spikes) {
            result["record_spikes"] = true;
        }
        return result;
    }

    ordered_json connection_json(const Connection& connection) {
        ordered_json result{{"name", connection.name},
                            {"source", connection.source},
                            {"target", connection.target},
                            {"connectivity", model_json(connection.connectivity, connection.name)},
                            {"synapse", model_json(connection.synapse, connection.name + ".synapse")},
                            {"delay", value_json(connection.delay, connection.name + ".delay")}};
        if (connection.max_delay_steps) {
            result["max_delay_steps"] = *connection.max_delay_steps;
        }
        return result;
    }

    ordered_json model_json(const ModelSpec& spec, const std::string& owner) {
        if (spec.params.empty()) {
            return spec.model;
        }
        return {{"model", spec.model}, {"params", params_json(spec.params, owner)}};
    }

    ordered_json params_json(const Parameters& params, const std::string& owner) {
        ordered_json object = ordered_json::object();
        for (const auto& [name, value] : params) {
            object[name] = value_json(value, owner + "." + name);
        }
        return object;
    }

    ordered_json value_json(const Value& value, const std::string& member) {
        if (const bool* flag = value.get_if<bool>()) {
            return *flag;
        }
        if (const double* number = value.get_if<double>()) {
            return number_json(*number);
        }
        if (const std::string* text = value.get_if<std::string>()) {
            return *text;
        }
        if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
            return initialiser_json(*initialiser);
        }
        if (const Array* array = value.get_if<Array>()) {
            return array_json(*array, member);
        }
        return nullptr;
    }

    /// Short lists of numbers as they are read: pairs, for example.
    ordered_json array_json(const Array& array, const std::string& member) {
        const bool is_short = array.shape().size() == 1 && !array.empty() && array.size() <= most_inline_elements;
        if (is_short && array.dtype() == DType::i64) {
            return array.to_i64();
        }
        const Shape& shape = array.shape();
        arrays_.emplace_back(member, array);
        return {
            {"file", archive_}, {"member", member}, {"shape", shape}, {"dtype", std::string(name_of(array.dtype()))}};
    }

    std::string archive_;
    std::vector<std::pair<std::string, Array>> arrays_;
};

std::string text_of(const ordered_json& document, const std::string& where) {
    constexpr int indent = 2;
    try {
        return document.dump(indent) + "\n";
    } catch (const ordered_json::exception&) {
        description::fail(where, "the network's code is not valid UTF-8, which a description must be",
                          "write its comments in UTF-8");
    }
}

}  // namespace

void save_network(const std::filesystem::path& file, const NetworkFile& content) {
    if (file.extension() != ".json") {
        description::fail(description::shown_path(file), "does not end in .json", "name the file NETWORK.json");
    }
    NetworkFile complete = content;
    complete.network = validated(content.network);
    std::filesystem::path archive = file;
    archive.replace_extension(".npz");
    NetworkWriter writer(archive.filename().string());
    const std::string text = text_of(writer.document(complete), description::shown_path(file));
    if (!writer.arrays().empty()) {
        save_npz(archive, writer.arrays());
    }
    description::write_atomically(file, {std::as_bytes(std::span(text))});
}

}  // namespace mlgenn
