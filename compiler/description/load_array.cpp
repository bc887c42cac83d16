// SPDX-License-Identifier: Apache-2.0
// The public array readers: which reader a file needs is told by its first bytes.
#include <array>
#include <cstring>
#include <string_view>

#include "compiler/description/array_files.h"
#include "compiler/description/byte_source.h"
#include "compiler/description/messages.h"
#include "mlgenn/network_io.h"

namespace mlgenn {

namespace description {

namespace {

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

Array read_array_file(const std::filesystem::path& file, const std::string& where, const ReadOptions& options) {
    std::array<std::byte, 6> start{};
    const std::size_t count = FileSource(file, where).read(start);
    const std::span<const std::byte> magic = std::span(start).first(count);
    if (starts_with(magic, "\x93NUMPY")) {
        return read_npy_file(file, where, options);
    }
    if (starts_with(magic, "PK")) {
        fail(where, "is an archive of arrays, expected one array", "name a member of the archive");
    }
    if (starts_with(magic, "\x1f\x8b") || starts_with(magic, std::string_view("\0\0", 2))) {
        return read_idx_file(file, where, options);
    }
    fail(where, "is neither an npy, npz nor idx file", "write the file with numpy.save");
}

}  // namespace description

Array load_array(const std::filesystem::path& file, const ReadOptions& options) {
    constexpr std::string_view archive_suffix = ".npz:";
    const std::string name = file.string();
    if (const std::size_t at = name.rfind(archive_suffix); at != std::string::npos) {
        const std::size_t member = at + archive_suffix.size();
        return load_npz(name.substr(0, member - 1), name.substr(member), options);
    }
    return description::read_array_file(file, description::shown_path(file), options);
}

Array load_npy(const std::filesystem::path& file, const ReadOptions& options) {
    return description::read_npy_file(file, description::shown_path(file), options);
}

Array load_npz(const std::filesystem::path& file, const std::string& member, const ReadOptions& options) {
    return description::read_npz_file(file, member, description::shown_path(file), options);
}

Array load_idx(const std::filesystem::path& file, const ReadOptions& options) {
    return description::read_idx_file(file, description::shown_path(file), options);
}

}  // namespace mlgenn
