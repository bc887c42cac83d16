// SPDX-License-Identifier: Apache-2.0
// Bytes of npy, zip, gzip and idx files, also of broken ones, for tests of the readers.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlgenn::test {

/// The number's bytes, lowest first.
[[nodiscard]] inline std::string little(std::uint64_t value, std::size_t bytes) {
    std::string result;
    for (std::size_t i = 0; i < bytes; ++i) {
        result += static_cast<char>(value >> (8 * i) & 0xff);
    }
    return result;
}

[[nodiscard]] inline std::string big(std::uint64_t value, std::size_t bytes) {
    const std::string reversed = little(value, bytes);
    return {reversed.rbegin(), reversed.rend()};
}

template <class T>
[[nodiscard]] std::string bytes_of(const std::vector<T>& values) {
    std::string result(values.size() * sizeof(T), '\0');
    std::memcpy(result.data(), values.data(), result.size());
    return result;
}

/// An npy file with any dictionary.
[[nodiscard]] inline std::string npy_file(const std::string& dictionary, const std::string& data, int version = 1) {
    const std::string text = dictionary + "\n";
    return std::string("\x93NUMPY", 6) + static_cast<char>(version) + '\0' + little(text.size(), version == 1 ? 2 : 4) +
           text + data;
}

/// `shape` as Python writes it: "(2, 3)".
[[nodiscard]] inline std::string npy_header(const std::string& descr, const std::string& shape,
                                            const std::string& fortran_order = "False") {
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran_order + ", 'shape': " + shape + ", }";
}

/// Six float32 values 0 to 5 in shape (2, 3).
[[nodiscard]] inline std::string good_npy() {
    return npy_file(npy_header("<f4", "(2, 3)"), bytes_of<float>({0, 1, 2, 3, 4, 5}));
}

[[nodiscard]] inline std::string deflated(const std::string& data, int window_bits) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string result(deflateBound(&stream, static_cast<uLong>(data.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

[[nodiscard]] inline std::string gzip(const std::string& data) {
    return deflated(data, MAX_WBITS + 16);
}

/// One member of an archive; what is set overrides the truth in the directory.
struct ZipEntry {
    std::string name;
    std::string data;
    bool deflate = false;
    bool zip64 = false;
    std::optional<std::uint16_t> method{};
    std::optional<std::uint16_t> flags{};
    std::optional<std::uint32_t> crc{};
    std::optional<std::uint64_t> bytes{};
    std::optional<std::uint64_t> compressed_bytes{};
    std::optional<std::uint64_t> local_header{};
};

[[nodiscard]] inline std::string zip_file(const std::vector<ZipEntry>& entries, const std::string& comment = {}) {
    std::string file;
    std::string directory;
    for (const ZipEntry& entry : entries) {
        const std::string stored = entry.deflate ? deflated(entry.data, -MAX_WBITS) : entry.data;
        const std::uint16_t method = entry.method.value_or(entry.deflate ? 8 : 0);
        const auto crc = entry.crc.value_or(static_cast<std::uint32_t>(
            crc32_z(0, reinterpret_cast<const Bytef*>(entry.data.data()), entry.data.size())));
        const std::uint64_t bytes = entry.bytes.value_or(entry.data.size());
        const std::uint64_t compressed = entry.compressed_bytes.value_or(stored.size());
        const std::uint64_t offset = entry.local_header.value_or(file.size());
        const std::string extra =
            entry.zip64 ? little(1, 2) + little(24, 2) + little(bytes, 8) + little(compressed, 8) + little(offset, 8)
                        : std::string();
        const auto field = [&](std::uint64_t value) { return little(entry.zip64 ? 0xffffffff : value, 4); };
        const std::string common = little(entry.flags.value_or(0), 2) + little(method, 2) + little(0, 4) +
                                   little(crc, 4) + field(compressed) + field(bytes) + little(entry.name.size(), 2);
        file += "PK\x03\x04" + little(20, 2) + common + little(0, 2) + entry.name + stored;
        directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + common + little(extra.size(), 2) + little(0, 2) +
                     little(0, 2) + little(0, 2) + little(0, 4) + field(offset) + entry.name + extra;
    }
    const std::string end = "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
                            little(directory.size(), 4) + little(file.size(), 4) + little(comment.size(), 2) + comment;
    return file + directory + end;
}

[[nodiscard]] inline std::string idx_file(int type, const std::vector<std::uint32_t>& shape, const std::string& data) {
    std::string result{'\0', '\0', static_cast<char>(type), static_cast<char>(shape.size())};
    for (const std::uint32_t dimension : shape) {
        result += big(dimension, 4);
    }
    return result + data;
}

}  // namespace mlgenn::test
