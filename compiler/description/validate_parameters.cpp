// SPDX-License-Identifier: Apache-2.0
// Parameters against the table of their catalogue entry.
#include "compiler/description/validate_parameters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/validate_initialisers.h"

namespace mlgenn::description {

namespace {

using models::ParameterKind;
using models::ParameterSpec;

constexpr double largest_whole_number = std::numeric_limits<std::int32_t>::max();

bool is_whole(double value) {
    return std::isfinite(value) && std::trunc(value) == value;
}

std::string range_text(const ParameterSpec& spec) {
    std::string text;
    if (spec.minimum) {
        text = (spec.above_minimum ? " > " : " >= ") + number_text(*spec.minimum);
    }
    if (spec.maximum) {
        text += (spec.minimum ? " and <= " : " <= ") + number_text(*spec.maximum);
    }
    return text;
}

std::string expected_text(const ParameterSpec& spec) {
    std::string text;
    switch (spec.kind) {
        case ParameterKind::number:
            text = "a finite number" + range_text(spec) + (spec.per_neuron ? ", or an array with one per neuron" : "");
            break;
        case ParameterKind::boolean:
            text = "true or false";
            break;
        case ParameterKind::integer:
            text = "a whole number" + range_text(spec);
            break;
        case ParameterKind::word:
            text = "one of " + listed(spec.choices);
            break;
        case ParameterKind::pair:
            text = "a whole number" + range_text(spec) + ", or two of them (rows, columns)";
            break;
        case ParameterKind::weights:
            text = "a finite number, or an array of them";
            break;
        case ParameterKind::indices:
            text = "a list of whole numbers";
            break;
    }
    return spec.nullable ? text + ", or null" : text;
}

/// What is wrong with one value, or nothing.
class ValueCheck {
public:
    explicit ValueCheck(const ParameterSpec& spec) : spec_(spec) {}

    [[nodiscard]] std::optional<std::string> operator()(const Value& value) const {
        if (value.is_null()) {
            return spec_.nullable ? std::nullopt : std::optional(mismatch(value));
        }
        if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
            return is_drawable(spec_) ? draws(*initialiser) : std::optional(mismatch(value));
        }
        switch (spec_.kind) {
            case ParameterKind::boolean:
                return value.get_if<bool>() != nullptr ? std::nullopt : std::optional(mismatch(value));
            case ParameterKind::word:
                return word(value);
            case ParameterKind::number:
            case ParameterKind::weights:
                return numbers(value, spec_.kind == ParameterKind::weights || spec_.per_neuron);
            case ParameterKind::integer:
                return whole_numbers(value, false);
            case ParameterKind::pair:
            case ParameterKind::indices:
                return whole_numbers(value, true);
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] std::string mismatch(const std::string& found) const {
        return "found " + found + ", expected " + expected_text(spec_);
    }
    [[nodiscard]] std::string mismatch(const Value& value) const { return mismatch(describe(value)); }

    [[nodiscard]] std::optional<std::string> word(const Value& value) const {
        const std::string* text = value.get_if<std::string>();
        if (text != nullptr && std::find(spec_.choices.begin(), spec_.choices.end(), *text) != spec_.choices.end()) {
            return std::nullopt;
        }
        return mismatch(value);
    }

    [[nodiscard]] bool in_range(double number) const {
        const bool above = !spec_.minimum || (spec_.above_minimum ? number > *spec_.minimum : number >= *spec_.minimum);
        return above && (!spec_.maximum || number <= *spec_.maximum);
    }

    [[nodiscard]] bool is_good_number(double value) const {
        return std::isfinite(static_cast<float>(value)) && in_range(value);
    }

    [[nodiscard]] std::string bad_number(double value, const std::string& found) const {
        if (std::isfinite(value) && !std::isfinite(static_cast<float>(value))) {
            return "found " + found + ", which float32 cannot hold (it ends at 3.4028235e+38)";
        }
        return mismatch(found);
    }

    [[nodiscard]] std::optional<std::size_t> first_bad_number(const Array& array) const {
        // Trained weights are float32 and many.
        if (array.dtype() == DType::f32) {
            const auto elements = array.as<float>();
            const auto bad = std::find_if(elements.begin(), elements.end(),
                                          [this](float element) { return !is_good_number(element); });
            return bad == elements.end() ? std::nullopt
                                         : std::optional(static_cast<std::size_t>(bad - elements.begin()));
        }
        for (std::size_t i = 0; i < array.size(); ++i) {
            if (!is_good_number(array.value(i))) {
                return i;
            }
        }
        return std::nullopt;
    }

