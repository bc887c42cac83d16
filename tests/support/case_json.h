// SPDX-License-Identifier: Apache-2.0
// Values in the network.json of an oracle case: numbers, words, or arrays in files of their own.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "mlgenn/network.h"

namespace mlgenn::test_support {

/// The case uses something that this reader, or the program under test, does not know.
class UnsupportedCase : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// "LeakyIntegrateFire" -> "leaky_integrate_fire", "AvgPoolConv2D" -> "avg_pool_conv2d".
[[nodiscard]] std::string catalogue_name(const std::string& class_name);

/// Whether `node` stands for an array in a file.
[[nodiscard]] bool is_array_file(const nlohmann::json& node);

/// Reads the array that `node` stands for; throws std::runtime_error when the file has another type or shape than
/// `node` says.
[[nodiscard]] Array read_array(const nlohmann::json& node, const std::filesystem::path& folder);

/// null, booleans, numbers, words, lists of numbers and array files.
[[nodiscard]] Value read_value(const nlohmann::json& node, const std::filesystem::path& folder);

}  // namespace mlgenn::test_support
