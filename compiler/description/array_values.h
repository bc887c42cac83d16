// SPDX-License-Identifier: Apache-2.0
// Arrays in a description: lists of numbers, or references to files beside it.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::description {

/// "'abc'", "3.5", "a list of 4", "an object": what stands at a place.
[[nodiscard]] std::string describe(const nlohmann::json& value);

/// The value if it is a whole number that fits 64 bits (also written as 3.0).
[[nodiscard]] std::optional<std::int64_t> whole_number(const nlohmann::json& value);

/// Adds a finding about every key that is not in `known`. `where` is the object's place.
void check_keys(const nlohmann::json& object, const std::vector<std::string>& known, const std::string& where,
                std::vector<Diagnostic>& findings);

class ArrayReader {
public:
    /// Paths are relative to `folder`. `name` is the description's name in messages.
    ArrayReader(std::string name, std::filesystem::path folder, ReadOptions options);

    /// A list of numbers, nested to any depth: int64 when all are whole, else float64. `pointer` is its place.
    [[nodiscard]] std::optional<Array> read_list(const nlohmann::json& list, const std::string& pointer,
                                                 std::vector<Diagnostic>& findings) const;
    /// {"file": "w.npy"} with optional "member", "shape" and "dtype".
    [[nodiscard]] std::optional<Array> read_reference(const nlohmann::json& object, const std::string& pointer,
                                                      std::vector<Diagnostic>& findings);

private:
    [[nodiscard]] Array load(const std::string& file, const std::optional<std::string>& member,
                             const std::string& where);
    [[nodiscard]] std::filesystem::path resolve(const std::string& file, const std::string& where) const;

    std::string name_;
    std::filesystem::path folder_;
    ReadOptions options_;
    /// Files that several parameters name are read once and share their bytes.
    std::map<std::pair<std::string, std::string>, Array> loaded_;
};

}  // namespace mlgenn::description
