// SPDX-License-Identifier: Apache-2.0
// Arrays in a description.
#include "compiler/description/array_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "compiler/description/array_files.h"
#include "compiler/description/json_text.h"
#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"

namespace mlgenn::description {

namespace {

using nlohmann::json;

/// Walks a nested list: all lists of one level have the same length, and numbers stand only at the bottom.
class ListShape {
public:
    ListShape(const std::string& name, std::vector<Diagnostic>& findings) : name_(name), findings_(findings) {}

    bool visit(const json& list, const std::string& pointer, std::size_t depth) {
        if (depth == shape.size()) {
            if (is_bottom_known_) {
                return wrong(pointer, "found a list, expected a number as in the lists before");
            }
            shape.push_back(list.size());
        }
        if (list.size() != shape[depth]) {
            return wrong(pointer, "found " + describe(list) + ", expected " + std::to_string(shape[depth]) +
                                      " as in the lists before");
        }
        for (std::size_t i = 0; i < list.size(); ++i) {
            const json& element = list[i];
            if (element.is_array()) {
                if (!visit(element, join_pointer(pointer, i), depth + 1)) {
                    return false;
                }
                continue;
            }
            if (!element.is_number()) {
                return wrong(join_pointer(pointer, i), "found " + describe(element) + ", expected a number");
            }
            if (depth + 1 != shape.size()) {
                return wrong(join_pointer(pointer, i), "found a number, expected a list as before");
            }
            is_bottom_known_ = true;
            all_whole = all_whole && is_int64(element);
        }
        return true;
    }

    Shape shape;
    bool all_whole = true;

private:
    static bool is_int64(const json& element) {
        return element.is_number_integer() &&
               (!element.is_number_unsigned() || element.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
    }

    bool wrong(const std::string& pointer, std::string problem) {
        findings_.push_back({name_ + ": " + pointer, std::move(problem), {}, "give every row the same form"});
        return false;
    }

    const std::string& name_;
    std::vector<Diagnostic>& findings_;
    bool is_bottom_known_ = false;
};

template <class T>
void append_numbers(const json& list, std::vector<T>& numbers) {
    for (const json& element : list) {
        if (element.is_array()) {
            append_numbers(element, numbers);
        } else {
            numbers.push_back(element.get<T>());
        }
    }
}

/// What the reference says about the array, checked against what was found.
void check_expectations(const json& object, const Array& array, const std::string& where,
                        std::vector<Diagnostic>& findings) {
    if (const auto dtype = object.find("dtype"); dtype != object.end()) {
        const std::string found(name_of(array.dtype()));
        if (*dtype != json(found)) {
            findings.push_back({where,
                                "the file holds " + found + ", but \"dtype\" is " + describe(*dtype),
                                {},
                                "correct one of them"});
        }
    }
    if (const auto shape = object.find("shape"); shape != object.end()) {
        const json found(array.shape());
        const bool matches = *shape == found || (array.shape().size() == 1 && *shape == found[0]);
        if (!matches) {
            constexpr std::size_t longest = 200;
            const std::string wanted = printable(shape->dump(-1, ' ', false, json::error_handler_t::replace), longest);
            findings.push_back({where,
                                "the file holds shape " + to_string(array.shape()) + ", but \"shape\" is " + wanted,
                                {},
                                "correct one of them"});
        }
    }
}

bool lies_within(const std::filesystem::path& file, const std::filesystem::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

}  // namespace

std::string describe(const json& value) {
    switch (value.type()) {
        case json::value_t::null:
            return "null";
        case json::value_t::object:
            return "an object";
        case json::value_t::array:
            return "a list of " + std::to_string(value.size());
        case json::value_t::string:
            return in_quotes(value.get_ref<const std::string&>());
        case json::value_t::boolean:
            return value.get<bool>() ? "true" : "false";
        default:
            return value.dump();
    }
}

std::optional<std::int64_t> whole_number(const json& value) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
        return std::nullopt;
    }
    if (value.is_number_integer()) {
        return value.get<std::int64_t>();
    }
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (std::trunc(number) == number && std::abs(number) < 0x1p63) {
            return static_cast<std::int64_t>(number);
        }
    }
    return std::nullopt;
}

void check_keys(const json& object, const std::vector<std::string>& known, const std::string& where,
                std::vector<Diagnostic>& findings) {
    for (const auto& item : object.items()) {
        if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
            findings.push_back(
                {where, "unknown key " + in_quotes(item.key()), {}, suggestion(item.key(), known, "the keys are")});
        }
    }
}

