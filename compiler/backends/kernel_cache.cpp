// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/kernel_cache.h"

#include <nettle/sha2.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

namespace mlgenn::backends {
namespace {

namespace fs = std::filesystem;

/// Stands before the bytes of an entry.
struct Header {
    std::array<char, 8> magic;
    std::uint64_t size;
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> checksum;
};
constexpr std::array<char, 8> magic = {'m', 'l', 'g', 'e', 'n', 'n', 'k', '1'};
constexpr std::uint64_t largest_entry = std::uint64_t{1} << 30;

std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest(const void* data, std::size_t size) {
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, size, static_cast<const std::uint8_t*>(data));
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> result{};
    sha256_digest(&context, result.size(), result.data());
    return result;
}

fs::path default_directory() {
    if (const char* chosen = std::getenv("MLGENN_CACHE_DIR"); chosen != nullptr && *chosen != '\0') {
        return std::string_view(chosen) == "off" ? fs::path() : fs::path(chosen);
    }
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
        return fs::path(cache) / "mlgenn";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        return fs::path(home) / ".cache" / "mlgenn";
    }
    return {};
}

}  // namespace

std::string cache_key(std::string_view content) {
    std::string text;
    for (const std::uint8_t byte : digest(content.data(), content.size())) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

KernelCache::KernelCache(const std::string& directory) {
    if (directory == "off") {
        return;
    }
    const fs::path chosen = directory.empty() ? default_directory() : fs::path(directory);
    if (chosen.empty()) {
        return;
    }
    std::error_code error;
    const bool created = fs::create_directories(chosen, error);
    if (error) {
        return;
    }
    if (created) {
        // Code that this process will run: nobody else may write it. A folder that exists keeps its owner's choice.
        fs::permissions(chosen, fs::perms::owner_all, error);
    }
    directory_ = chosen;
}

fs::path KernelCache::entry(const std::string& key) const {
    return directory_ / (key + ".kernel");
}

std::optional<std::vector<std::byte>> KernelCache::find(const std::string& key) const {
    if (!enabled()) {
        return std::nullopt;
    }
    std::ifstream file(entry(key), std::ios::binary);
    Header header{};
    if (!file.is_open()) {
        return std::nullopt;
    }
    std::vector<std::byte> bytes;
    bool intact = false;
    if (file.read(reinterpret_cast<char*>(&header), sizeof header) && header.magic == magic &&
        header.size <= largest_entry) {
        std::error_code error;
        const auto file_size = fs::file_size(entry(key), error);
        if (!error && file_size == sizeof header + header.size) {
            bytes.resize(header.size);
            intact = !!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())) &&
                     digest(bytes.data(), bytes.size()) == header.checksum;
        }
    } else if (file.bad()) {
        return std::nullopt;
    }
    if (!intact) {
        std::error_code error;
        fs::remove(entry(key), error);
        return std::nullopt;
    }
    return bytes;
}

void KernelCache::store(const std::string& key, std::span<const std::byte> bytes) const {
    if (!enabled()) {
        return;
    }
    static std::atomic<unsigned> number{0};
    const fs::path temporary =
        directory_ / (key + "." + std::to_string(::getpid()) + "." + std::to_string(number++) + ".tmp");
    const Header header{magic, bytes.size(), digest(bytes.data(), bytes.size())};
    std::error_code error;
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(&header), sizeof header);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) {
            fs::remove(temporary, error);
            return;
        }
    }
    fs::rename(temporary, entry(key), error);
    if (error) {
        fs::remove(temporary, error);
    }
}

}  // namespace mlgenn::backends
