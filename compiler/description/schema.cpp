// SPDX-License-Identifier: Apache-2.0
// The JSON schema of descriptions, from the catalogue: an editor knows every model and parameter that validation knows.
#include "compiler/description/schema.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "compiler/models/catalogue.h"
#include "mlgenn/default_params.h"

namespace mlgenn::description {

namespace {

using models::ParameterKind;
using models::ParameterSpec;
using nlohmann::ordered_json;

constexpr std::int64_t largest_whole_number = 2147483647;
constexpr const char* name_pattern = "^[A-Za-z][A-Za-z0-9_]{0,127}$";

ordered_json reference(const std::string& definition) {
    return {{"$ref", "#/definitions/" + definition}};
}

/// 1 rather than 1.0 for whole numbers.
ordered_json number(double value) {
    if (std::trunc(value) == value && std::abs(value) < 0x1p53) {
        return static_cast<std::int64_t>(value);
    }
    return value;
}

ordered_json default_of(const Value& value) {
    if (const double* numeric = value.get_if<double>()) {
        return number(*numeric);
    }
    if (const bool* flag = value.get_if<bool>()) {
        return *flag;
    }
    if (const std::string* text = value.get_if<std::string>()) {
        return *text;
    }
    return nullptr;
}

ordered_json numeric(const char* type, const ParameterSpec& spec) {
    ordered_json schema{{"type", type}};
    if (spec.minimum) {
        schema[spec.above_minimum ? "exclusiveMinimum" : "minimum"] = number(*spec.minimum);
    }
    if (spec.maximum) {
        schema["maximum"] = number(*spec.maximum);
    } else if (spec.kind == ParameterKind::integer || spec.kind == ParameterKind::pair) {
        schema["maximum"] = largest_whole_number;
    }
    return schema;
}

/// The forms that a parameter's value may have.
ordered_json forms_of(const ParameterSpec& spec) {
    ordered_json forms = ordered_json::array();
    switch (spec.kind) {
        case ParameterKind::number:
            forms.push_back(numeric("number", spec));
            break;
        case ParameterKind::boolean:
            forms.push_back({{"type", "boolean"}});
            break;
        case ParameterKind::integer:
            forms.push_back(numeric("integer", spec));
            break;
        case ParameterKind::word:
            forms.push_back({{"enum", spec.choices}});
            break;
        case ParameterKind::pair:
            forms.push_back(numeric("integer", spec));
            forms.push_back({{"type", "array"}, {"items", numeric("integer", spec)}, {"minItems", 2}, {"maxItems", 2}});
            break;
        case ParameterKind::weights:
            forms.push_back(numeric("number", spec));
            forms.push_back(reference("array"));
            forms.push_back(reference("initialiser"));
            break;
        case ParameterKind::indices:
            forms.push_back(reference("array"));
            break;
    }
    if (spec.per_neuron) {
        forms.push_back(reference("array"));
        forms.push_back(reference("initialiser"));
    }
    if (spec.nullable) {
        forms.push_back({{"type", "null"}});
    }
    return forms;
}

ordered_json parameter(const ParameterSpec& spec) {
    const ordered_json forms = forms_of(spec);
    ordered_json schema{{"description", spec.unit.empty() ? spec.doc : spec.doc + " [" + spec.unit + "]"}};
    if (!spec.required) {
        schema["default"] = default_of(spec.default_value);
    }
    if (forms.size() == 1 && !forms[0].contains("$ref")) {
        schema.update(forms[0]);
    } else {
        schema["anyOf"] = forms;
    }
    return schema;
}

ordered_json object(const std::string& description, ordered_json properties, std::vector<std::string> required) {
    ordered_json schema{{"type", "object"}};
    if (!description.empty()) {
        schema["description"] = description;
    }
    schema["properties"] = std::move(properties);
    if (!required.empty()) {
        schema["required"] = std::move(required);
    }
    schema["additionalProperties"] = false;
    return schema;
}

ordered_json model_object(const models::Entry& entry) {
    ordered_json properties = ordered_json::object();
    std::vector<std::string> required;
    for (const ParameterSpec& spec : entry.parameters) {
        properties[spec.name] = parameter(spec);
        if (spec.required) {
            required.push_back(spec.name);
        }
    }
    const std::vector<std::string> keys =
        required.empty() ? std::vector<std::string>{"model"} : std::vector<std::string>{"model", "params"};
    return object(entry.summary, {{"model", {{"const", entry.name}}}, {"params", object("", properties, required)}},
                  keys);
}

bool needs_parameters(const models::Entry& entry) {
    for (const ParameterSpec& spec : entry.parameters) {
        if (spec.required) {
            return true;
        }
    }
    return false;
}

/// A model's name alone where it needs no parameters, or an object.
template <class Model>
ordered_json models_of(const char* description, std::span<const Model> table) {
    ordered_json names = ordered_json::array();
    ordered_json forms = ordered_json::array();
    for (const Model& model : table) {
        if (!needs_parameters(model.entry)) {
            names.push_back(model.entry.name);
        }
        forms.push_back(model_object(model.entry));
    }
    if (!names.empty()) {
        forms.insert(forms.begin(), ordered_json{{"enum", names}});
    }
    return {{"description", description}, {"anyOf", forms}};
}

ordered_json array_definitions() {
    const ordered_json dimension{{"type", "integer"}, {"minimum", 0}};
    ordered_json definitions;
    definitions["array"] = {{"description", "Numbers in C order: nested lists, or a file."},
                            {"anyOf", {reference("number_list"), reference("array_file")}}};
    definitions["number_list"] = {{"type", "array"},
                                  {"items", {{"anyOf", {ordered_json{{"type", "number"}}, reference("number_list")}}}}};
    definitions["array_file"] = object(
        "A .npy file, a member of a .npz archive or an idx file.",
        {{"file", {{"description", "Path relative to the description; must stay in its folder."}, {"type", "string"}}},
         {"member", {{"description", "Name of the array in a .npz archive."}, {"type", "string"}}},
         {"shape",
          {{"description", "Expected shape; another one is an error."},
           {"anyOf", {dimension, ordered_json{{"type", "array"}, {"items", dimension}}}}}},
         {"dtype",
          {{"description", "Expected element type; another one is an error."},
           {"enum",
            {"bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32",
             "float64"}}}}},
        {"file"});
    return definitions;
}

ordered_json initialisers() {
    ordered_json forms = ordered_json::array();
    for (const models::InitialiserModel& model : models::initialiser_models()) {
        ordered_json properties{{"initialiser", {{"const", model.entry.name}}}};
        for (const ParameterSpec& spec : model.entry.parameters) {
            properties[spec.name] = parameter(spec);
        }
        forms.push_back(object(model.entry.summary, properties, {"initialiser"}));
    }
    forms.push_back({{"type", "object"},
                     {"description", "Code that assigns `value` (docs/initialisers.md), and its parameters."},
                     {"properties", {{"initialiser", {{"const", "code"}}}, {"code", {{"type", "string"}}}}},
                     {"required", {"initialiser", "code"}},
                     {"additionalProperties", {{"type", "number"}}}});
    return {{"description", "How the elements of an array are drawn when the network is compiled."}, {"anyOf", forms}};
}

ordered_json population() {
    const ordered_json dimension{{"type", "integer"}, {"minimum", 1}, {"maximum", largest_whole_number}};
    return object(
        "Neurons of one model.",
        {{"name",
          {{"description", "Unique among populations and connections."},
           {"pattern", name_pattern},
           {"type", "string"}}},
         {"shape",
          {{"description",
            "Images are [height, width, channels]. Left out or null: taken from the connections into the population."},
           {"default", nullptr},
           {"anyOf",
            {dimension, ordered_json{{"type", "array"}, {"items", dimension}, {"minItems", 1}, {"maxItems", 8}},
             ordered_json{{"type", "null"}}}}}},
         {"neuron", {{"anyOf", {reference("neuron"), reference("own_model")}}}},
         {"readout", {{"anyOf", {reference("readout"), ordered_json{{"type", "null"}}}}, {"default", nullptr}}},
         {"metrics",
          {{"description", "Of an output: what is scored unless the caller names others."},
           {"type", "array"},
           {"items", reference("metric")},
           {"default", ordered_json::array()}}},
         {"record_spikes",
          {{"description", "The spikes can be recorded by callbacks that are given to calls."},
           {"type", "boolean"},
           {"default", false}}}},
        {"name", "neuron"});
}

ordered_json metric() {
    return {
        {"description", "A metric (docs/metrics.md)."},
        {"anyOf",
         {ordered_json{{"description", "METRIC, METRIC(PARAMETER=VALUE, ...) or NAME: METRIC."}, {"type", "string"}},
          object("",
                 {{"model", {{"type", "string"}, {"pattern", name_pattern}}},
                  {"params", {{"type", "object"}}},
                  {"name",
                   {{"description", "What its results are called."}, {"type", "string"}, {"pattern", name_pattern}}}},
                 {"model"})}}};
}

ordered_json connection() {
    return object(
        "Synapses from one population to another.",
        {{"name",
          {{"description", "Left out: \"<source>_to_<target>\", numbered if that is taken."},
           {"pattern", name_pattern},
           {"type", "string"}}},
         {"source", {{"description", "A population that spikes."}, {"type", "string"}}},
         {"target", {{"description", "A population that takes no input from outside."}, {"type", "string"}}},
         {"connectivity", reference("connectivity")},
         {"synapse", {{"anyOf", {reference("synapse"), reference("own_model")}}, {"default", "delta"}}},
         {"delay",
          {{"description",
            "Extra timesteps: a spike of step t arrives in step t + 1 + delay. One number for all synapses, or "
            "one per weight."},
           {"anyOf",
            {ordered_json{{"type", "integer"}, {"minimum", 0}, {"maximum", 65535}}, reference("array"),
             reference("initialiser")}},
           {"default", 0}}},
         {"max_delay_steps",
          {{"description", "A longer delay is an error."},
           {"type", "integer"},
           {"minimum", 0},
           {"maximum", 65535},
           {"default", 65535}}}},
        {"source", "target", "connectivity"});
}

/// What the network's own neuron and synapse models share.
ordered_json own_model_properties(const char* usage) {
    const ordered_json numbers{{"type", "number"}};
    return {{"name", {{"description", usage}, {"pattern", name_pattern}, {"type", "string"}}},
            {"params",
             {{"description", "Default values of parameters."}, {"type", "object"}, {"additionalProperties", numbers}}},
            {"derived_params",
             {{"description", "Expressions of params and dt, evaluated in double."},
              {"type", "object"},
              {"additionalProperties", {{"type", "string"}}}}},
            {"vars",
             {{"description", "Initial values of state variables."},
              {"type", "object"},
              {"additionalProperties", numbers}}}};
}

/// What models with equations have in addition.
ordered_json equation_properties(const char* jump) {
    const ordered_json equation =
        object("",
               {{"derivative", {{"description", "dx/dt [1/ms]."}, {"type", "string"}, {"default", ""}}},
                {"jump", {{"description", jump}, {"type", "string"}, {"default", ""}}}},
               {});
    return {{"equations",
             {{"description", "Differential equations by variable, instead of code."},
              {"type", "object"},
              {"additionalProperties", equation}}},
            {"solver",
             {{"description", "How a step is computed."},
              {"enum", {"exponential_euler", "linear_euler"}},
              {"default", "exponential_euler"}}},
            {"sub_steps",
             {{"description", "Steps of the solver per timestep."},
              {"type", "integer"},
              {"minimum", 1},
              {"maximum", 1000},
              {"default", 1}}}};
}

void define_own_models(ordered_json& definitions) {
    const auto code = [](const char* description) {
        return ordered_json{{"description", description}, {"type", "string"}, {"default", ""}};
    };
    definitions["own_model"] = {
        {"description", "A model of neuron_models or synapse_models by name."},
        {"anyOf",
         {ordered_json{{"type", "string"}, {"pattern", name_pattern}},
          object("", {{"model", {{"type", "string"}, {"pattern", name_pattern}}}, {"params", {{"type", "object"}}}},
                 {"model"})}}};
    ordered_json neuron = own_model_properties("What populations call it.");
    neuron["sim_code"] = code("Statements that run in every step.");
    neuron["threshold_condition_code"] = code("Condition for a spike; empty: never.");
    neuron["reset_code"] = code("Statements that run at a spike.");
    neuron["output_variable"] = code("Variable that readouts read.");
    neuron["threshold"] = code("With equations: a spike where this is >= 0; empty: never.");
    neuron.update(equation_properties("Value after a spike; empty: unchanged."));
    definitions["own_neuron_model"] = object("A neuron model in code (docs/user_models.md).", neuron, {"name"});
    ordered_json synapse = own_model_properties("What connections call it.");
    synapse["code"] = code("Statements that run in every step and call injectCurrent.");
    synapse["inject_current"] = code("With equations: the current into the target.");
    synapse.update(equation_properties("Value after a spike: the variable plus a constant times weight."));
    definitions["own_synapse_model"] = object("A synapse model in code (docs/user_models.md).", synapse, {"name"});
    ordered_json metric = own_model_properties("What metrics of populations call it.");
    metric.erase("derived_params");
    metric.erase("vars");
    metric["code"] = code("Statements that score one example and assign score.");
    definitions["own_metric_model"] = object("A metric in code (docs/metrics.md).", metric, {"name", "code"});
}

ordered_json top_level() {
    return {
        {"$schema", {{"description", "Where this schema is, for editors; not read."}, {"type", "string"}}},
        {"format", {{"const", "mlgenn-network"}}},
        {"version", {{"const", 1}}},
        {"name",
         {{"description", "Stands in reports and names of generated files."},
          {"type", "string"},
          {"pattern", "^[A-Za-z0-9_-][A-Za-z0-9_. -]{0,127}$"},
          {"default", "network"}}},
        {"dt",
         {{"description", "Length of a timestep [ms]."}, {"type", "number"}, {"exclusiveMinimum", 0}, {"default", 1}}},
        {"example_timesteps",
         {{"description", "Timesteps per example, unless the caller says otherwise."},
          {"type", "integer"},
          {"minimum", 1},
          {"maximum", 4294967295U}}},
        {"evaluate_timesteps",
         {{"description", "mlGeNN's name for example_timesteps."},
          {"type", "integer"},
          {"minimum", 1},
          {"maximum", 4294967295U}}},
        {"default_params",
         {{"description", "Parameters of models that do not have them themselves: a table's name, or by model."},
          {"anyOf",
           {ordered_json{{"enum", default_params_names()}},
            ordered_json{{"type", "object"}, {"additionalProperties", {{"type", "object"}}}}}}}},
        {"populations", {{"type", "array"}, {"minItems", 1}, {"items", reference("population")}}},
        {"connections", {{"type", "array"}, {"items", reference("connection")}, {"default", ordered_json::array()}}},
        {"neuron_models",
         {{"type", "array"}, {"items", reference("own_neuron_model")}, {"default", ordered_json::array()}}},
        {"synapse_models",
         {{"type", "array"}, {"items", reference("own_synapse_model")}, {"default", ordered_json::array()}}},
        {"metric_models",
         {{"type", "array"}, {"items", reference("own_metric_model")}, {"default", ordered_json::array()}}}};
}

}  // namespace

std::string network_schema() {
    ordered_json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "mlgenn network"}};
    schema.update(
        object("A trained spiking neural network (docs/network_format.md). Generated from the catalogue by "
               "tools/network_schema; `ninja update_network_schema` writes it.",
               top_level(), {"format", "version", "populations"}));
    ordered_json& definitions = schema["definitions"];
    definitions["population"] = population();
    definitions["connection"] = connection();
    definitions["neuron"] = models_of("Neuron model of a population.", models::neuron_models());
    definitions["readout"] = models_of("What an output population gives back.", models::readout_models());
    definitions["metric"] = metric();
    definitions["connectivity"] = models_of("Which neurons are connected.", models::connectivity_models());
    definitions["synapse"] = models_of("What arriving spikes do.", models::synapse_models());
    define_own_models(definitions);
    definitions["initialiser"] = initialisers();
    definitions.update(array_definitions());
    constexpr int indent = 2;
    return schema.dump(indent) + "\n";
}

}  // namespace mlgenn::description
