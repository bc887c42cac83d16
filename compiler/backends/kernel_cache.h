// SPDX-License-Identifier: Apache-2.0
// Compiled kernels on disk. The cache may fail, the program may not: every I/O problem only costs time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlgenn::backends {

/// Strong hash (SHA-256, hexadecimal) of everything that decides a binary.
[[nodiscard]] std::string cache_key(std::string_view content);

class KernelCache {
public:
    /// `directory` as in CompilerOptions::cache_dir: empty for the default place, "off" for no cache.
    explicit KernelCache(const std::string& directory);

    /// The entry's bytes, if there is an intact one. A damaged entry is deleted.
    [[nodiscard]] std::optional<std::vector<std::byte>> find(const std::string& key) const;
    /// Stores an entry: written to a temporary name, then renamed.
    void store(const std::string& key, std::span<const std::byte> bytes) const;

    [[nodiscard]] bool enabled() const { return !directory_.empty(); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    [[nodiscard]] std::filesystem::path entry(const std::string& key) const;
    std::filesystem::path directory_;
};

}  // namespace mlgenn::backends