ArrayReader::ArrayReader(std::string name, std::filesystem::path folder, ReadOptions options)
    : name_(std::move(name)), folder_(std::move(folder)), options_(options) {}

std::optional<Array> ArrayReader::read_list(const json& list, const std::string& pointer,
                                            std::vector<Diagnostic>& findings) const {
    ListShape walker(name_, findings);
    if (!walker.visit(list, pointer, 0)) {
        return std::nullopt;
    }
    const std::size_t count = num_elements(walker.shape);
    if (count > options_.max_array_bytes / sizeof(double)) {
        findings.push_back({name_ + ": " + pointer,
                            "the list has " + std::to_string(count) + " numbers, more than the limit of " +
                                std::to_string(options_.max_array_bytes) + " bytes",
                            {},
                            "use a smaller array, or raise ReadOptions::max_array_bytes"});
        return std::nullopt;
    }
    if (walker.all_whole) {
        std::vector<std::int64_t> numbers;
        numbers.reserve(count);
        append_numbers(list, numbers);
        return Array::from(numbers, walker.shape);
    }
    std::vector<double> numbers;
    numbers.reserve(count);
    append_numbers(list, numbers);
    return Array::from(numbers, walker.shape);
}

std::optional<Array> ArrayReader::read_reference(const json& object, const std::string& pointer,
                                                 std::vector<Diagnostic>& findings) {
    const std::string where = name_ + ": " + pointer;
    check_keys(object, {"file", "member", "shape", "dtype"}, where, findings);
    const auto file = object.find("file");
    const auto member = object.find("member");
    if (file == object.end() || !file->is_string()) {
        findings.push_back({where,
                            file == object.end() ? "the array has no \"file\""
                                                 : "\"file\" is " + describe(*file) + ", expected a path",
                            {},
                            R"(write {"file": "weights.npy"})"});
        return std::nullopt;
    }
    if (member != object.end() && !member->is_string()) {
        findings.push_back({where,
                            "\"member\" is " + describe(*member) + ", expected a name",
                            {},
                            R"(write {"file": "weights.npz", "member": "w"})"});
        return std::nullopt;
    }
    try {
        Array array = load(file->get<std::string>(),
                           member == object.end() ? std::nullopt : std::optional(member->get<std::string>()), where);
        check_expectations(object, array, where, findings);
        return array;
    } catch (const DescriptionError& error) {
        for (Diagnostic finding : error.diagnostics()) {
            if (finding.where != where) {
                finding.problem = finding.where + ": " + finding.problem;
                finding.where = where;
            }
            findings.push_back(std::move(finding));
        }
        return std::nullopt;
    }
}

Array ArrayReader::load(const std::string& file, const std::optional<std::string>& member, const std::string& where) {
    const std::filesystem::path path = resolve(file, where);
    const auto [place, is_new] = loaded_.try_emplace({path.string(), member ? "member " + *member : std::string()});
    if (is_new) {
        try {
            place->second = member ? read_npz_file(path, *member, shown_path(file), options_)
                                   : read_array_file(path, shown_path(file), options_);
        } catch (const DescriptionError&) {
            loaded_.erase(place);
            throw;
        }
    }
    return place->second;
}

std::filesystem::path ArrayReader::resolve(const std::string& file, const std::string& where) const {
    const bool has_control = std::any_of(file.begin(), file.end(), [](unsigned char c) { return c < 0x20; });
    if (file.empty() || has_control) {
        fail(where, "found " + in_quotes(file) + ", expected a path", "name a file");
    }
    const std::filesystem::path path(file);
    const std::filesystem::path joined = folder_ / path;
    if (options_.allow_outside_paths) {
        return joined;
    }
    const std::string remedy = "put the file beside the description, or allow outside paths";
    if (path.is_absolute()) {
        fail(where, in_quotes(file) + " is an absolute path, expected one relative to the description's folder",
             remedy);
    }
    std::error_code error;
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(joined, error);
    const std::filesystem::path folder =
        error ? std::filesystem::path() : std::filesystem::canonical(folder_.empty() ? "." : folder_, error);
    if (error) {
        fail(where, in_quotes(file) + " cannot be found: " + error.message(), "check the path");
    }
    // Symbolic links are resolved here, and the resolved name is what gets opened.
    if (!lies_within(resolved, folder)) {
        fail(where, in_quotes(file) + " leads out of the description's folder", remedy);
    }
    return resolved;
}

}  // namespace mlgenn::description
