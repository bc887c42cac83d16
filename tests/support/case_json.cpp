// SPDX-License-Identifier: Apache-2.0
// Reads values in the network.json of an oracle case.
#include "tests/support/case_json.h"

#include <cctype>

#include "mlgenn/network_io.h"

namespace mlgenn::test_support {
namespace {

bool is_upper(char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool is_lower(char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

std::string catalogue_name(const std::string& class_name) {
    std::string name;
    for (std::size_t i = 0; i < class_name.size(); ++i) {
        const bool after_lower = i > 0 && is_lower(class_name[i - 1]);
        const bool before_lower = i > 0 && i + 1 < class_name.size() && is_lower(class_name[i + 1]);
        if (is_upper(class_name[i]) && (after_lower || (before_lower && is_upper(class_name[i - 1])))) {
            name += '_';
        }
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
    }
    return name;
}

bool is_array_file(const nlohmann::json& node) {
    return node.is_object() && node.contains("file");
}

Array read_array(const nlohmann::json& node, const std::filesystem::path& folder) {
    const std::string file = node.at("file").get<std::string>();
    const Array array = load_npy(folder / file);
    const Shape shape = node.at("shape").get<Shape>();
    if (array.shape() != shape) {
        throw std::runtime_error(file + " has shape " + to_string(array.shape()) + ", but network.json says " +
                                 to_string(shape));
    }
    if (node.contains("dtype") && node.at("dtype").get<std::string>() != name_of(array.dtype())) {
        throw std::runtime_error(file + " holds " + std::string(name_of(array.dtype())) + ", but network.json says " +
                                 node.at("dtype").get<std::string>());
    }
    return array;
}

Value read_value(const nlohmann::json& node, const std::filesystem::path& folder) {
    if (node.is_null()) {
        return {};
    }
    if (node.is_boolean()) {
        return node.get<bool>();
    }
    if (node.is_number()) {
        return node.get<double>();
    }
    if (node.is_string()) {
        return node.get<std::string>();
    }
    if (node.is_array()) {
        return Array::from(node.get<std::vector<double>>());
    }
    if (is_array_file(node)) {
        return read_array(node, folder);
    }
    throw UnsupportedCase("value " + node.dump());
}

}  // namespace mlgenn::test_support
