// SPDX-License-Identifier: Apache-2.0
// Reads model parameters for the reference interpreter.
#include "tests/reference/parameters.h"

#include "tests/reference/random.h"

namespace mlgenn::reference {

const Value* ParameterView::find(const std::string& name) {
    read_.insert(name);
    const auto found = spec_->params.find(name);
    return found == spec_->params.end() ? nullptr : &found->second;
}

const Value& ParameterView::required(const std::string& name) {
    const Value* value = find(name);
    if (value == nullptr) {
        fail("needs parameter '" + name + "'");
    }
    return *value;
}

bool ParameterView::boolean(const std::string& name, bool default_value) {
    const Value* value = find(name);
    if (value == nullptr) {
        return default_value;
    }
    if (const bool* flag = value->get_if<bool>()) {
        return *flag;
    }
    fail("parameter '" + name + "' is not a boolean");
}

std::string ParameterView::word(const std::string& name, const std::string& default_value) {
    const Value* value = find(name);
    if (value == nullptr) {
        return default_value;
    }
    if (const std::string* text = value->get_if<std::string>()) {
        return *text;
    }
    fail("parameter '" + name + "' is not a word");
}

double ParameterView::number(const std::string& name) {
    if (const double* number = required(name).get_if<double>()) {
        return *number;
    }
    fail("parameter '" + name + "' is not a number");
}

std::size_t ParameterView::whole_number(const std::string& name, std::size_t default_value) {
    const Value* value = find(name);
    if (value == nullptr) {
        return default_value;
    }
    if (const double* number = value->get_if<double>()) {
        return static_cast<std::size_t>(*number);
    }
    fail("parameter '" + name + "' is not a whole number");
}

std::pair<std::size_t, std::size_t> ParameterView::pair(const std::string& name,
                                                        std::pair<std::size_t, std::size_t> default_value) {
    const Value* value = find(name);
    if (value == nullptr || value->is_null()) {
        return default_value;
    }
    if (const double* number = value->get_if<double>()) {
        return {static_cast<std::size_t>(*number), static_cast<std::size_t>(*number)};
    }
    const Array* array = value->get_if<Array>();
    if (array == nullptr || array->size() != 2) {
        fail("parameter '" + name + "' is neither a whole number nor an array of two");
    }
    return {static_cast<std::size_t>(array->value(0)), static_cast<std::size_t>(array->value(1))};
}

std::vector<double> ParameterView::numbers(const std::string& name, const Value& value, std::size_t count) const {
    if (const double* number = value.get_if<double>()) {
        return std::vector<double>(count, *number);
    }
    if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
        return draws(*initialiser, draws_.seed, draws_.owner, draws_.use + "." + name, count);
    }
    const Array* array = value.get_if<Array>();
    if (array == nullptr || array->size() != count) {
        fail("parameter '" + name + "' is neither a number nor an array with " + std::to_string(count) + " elements");
    }
    std::vector<double> elements(count);
    for (std::size_t i = 0; i < count; ++i) {
        elements[i] = array->value(i);
    }
    return elements;
}

std::vector<double> ParameterView::per_neuron(const std::string& name, double default_value, std::size_t count) {
    const Value* value = find(name);
    return value == nullptr ? std::vector<double>(count, default_value) : numbers(name, *value, count);
}

std::optional<std::vector<double>> ParameterView::per_neuron_or_off(const std::string& name, std::size_t count) {
    const Value* value = find(name);
    if (value == nullptr || value->is_null()) {
        return std::nullopt;
    }
    return numbers(name, *value, count);
}

std::vector<float> ParameterView::weights(const std::string& name, std::size_t count) {
    const Value& value = required(name);
    if (const double* number = value.get_if<double>()) {
        return {static_cast<float>(*number)};
    }
    if (const Array* array = value.get_if<Array>()) {
        return array->to_f32();
    }
    return rounded(numbers(name, value, count));
}

std::vector<float> ParameterView::all_weights(std::size_t count) {
    return rounded(numbers("weight", required("weight"), count));
}

std::vector<std::size_t> ParameterView::indices(const std::string& name) {
    const Array* array = required(name).get_if<Array>();
    if (array == nullptr) {
        fail("parameter '" + name + "' is not an array");
    }
    std::vector<std::size_t> elements;
    for (const std::int64_t element : array->to_i64()) {
        elements.push_back(static_cast<std::size_t>(element));
    }
    return elements;
}

Shape ParameterView::kernel_shape(std::size_t num_sizes, std::size_t channels, bool filters_first) {
    const auto size = pair("conv_size", {0, 0});
    const Value* filters = find("filters");
    if (const Array* array = required("weight").get_if<Array>()) {
        if (array->shape().size() != num_sizes + 2) {
            fail("kernel " + to_string(array->shape()) + " has the wrong number of dimensions");
        }
        return array->shape();
    }
    if (size.first == 0 || filters == nullptr) {
        fail("has neither a kernel nor its shape");
    }
    const auto num_filters = static_cast<std::size_t>(*filters->get_if<double>());
    Shape shape = num_sizes == 2 ? Shape{size.first, size.second} : Shape{size.first};
    shape.push_back(filters_first ? num_filters : channels);
    shape.push_back(filters_first ? channels : num_filters);
    return shape;
}

void ParameterView::require_all_read() const {
    for (const auto& [name, value] : spec_->params) {
        if (read_.count(name) == 0) {
            fail("the reference does not know parameter '" + name + "' of " + spec_->model);
        }
    }
}

void ParameterView::fail(const std::string& problem) const {
    throw Unsupported(draws_.owner + ", " + draws_.use + ": " + problem);
}

std::vector<float> rounded(const std::vector<double>& values) {
    std::vector<float> result;
    result.reserve(values.size());
    for (const double value : values) {
        result.push_back(static_cast<float>(value));
    }
    return result;
}

}  // namespace mlgenn::reference
