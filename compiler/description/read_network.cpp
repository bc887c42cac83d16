// SPDX-License-Identifier: Apache-2.0
// JSON descriptions (docs/network_format.md). Reads as much as can be read, so that all findings come at once.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/description/array_values.h"
#include "compiler/description/byte_source.h"
#include "compiler/description/json_text.h"
#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/validation.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/default_params.h"
#include "mlgenn/network_io.h"

namespace mlgenn::description {

namespace {

using nlohmann::json;

constexpr const char* format_name = "mlgenn-network";
constexpr std::int64_t format_version = 1;

class NetworkReader {
public:
    NetworkReader(const std::string& name, const std::filesystem::path& folder, const ReadOptions& options,
                  std::vector<Diagnostic> findings)
        : name_(name), arrays_(name, folder, options), findings_(std::move(findings)) {}

    NetworkFile read(const json& document) {
        check_format(document);
        check_keys(document,
                   {"$schema", "format", "version", "name", "dt", "example_timesteps", "evaluate_timesteps",
                    "default_params", "populations", "connections", "neuron_models", "synapse_models", "metric_models"},
                   name_, findings_);
        NetworkFile result;
        result.network.origin.file = name_;
        result.network.name = read_string(document, "name", "", result.network.name);
        result.dt = read_dt(document);
        result.example_timesteps = read_timesteps(document);
        for_each_object(document, "populations", true, [&](const json& item, const std::string& pointer) {
            result.network.populations.push_back(read_population(item, pointer));
        });
        for_each_object(document, "connections", false, [&](const json& item, const std::string& pointer) {
            result.network.connections.push_back(read_connection(item, pointer));
        });
        for_each_object(document, "neuron_models", false, [&](const json& item, const std::string& pointer) {
            result.network.neuron_models.push_back(read_neuron_model(item, pointer));
        });
        for_each_object(document, "synapse_models", false, [&](const json& item, const std::string& pointer) {
            result.network.synapse_models.push_back(read_synapse_model(item, pointer));
        });
        for_each_object(document, "metric_models", false, [&](const json& item, const std::string& pointer) {
            result.network.metric_models.push_back(read_metric_model(item, pointer));
        });
        apply_default_params(result.network, read_default_params(document));
        Report report(result.network, std::move(findings_), std::move(unreadable_));
        complete(result.network, report);
        if (report.num_findings() != 0) {
            throw DescriptionError(std::move(report.findings()));
        }
        return result;
    }

private:
    /// Of a file of another kind or version nothing else would make sense.
    void check_format(const json& document) const {
        const std::string remedy = R"(start the file with {"format": "mlgenn-network", "version": 1})";
        if (!document.is_object()) {
            fail(name_, "found " + describe(document) + ", expected an object", remedy);
        }
        const auto format = document.find("format");
        if (format == document.end() || *format != format_name) {
            fail(name_ + ": /format",
                 "found " + (format == document.end() ? "nothing" : describe(*format)) + ", expected 'mlgenn-network'",
                 remedy);
        }
        const auto version = document.find("version");
        if (version == document.end() || whole_number(*version) != format_version) {
            fail(name_ + ": /version",
                 "found " + (version == document.end() ? "nothing" : describe(*version)) +
                     ", expected 1, the only version so far",
                 remedy);
        }
    }

    void report(const std::string& pointer, std::string problem, std::string remedy) {
        findings_.push_back(
            {pointer.empty() ? name_ : name_ + ": " + pointer, std::move(problem), {}, std::move(remedy)});
        unreadable_.insert(pointer);
    }

    void report_mismatch(const std::string& pointer, const json& found, const std::string& expected,
                         std::string remedy = "correct it") {
        report(pointer, "found " + describe(found) + ", expected " + expected, std::move(remedy));
    }

    template <class Visit>
    void for_each_object(const json& document, const char* key, bool required, Visit visit) {
        const std::string pointer = std::string("/") + key;
        const auto list = document.find(key);
        if (list == document.end()) {
            if (required) {
                report(pointer, "the description has no \"" + std::string(key) + "\"", "give a list of them");
            }
            return;
        }
        if (!list->is_array()) {
            report_mismatch(pointer, *list, "a list of objects");
            return;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::string item_pointer = join_pointer(pointer, i);
            if (!(*list)[i].is_object()) {
                report_mismatch(item_pointer, (*list)[i], "an object");
            }
            visit((*list)[i], item_pointer);
        }
    }

