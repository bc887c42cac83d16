// SPDX-License-Identifier: Apache-2.0
// Reading parameters of catalogue entries. Values are validated before, so a misfit is our mistake.
#include "compiler/models/parameters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::models {

namespace {

template <class T>
const T& checked(const Entry& entry, std::string_view name, const Value& value, const char* wanted) {
    const T* typed = value.get_if<T>();
    if (typed == nullptr) {
        throw InternalError("parameter '" + std::string(name) + "' of " + entry.name + " is not " + wanted);
    }
    return *typed;
}

}  // namespace

const ParameterSpec* Entry::find_parameter(std::string_view parameter) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& spec) { return spec.name == parameter; });
    return found == parameters.end() ? nullptr : &*found;
}

const Value& ParameterReader::value(std::string_view name) const {
    const ParameterSpec* spec = entry_->find_parameter(name);
    if (spec == nullptr) {
        throw InternalError(entry_->name + " has no parameter '" + std::string(name) + "'");
    }
    if (const auto found = given_->find(spec->name); found != given_->end()) {
        return found->second;
    }
    if (spec->required) {
        throw InternalError("parameter '" + spec->name + "' of " + entry_->name + " is not given");
    }
    return spec->default_value;
}

bool ParameterReader::boolean(std::string_view name) const {
    return checked<bool>(*entry_, name, value(name), "a boolean");
}

double ParameterReader::number(std::string_view name) const {
    return checked<double>(*entry_, name, value(name), "a number");
}

std::int64_t ParameterReader::integer(std::string_view name) const {
    const double wide = number(name);
    if (!(std::trunc(wide) == wide && wide >= -0x1p63 && wide < 0x1p63)) {
        throw InternalError("parameter '" + std::string(name) + "' of " + entry_->name + " is not a whole number");
    }
    return static_cast<std::int64_t>(wide);
}

std::string ParameterReader::word(std::string_view name) const {
    return checked<std::string>(*entry_, name, value(name), "a word");
}

std::pair<std::int64_t, std::int64_t> ParameterReader::pair(std::string_view name) const {
    if (const Array* both = array(name)) {
        const std::vector<std::int64_t> values = both->to_i64();
        if (values.size() != 2) {
            throw InternalError("parameter '" + std::string(name) + "' of " + entry_->name + " is not a pair");
        }
        return {values[0], values[1]};
    }
    const std::int64_t single = integer(name);
    return {single, single};
}

}  // namespace mlgenn::models
