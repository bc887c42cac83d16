// SPDX-License-Identifier: Apache-2.0
// Prints docs/models.md from the catalogue, so that the document cannot say anything else than the compiler does.
#include <charconv>
#include <exception>
#include <iostream>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "compiler/models/catalogue.h"

namespace {

using namespace mlgenn;          // NOLINT(google-build-using-namespace): a tool of one file
using namespace mlgenn::models;  // NOLINT(google-build-using-namespace)

std::string number_text(double value) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    return error == std::errc{} ? std::string(digits, end) : "?";
}

/// As JSON writes it.
std::string value_text(const Value& value) {
    struct Text {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool v) const { return v ? "true" : "false"; }
        std::string operator()(double v) const { return number_text(v); }
        std::string operator()(const std::string& v) const { return "\"" + v + "\""; }
        std::string operator()(const Array& v) const { return "array of shape " + to_string(v.shape()); }
        std::string operator()(const Initialiser& v) const { return v.name; }
    };
    return std::visit(Text{}, value.variant());
}

std::string kind_text(const ParameterSpec& spec) {
    std::string text;
    switch (spec.kind) {
        case ParameterKind::number:
            text = "number";
            break;
        case ParameterKind::boolean:
            text = "true or false";
            break;
        case ParameterKind::integer:
            text = "whole number";
            break;
        case ParameterKind::pair:
            text = "whole number, or [rows, columns]";
            break;
        case ParameterKind::weights:
            text = "number, array or initialiser";
            break;
        case ParameterKind::indices:
            text = "array of whole numbers";
            break;
        case ParameterKind::word:
            for (const std::string& choice : spec.choices) {
                text += (text.empty() ? "`\"" : ", `\"") + choice + "\"`";
            }
            break;
    }
    if (spec.minimum) {
        text += (spec.above_minimum ? " > " : " ≥ ") + number_text(*spec.minimum);
    }
    if (spec.maximum) {
        text += (spec.minimum ? " and ≤ " : " ≤ ") + number_text(*spec.maximum);
    }
    if (spec.per_neuron) {
        text += ", or one per neuron (array or initialiser)";
    }
    return spec.nullable ? text + ", or null" : text;
}

/// Inside a table cell a bar would end the cell.
std::string cell(const std::string& text) {
    std::string result;
    for (const char c : text) {
        result += c == '|' ? std::string("\\|") : std::string(1, c);
    }
    return result;
}

void print_parameters(std::ostream& out, const Entry& entry) {
    if (entry.parameters.empty()) {
        out << "No parameters.\n\n";
        return;
    }
    out << "| parameter | value | unit | default | |\n| --- | --- | --- | --- | --- |\n";
    for (const ParameterSpec& spec : entry.parameters) {
        const std::string fallback = spec.required ? "required" : "`" + value_text(spec.default_value) + "`";
        out << "| `" << spec.name << "` | " << cell(kind_text(spec)) << " | " << cell(spec.unit) << " | "
            << cell(fallback) << " | " << cell(spec.doc) << " |\n";
    }
    out << "\n";
}

void print_entry(std::ostream& out, const Entry& entry, const std::vector<std::string>& facts) {
    out << "### `" << entry.name << "`\n\n" << entry.summary << "\n\n";
    if (!entry.equations.empty()) {
        out << "```text\n";
        for (const std::string& line : entry.equations) {
            out << line << "\n";
        }
        out << "```\n\n";
    }
    print_parameters(out, entry);
    for (const std::string& fact : facts) {
        out << "- " << fact << "\n";
    }
    out << (facts.empty() ? "" : "\n") << "```json\n" << entry.example << "\n```\n\n";
}

std::vector<std::string> facts_of(const NeuronModel& model) {
    std::vector<std::string> facts;
    if (model.input == InputForm::values) {
        facts.emplace_back("Input: dense values");
    } else if (model.input == InputForm::events) {
        facts.emplace_back("Input: spike events");
    }
    if (!model.spiking) {
        facts.emplace_back("Never spikes");
    }
    std::string names;
    for (const std::string& variable : model.variables) {
        names += (names.empty() ? "`" : ", `") + variable + "`";
    }
    if (!names.empty()) {
        facts.push_back("Can be recorded: " + names);
    }
    return facts;
}

std::vector<std::string> facts_of(const SynapseModel&) {
    return {};
}
std::vector<std::string> facts_of(const ConnectivityModel& model) {
    if (model.elements == ElementKind::none) {
        return {"One delay for all synapses"};
    }
    return {model.element_shape == nullptr
                ? "One delay for all synapses, or an initialiser"
                : "One delay for all synapses, an array with one per weight, or an initialiser"};
}

std::vector<std::string> facts_of(const ReadoutModel& model) {
    std::vector<std::string> facts = {std::string("Gives ") + std::string(name_of(dtype_of(model.storage)))};
    if (model.needs_spiking) {
        facts.emplace_back("Needs a neuron model that spikes");
    }
    if (model.needs_variable) {
        facts.emplace_back("Needs a neuron model with a membrane potential");
    }
    return facts;
}

std::vector<std::string> facts_of(const MetricModel& model) {
    return {model.target == TargetKind::label ? "Target: one class label per example"
                                              : "Target: one value per output neuron"};
}

std::vector<std::string> facts_of(const InitialiserModel&) {
    return {};
}

template <class Model>
void print_kind(std::ostream& out, const std::string& title, const std::string& where, std::span<const Model> table) {
    out << "## " << title << "\n\n" << where << "\n\n";
    for (const Model& model : table) {
        print_entry(out, model.entry, facts_of(model));
    }
}

std::string document() {
    std::ostringstream out;
    out << "<!-- Generated from the catalogue by tools/model_docs; `ninja update_model_docs` writes it. -->\n"
        << "# Models\n\nNames and parameters are the same in descriptions (JSON) and in C++. Where a model has no "
        << "parameters to set, its\nname alone will do: `\"neuron\": \"integrate_fire\"`.\n\n";
    print_kind(out, "Neurons", "`neuron` of a population.", neuron_models());
    print_kind(out, "Synapses", "`synapse` of a connection; `delta` when left out.", synapse_models());
    print_kind(out, "Connectivity", "`connectivity` of a connection.", connectivity_models());
    print_kind(out, "Readouts", "`readout` of a population, which makes it an output.", readout_models());
    print_kind(out, "Metrics", "By name when a network is evaluated.", metric_models());
    print_kind(out, "Initialisers",
               "In the place of an array; its parameters stand beside its name ([initialisers](initialisers.md)).",
               initialiser_models());
    std::string text = out.str();
    text.pop_back();
    return text;
}

}  // namespace

int main() {
    try {
        std::cout << document() << std::flush;
        return std::cout ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "model_docs: " << error.what() << "\n";
        return 1;
    }
}