    /// `fallback` when the key is missing or not a string (reported).
    std::string read_string(const json& object, const char* key, const std::string& pointer,
                            const std::string& fallback) {
        const auto found = object.find(key);
        if (found == object.end()) {
            return fallback;
        }
        if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
            report_mismatch(join_pointer(pointer, key), *found, "a name");
            return fallback;
        }
        return found->get<std::string>();
    }

    std::string read_required_string(const json& object, const char* key, const std::string& pointer) {
        if (!object.contains(key)) {
            findings_.push_back({name_ + ": " + pointer, "has no \"" + std::string(key) + "\"", {}, "give it one"});
            unreadable_.insert(join_pointer(pointer, key));
        }
        return read_string(object, key, pointer, {});
    }

    std::optional<double> read_dt(const json& document) {
        const auto dt = document.find("dt");
        if (dt == document.end()) {
            return std::nullopt;
        }
        const bool is_good = dt->is_number() && std::isfinite(dt->get<float>()) && dt->get<float>() > 0;
        if (!is_good) {
            report_mismatch("/dt", *dt, "a number > 0 (milliseconds)", "leave it out for 1.0");
            return std::nullopt;
        }
        return dt->get<double>();
    }

    /// Also under the name that mlGeNN 2.4 has for it.
    std::optional<std::uint32_t> read_timesteps(const json& document) {
        const bool has_own_name = document.contains("example_timesteps");
        const char* key = has_own_name ? "example_timesteps" : "evaluate_timesteps";
        const auto found = document.find(key);
        if (found == document.end()) {
            return std::nullopt;
        }
        if (has_own_name && document.contains("evaluate_timesteps")) {
            report("/evaluate_timesteps", "example_timesteps is given too, which is the same", "leave one of them out");
        }
        const auto number = whole_number(*found);
        if (!number || *number < 1 || *number > std::int64_t{std::numeric_limits<std::uint32_t>::max()}) {
            report_mismatch(join_pointer("", key), *found, "a whole number from 1 to 4294967295");
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*number);
    }

    /// The name of a table, or {"leaky_integrate_fire": {"scale_i": true}, ...}.
    DefaultParams read_default_params(const json& document) {
        const auto found = document.find("default_params");
        const std::string pointer = "/default_params";
        if (found == document.end()) {
            return {};
        }
        if (found->is_string()) {
            if (const DefaultParams* table = find_default_params(found->get<std::string>())) {
                return *table;
            }
            report(pointer, "there is no table " + in_quotes(found->get<std::string>()),
                   suggestion(found->get<std::string>(), default_params_names(), "the tables are"));
            return {};
        }
        if (!found->is_object()) {
            report_mismatch(pointer, *found, "the name of a table, or an object of models and parameters");
            return {};
        }
        DefaultParams table;
        for (const auto& model : found->items()) {
            const std::string model_pointer = join_pointer(pointer, model.key());
            if (models::find_neuron_model(model.key()) == nullptr &&
                models::find_synapse_model(model.key()) == nullptr) {
                report(model_pointer, "unknown model " + in_quotes(model.key()),
                       "name a neuron model or synapse of the catalogue");
                continue;
            }
            if (!model.value().is_object()) {
                report_mismatch(model_pointer, model.value(), "an object with the model's parameters");
                continue;
            }
            table.emplace(model.key(), read_params(model.value(), model_pointer));
        }
        return table;
    }

    Population read_population(const json& object, const std::string& pointer) {
        Population population;
        if (!object.is_object()) {
            return population;
        }
        check_keys(object, {"name", "shape", "neuron", "readout", "metrics", "record_spikes"}, name_ + ": " + pointer,
                   findings_);
        population.name = read_required_string(object, "name", pointer);
        if (const auto shape = object.find("shape"); shape != object.end() && !shape->is_null()) {
            population.shape = read_shape(*shape, join_pointer(pointer, "shape"));
        }
        if (const auto neuron = object.find("neuron"); neuron != object.end()) {
            population.neuron = read_model(*neuron, join_pointer(pointer, "neuron"));
        }
        if (const auto readout = object.find("readout"); readout != object.end() && !readout->is_null()) {
            population.readout = read_model(*readout, join_pointer(pointer, "readout"));
        }
        if (const auto metrics = object.find("metrics"); metrics != object.end()) {
            population.metrics = read_metrics(*metrics, join_pointer(pointer, "metrics"));
        }
        if (const auto record = object.find("record_spikes"); record != object.end()) {
            if (record->is_boolean()) {
                population.record_spikes = record->get<bool>();
            } else {
                report_mismatch(join_pointer(pointer, "record_spikes"), *record, "true or false");
            }
        }
        return population;
    }