    /// What an initialiser certainly draws; everything else shows when it draws.
    [[nodiscard]] std::optional<std::string> draws(const Initialiser& initialiser) const {
        for (const double bound : bounds_of(initialiser)) {
            if (!is_good_number(bound)) {
                return bad_number(bound, describe(Value(initialiser)));
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> numbers(const Value& value, bool array_allowed) const {
        if (const double* single = value.get_if<double>()) {
            return is_good_number(*single) ? std::nullopt : std::optional(bad_number(*single, number_text(*single)));
        }
        const Array* array = value.get_if<Array>();
        if (array == nullptr || !array_allowed || array->dtype() == DType::boolean) {
            return mismatch(value);
        }
        if (array->empty() && array->shape().size() > 1) {
            return "found " + describe(value) + " without elements, expected " + expected_text(spec_);
        }
        if (const auto bad = first_bad_number(*array)) {
            const double element = array->value(*bad);
            return bad_number(element, number_text(element) + " as " + element_text(array->shape(), *bad));
        }
        return std::nullopt;
    }

    [[nodiscard]] bool is_good_whole_number(double value) const {
        return is_whole(value) && in_range(value) && std::abs(value) <= largest_whole_number;
    }

    [[nodiscard]] std::string bad_whole_number(double value, const std::string& found) const {
        if (is_whole(value) && in_range(value)) {
            return "found " + found + ", expected no more than " + number_text(largest_whole_number);
        }
        return mismatch(found);
    }

    [[nodiscard]] std::optional<std::string> whole_numbers(const Value& value, bool array_allowed) const {
        if (const double* single = value.get_if<double>(); single != nullptr && spec_.kind != ParameterKind::indices) {
            return is_good_whole_number(*single) ? std::nullopt
                                                 : std::optional(bad_whole_number(*single, number_text(*single)));
        }
        const Array* array = value.get_if<Array>();
        const bool is_pair = spec_.kind == ParameterKind::pair;
        if (array == nullptr || !array_allowed || array->dtype() == DType::boolean || array->shape().size() != 1 ||
            (is_pair && array->size() != 2)) {
            return mismatch(value);
        }
        for (std::size_t i = 0; i < array->size(); ++i) {
            const double element = array->value(i);
            if (!is_good_whole_number(element)) {
                return bad_whole_number(element, number_text(element) + " as " + element_text(array->shape(), i));
            }
        }
        return std::nullopt;
    }

    const ParameterSpec& spec_;
};

std::vector<std::string> names_of(const models::Entry& entry) {
    std::vector<std::string> names;
    for (const ParameterSpec& spec : entry.parameters) {
        names.push_back(spec.name);
    }
    return names;
}

std::string remedy_for(const ParameterSpec& spec, const Value& value) {
    if (const std::string* text = value.get_if<std::string>(); text != nullptr && spec.kind == ParameterKind::word) {
        if (const auto near = closest(*text, spec.choices)) {
            return "did you mean '" + *near + "'?";
        }
    }
    const bool takes_file = spec.kind == ParameterKind::weights || spec.kind == ParameterKind::indices;
    if (takes_file && value.get_if<std::string>() != nullptr) {
        return R"(a file is written as {"file": "w.npy"})";
    }
    if (spec.required) {
        return "correct it: " + spec.doc;
    }
    const std::string fallback =
        spec.default_value.is_null() ? "to switch it off" : "for " + describe(spec.default_value);
    return "correct it (" + spec.doc + "), or leave it out " + fallback;
}

}  // namespace

std::string describe(const Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(double number) const { return number_text(number); }
        std::string operator()(const std::string& text) const { return in_quotes(text); }
        std::string operator()(const Array& array) const {
            return "an array of shape " + to_string(array.shape()) + " (" + std::string(name_of(array.dtype())) + ")";
        }
        std::string operator()(const Initialiser& initialiser) const {
            std::string text = "initialiser " + in_quotes(initialiser.name);
            for (const auto& [name, value] : initialiser.params) {
                text += std::string(name == initialiser.params.begin()->first ? " with " : ", ") + printable(name) +
                        " " + number_text(value);
            }
            return text;
        }
    };
    return std::visit(Visitor{}, value.variant());
}

bool is_drawable(const ParameterSpec& spec) {
    return spec.kind == ParameterKind::weights || (spec.kind == ParameterKind::number && spec.per_neuron);
}

std::optional<std::string> value_problem(const ParameterSpec& spec, const Value& value) {
    return ValueCheck(spec)(value);
}

void check_parameter_values(const models::Entry& entry, const Parameters& given, const Place& params, Report& report,
                            language::ElementKind elements) {
    for (const auto& [name, value] : given) {
        const ParameterSpec* spec = entry.find_parameter(name);
        if (spec == nullptr) {
            const std::vector<std::string> known = names_of(entry);
            report.add(params, entry.name + " has no parameter " + in_quotes(name),
                       known.empty() ? "leave it out: " + entry.name + " has no parameters"
                                     : suggestion(name, known, "its parameters are"));
            continue;
        }
        const Initialiser* initialiser = is_drawable(*spec) ? value.get_if<Initialiser>() : nullptr;
        if (initialiser != nullptr && check_initialiser(*initialiser, elements, params / name, report)) {
            continue;
        }
        if (auto problem = ValueCheck(*spec)(value)) {
            report.add(params / name, *std::move(problem), remedy_for(*spec, value));
        }
    }
}

void check_parameters(const models::Entry& entry, const Parameters& given, const Place& place, Report& report,
                      language::ElementKind elements) {
    const Place params = place / "params";
    check_parameter_values(entry, given, params, report, elements);
    for (const ParameterSpec& spec : entry.parameters) {
        if (spec.required && given.count(spec.name) == 0 && report.is_readable(params / spec.name)) {
            report.add(place, entry.name + " needs the parameter '" + spec.name + "'", "give it: " + spec.doc);
        }
    }
}

void check_per_neuron_sizes(const models::Entry& entry, const Parameters& given, const std::string& population,
                            const Shape& shape, const Place& place, Report& report) {
    for (const ParameterSpec& spec : entry.parameters) {
        const auto found = given.find(spec.name);
        const Array* array = spec.per_neuron && found != given.end() ? found->second.get_if<Array>() : nullptr;
        if (array == nullptr || array->shape() == shape || array->shape() == Shape{num_elements(shape)}) {
            continue;
        }
        report.add(place / "params" / spec.name,
                   "the array has shape " + to_string(array->shape()) + ", but population " + in_quotes(population) +
                       " has " + counted(num_elements(shape), "neuron") + " of shape " + to_string(shape),
                   "give one element per neuron, in that shape or as one list");
    }
}

}  // namespace mlgenn::description
