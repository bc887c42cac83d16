// SPDX-License-Identifier: Apache-2.0
// Networks and arrays from files.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/network.h"

namespace mlgenn {

struct ReadOptions {
    /// Allow array files outside the folder of the description (absolute paths and "..").
    bool allow_outside_paths = false;
    /// Largest array that is read, in bytes.
    std::size_t max_array_bytes = std::size_t{4} << 30;
};

/// A description file's content: the network and the run settings it may carry ("dt", "example_timesteps").
struct NetworkFile {
    Network network;
    std::optional<double> dt;
    std::optional<std::uint32_t> example_timesteps;
};

/// Reads a description (docs/network_format.md, schemas/network.schema.json) with all its arrays and validates it.
/// Throws DescriptionError with all findings.
[[nodiscard]] NetworkFile load_network(const std::filesystem::path& file, const ReadOptions& options = {});
/// The same from text; array paths are relative to `folder`. `name` stands in messages.
[[nodiscard]] NetworkFile parse_network(std::string_view text, const std::string& name,
                                        const std::filesystem::path& folder, const ReadOptions& options = {});

/// Writes a description that load_network() reads back as the same network, and beside it an archive with its arrays
/// ("net.json", "net.npz"). Equal networks make equal files. The archive appears before the description, each of them
/// whole or not at all. Throws DescriptionError for a network that is not valid, or when a file cannot be written.
void save_network(const std::filesystem::path& file, const NetworkFile& content);

/// One array from a .npy file, or "archive.npz:member", or an idx file (optionally .gz). Throws DescriptionError.
[[nodiscard]] Array load_array(const std::filesystem::path& file, const ReadOptions& options = {});
[[nodiscard]] Array load_npy(const std::filesystem::path& file, const ReadOptions& options = {});
[[nodiscard]] Array load_npz(const std::filesystem::path& file, const std::string& member,
                             const ReadOptions& options = {});
[[nodiscard]] Array load_idx(const std::filesystem::path& file, const ReadOptions& options = {});
/// Written to a temporary name beside `file`, then renamed. Throws DescriptionError when it cannot be written.
void save_npy(const std::filesystem::path& file, const Array& array);
/// Named arrays as one archive, stored uncompressed; otherwise as save_npy. At most 4 GB in all.
void save_npz(const std::filesystem::path& file, std::span<const std::pair<std::string, Array>> members);

}  // namespace mlgenn