    Connection read_connection(const json& object, const std::string& pointer) {
        Connection connection;
        if (!object.is_object()) {
            return connection;
        }
        check_keys(object, {"name", "source", "target", "connectivity", "synapse", "delay", "max_delay_steps"},
                   name_ + ": " + pointer, findings_);
        connection.name = read_string(object, "name", pointer, {});
        connection.source = read_required_string(object, "source", pointer);
        connection.target = read_required_string(object, "target", pointer);
        if (const auto connectivity = object.find("connectivity"); connectivity != object.end()) {
            connection.connectivity = read_model(*connectivity, join_pointer(pointer, "connectivity"));
        }
        if (const auto synapse = object.find("synapse"); synapse != object.end()) {
            connection.synapse = read_model(*synapse, join_pointer(pointer, "synapse"));
        }
        if (const auto delay = object.find("delay"); delay != object.end()) {
            if (auto value = read_value(*delay, join_pointer(pointer, "delay"))) {
                connection.delay = *std::move(value);
            }
        }
        if (const auto longest = object.find("max_delay_steps"); longest != object.end()) {
            connection.max_delay_steps = read_max_delay(*longest, join_pointer(pointer, "max_delay_steps"));
        }
        return connection;
    }

    std::optional<std::uint32_t> read_max_delay(const json& value, const std::string& pointer) {
        const auto number = whole_number(value);
        if (!number || *number < 0 || *number > std::int64_t{max_delay_steps}) {
            report_mismatch(pointer, value, "a whole number of timesteps from 0 to 65535", "leave it out for 65535");
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*number);
    }

    UserNeuronModel read_neuron_model(const json& object, const std::string& pointer) {
        UserNeuronModel model;
        if (!object.is_object()) {
            return model;
        }
        check_keys(object,
                   {"name", "params", "derived_params", "vars", "sim_code", "threshold_condition_code", "reset_code",
                    "output_variable", "equations", "threshold", "solver", "sub_steps"},
                   name_ + ": " + pointer, findings_);
        const std::size_t before = findings_.size();
        model.name = read_required_string(object, "name", pointer);
        model.params = read_map<double>(object, "params", pointer);
        model.derived_params = read_map<std::string>(object, "derived_params", pointer);
        model.vars = read_map<double>(object, "vars", pointer);
        model.sim_code = read_code(object, "sim_code", pointer);
        model.threshold_condition_code = read_code(object, "threshold_condition_code", pointer);
        model.reset_code = read_code(object, "reset_code", pointer);
        model.output_variable = read_code(object, "output_variable", pointer);
        model.threshold = read_code(object, "threshold", pointer);
        read_equations(object, pointer, model);
        give_up_on(pointer, before);
        return model;
    }

    UserSynapseModel read_synapse_model(const json& object, const std::string& pointer) {
        UserSynapseModel model;
        if (!object.is_object()) {
            return model;
        }
        check_keys(
            object,
            {"name", "params", "derived_params", "vars", "code", "equations", "inject_current", "solver", "sub_steps"},
            name_ + ": " + pointer, findings_);
        const std::size_t before = findings_.size();
        model.name = read_required_string(object, "name", pointer);
        model.params = read_map<double>(object, "params", pointer);
        model.derived_params = read_map<std::string>(object, "derived_params", pointer);
        model.vars = read_map<double>(object, "vars", pointer);
        model.code = read_code(object, "code", pointer);
        model.inject_current = read_code(object, "inject_current", pointer);
        read_equations(object, pointer, model);
        give_up_on(pointer, before);
        return model;
    }

    UserMetricModel read_metric_model(const json& object, const std::string& pointer) {
        UserMetricModel model;
        if (!object.is_object()) {
            return model;
        }
        check_keys(object, {"name", "params", "code"}, name_ + ": " + pointer, findings_);
        const std::size_t before = findings_.size();
        model.name = read_required_string(object, "name", pointer);
        model.params = read_map<double>(object, "params", pointer);
        model.code = read_code(object, "code", pointer);
        give_up_on(pointer, before);
        return model;
    }

    /// Equations by variable, and how they are solved: the same in both kinds of models.
    template <class Model>
    void read_equations(const json& object, const std::string& pointer, Model& model) {
        if (object.contains("solver")) {
            model.solver = read_code(object, "solver", pointer);
        }
        if (const auto given = object.find("sub_steps"); given != object.end()) {
            const auto number = whole_number(*given);
            if (!number || *number < 1 || *number > 1000) {
                report_mismatch(join_pointer(pointer, "sub_steps"), *given, "a whole number from 1 to 1000");
            } else {
                model.sub_steps = static_cast<std::uint32_t>(*number);
            }
        }
        const auto found = object.find("equations");
        if (found == object.end()) {
            return;
        }
        const std::string map_pointer = join_pointer(pointer, "equations");
        if (!found->is_object()) {
            report_mismatch(map_pointer, *found, "an object of variables and equations");
            return;
        }
        for (const auto& item : found->items()) {
            const std::string place = join_pointer(map_pointer, item.key());
            if (!item.value().is_object()) {
                report_mismatch(place, item.value(), R"(an object with "derivative" and "jump")");
                continue;
            }
            check_keys(item.value(), {"derivative", "jump"}, name_ + ": " + place, findings_);
            model.equations[item.key()] = {read_code(item.value(), "derivative", place),
                                           read_code(item.value(), "jump", place)};
        }
    }

    /// Names that could not be read would make code look wrong that is not.
    void give_up_on(const std::string& pointer, std::size_t findings_before) {
        if (findings_.size() != findings_before) {
            unreadable_.insert(pointer);
        }
    }

    std::string read_code(const json& object, const char* key, const std::string& pointer) {
        const auto found = object.find(key);
        if (found == object.end()) {
            return {};
        }
        if (!found->is_string()) {
            report_mismatch(join_pointer(pointer, key), *found, "a string");
            return {};
        }
        return found->get<std::string>();
    }

    /// An object whose values are all numbers, or all strings.
    template <class T>
    std::map<std::string, T> read_map(const json& object, const char* key, const std::string& pointer) {
        const bool numbers = std::is_same_v<T, double>;
        std::map<std::string, T> result;
        const auto found = object.find(key);
        const std::string map_pointer = join_pointer(pointer, key);
        if (found == object.end()) {
            return result;
        }
        if (!found->is_object()) {
            report_mismatch(map_pointer, *found,
                            numbers ? "an object of names and numbers"
                                    : "an object of names and "
                                      "expressions");
            return result;
        }
        for (const auto& item : found->items()) {
            if (numbers ? item.value().is_number() : item.value().is_string()) {
                result.emplace(item.key(), item.value().template get<T>());
            } else {
                report_mismatch(join_pointer(map_pointer, item.key()), item.value(),
                                numbers ? "a number" : "an expression");
            }
        }
        return result;
    }

    /// Zero dimensions and totals are the validation's business.
    Shape read_shape(const json& value, const std::string& pointer) {
        const std::string expected = "a whole number > 0, or a list of them";
        Shape shape;
        const bool is_list = value.is_array();
        if (is_list && value.empty()) {
            report_mismatch(pointer, value, expected, "leave it out to take the shape from a connection");
        }
        for (const json& element : is_list ? value : json::array({value})) {
            const auto dimension = whole_number(element);
            if (!dimension || *dimension < 0) {
                report(pointer,
                       "found " + describe(element) + (is_list ? " in the list" : "") + ", expected " + expected,
                       "correct it");
                return {};
            }
            shape.push_back(static_cast<std::size_t>(*dimension));
        }
        return shape;
    }

    std::vector<MetricSpec> read_metrics(const json& value, const std::string& pointer) {
        std::vector<MetricSpec> metrics;
        if (!value.is_array()) {
            report_mismatch(pointer, value, "a list of metrics");
            return metrics;
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            const json& item = value[i];
            const std::string item_pointer = join_pointer(pointer, std::to_string(i));
            MetricSpec spec;
            spec.metric = read_model(item, item_pointer, {"model", "params", "name"});
            if (item.is_object()) {
                spec.name = read_string(item, "name", item_pointer, {});
            }
            metrics.push_back(std::move(spec));
        }
        return metrics;
    }

    /// "dense", or {"model": "dense", "params": {...}}.
    ModelSpec read_model(const json& value, const std::string& pointer,
                         const std::vector<std::string>& keys = {"model", "params"}) {
        if (value.is_string()) {
            return {value.get<std::string>()};
        }
        if (!value.is_object()) {
            report_mismatch(pointer, value, R"(a model's name, or {"model": ..., "params": ...})");
            return {};
        }
        check_keys(value, keys, name_ + ": " + pointer, findings_);
        const auto model = value.find("model");
        if (model == value.end() || !model->is_string()) {
            report(pointer,
                   model == value.end() ? "has no \"model\""
                                        : "\"model\" is " + describe(*model) + ", expected a model's name",
                   R"(write {"model": ..., "params": ...})");
            return {};
        }
        ModelSpec spec(model->get<std::string>());
        const std::string params_pointer = join_pointer(pointer, "params");
        const auto params = value.find("params");
        if (params != value.end() && !params->is_object()) {
            report_mismatch(params_pointer, *params, "an object with the model's parameters");
        } else if (params != value.end()) {
            spec.params = read_params(*params, params_pointer);
        }
        return spec;
    }

    Parameters read_params(const json& object, const std::string& pointer) {
        Parameters params;
        for (const auto& item : object.items()) {
            if (auto read = read_value(item.value(), join_pointer(pointer, item.key()))) {
                params.emplace(item.key(), *std::move(read));
            }
        }
        return params;
    }

    /// Nothing when the value cannot be read (reported).
    std::optional<Value> read_value(const json& value, const std::string& pointer) {
        switch (value.type()) {
            case json::value_t::null:
                return Value();
            case json::value_t::boolean:
                return Value(value.get<bool>());
            case json::value_t::string:
                return Value(value.get<std::string>());
            case json::value_t::array:
                return read_array([&] { return arrays_.read_list(value, pointer, findings_); }, pointer);
            case json::value_t::object:
                return value.contains("initialiser")
                           ? read_initialiser(value, pointer)
                           : read_array([&] { return arrays_.read_reference(value, pointer, findings_); }, pointer);
            default:
                return Value(value.get<double>());
        }
    }

    /// {"initialiser": "normal", "mean": 0, "sd": 1}, or {"initialiser": "code", "code": "value = a;", "a": 1}.
    std::optional<Value> read_initialiser(const json& object, const std::string& pointer) {
        const std::size_t before = findings_.size();
        Initialiser initialiser;
        for (const auto& item : object.items()) {
            if (item.key() == "initialiser") {
                initialiser.name = read_string(object, "initialiser", pointer, {});
            } else if (item.key() == "code") {
                initialiser.code = read_code(object, "code", pointer);
            } else if (item.value().is_number()) {
                initialiser.params.emplace(item.key(), item.value().get<double>());
            } else {
                report_mismatch(join_pointer(pointer, item.key()), item.value(), "a number");
            }
        }
        if (findings_.size() != before) {
            unreadable_.insert(pointer);
            return std::nullopt;
        }
        return Value(std::move(initialiser));
    }

    template <class Read>
    std::optional<Value> read_array(Read read, const std::string& pointer) {
        std::optional<Array> array = read();
        if (!array) {
            unreadable_.insert(pointer);
            return std::nullopt;
        }
        return Value(*std::move(array));
    }

    const std::string& name_;
    ArrayReader arrays_;
    std::vector<Diagnostic> findings_;
    /// Places that have a finding and therefore no value.
    std::set<std::string> unreadable_;
};

std::string read_text(const std::filesystem::path& file, const std::string& name) {
    FileSource source(file, name);
    if (source.size() > max_json_bytes) {
        fail(
            name,
            "has " + std::to_string(source.size()) + " bytes, more than the limit of " + std::to_string(max_json_bytes),
            "put large arrays into npy files");
    }
    std::string text(static_cast<std::size_t>(source.size()), '\0');
    text.resize(source.read(std::as_writable_bytes(std::span(text))));
    return text;
}

}  // namespace

}  // namespace mlgenn::description

namespace mlgenn {

NetworkFile load_network(const std::filesystem::path& file, const ReadOptions& options) {
    const std::string name = description::shown_path(file);
    return parse_network(description::read_text(file, name), name, file.parent_path(), options);
}

NetworkFile parse_network(std::string_view text, const std::string& name, const std::filesystem::path& folder,
                          const ReadOptions& options) {
    // Without a name the network would look as if it were built in C++.
    const std::string shown = name.empty() ? "description" : name;
    std::vector<Diagnostic> findings;
    const nlohmann::json document = description::parse_json(text, shown, findings);
    return description::NetworkReader(shown, folder, options, std::move(findings)).read(document);
}

}  // namespace mlgenn
