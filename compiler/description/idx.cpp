// SPDX-License-Identifier: Apache-2.0
// MNIST's idx format, plain or gzipped: a magic number, big-endian dimensions, big-endian values.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "compiler/description/array_files.h"
#include "compiler/description/messages.h"
#include "compiler/description/npy.h"

namespace mlgenn::description {

namespace {

std::optional<DType> idx_type(unsigned code) {
    switch (code) {
        case 0x08:
            return DType::u8;
        case 0x09:
            return DType::i8;
        case 0x0b:
            return DType::i16;
        case 0x0c:
            return DType::i32;
        case 0x0d:
            return DType::f32;
        case 0x0e:
            return DType::f64;
        default:
            return std::nullopt;
    }
}

void read_exactly(ByteSource& source, std::span<std::byte> out, const std::string& where) {
    if (const std::size_t found = source.read(out); found != out.size()) {
        fail(where,
             "is truncated: " + std::to_string(found) + " bytes where " + std::to_string(out.size()) + " are expected",
             "fetch the file again");
    }
}

NpyHeader read_idx_header(ByteSource& source, const std::string& where) {
    std::array<std::byte, 4> magic{};
    read_exactly(source, magic, where);
    const auto code = std::to_integer<unsigned>(magic[2]);
    const std::optional<DType> dtype = idx_type(code);
    if (magic[0] != std::byte{0} || magic[1] != std::byte{0} || !dtype) {
        fail(where,
             "is not an idx file: it starts with bytes " + std::to_string(std::to_integer<int>(magic[0])) + ", " +
                 std::to_string(std::to_integer<int>(magic[1])) + ", " + std::to_string(code) +
                 ", expected 0, 0 and a type (8, 9, 11, 12, 13 or 14)",
             "use an npy, npz or idx file");
    }
    NpyHeader header{*dtype, Shape(std::to_integer<std::size_t>(magic[3]))};
    for (std::size_t& dimension : header.shape) {
        std::array<std::byte, 4> bytes{};
        read_exactly(source, bytes, where);
        for (const std::byte b : bytes) {
            dimension = dimension << 8U | std::to_integer<std::size_t>(b);
        }
    }
    return header;
}

void swap_bytes(std::span<std::byte> bytes, std::size_t element_bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += element_bytes) {
        const auto element = bytes.subspan(at, element_bytes);
        std::reverse(element.begin(), element.end());
    }
}

bool is_gzip(FileSource& file) {
    std::array<std::byte, 2> magic{};
    const bool gzip = file.read(magic) == 2 && magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b};
    file.select(0, file.size());
    return gzip;
}

}  // namespace

Array read_idx_file(const std::filesystem::path& file, const std::string& where, const ReadOptions& options) {
    FileSource source(file, where);
    std::unique_ptr<InflateSource> inflated;
    if (is_gzip(source)) {
        inflated = std::make_unique<InflateSource>(source, InflateSource::Format::gzip, where);
    }
    ByteSource& bytes = inflated ? static_cast<ByteSource&>(*inflated) : source;
    NpyHeader header = read_idx_header(bytes, where);
    const std::uint64_t needed = checked_bytes(header.dtype, header.shape, where, options);
    if (needed / (inflated ? max_inflation : 1) > source.size()) {
        fail(where,
             "shape " + to_string(header.shape) + " of " + std::string(name_of(header.dtype)) + " needs " +
                 std::to_string(needed) + " bytes of data, more than the file's " + std::to_string(source.size()) +
                 " bytes can hold",
             "the file is truncated: fetch it again");
    }
    Array array(header.dtype, std::move(header.shape));
    read_exactly(bytes, array.mutable_bytes(), where);
    std::array<std::byte, 1> extra{};
    if (bytes.read(extra) != 0 || (inflated && !inflated->at_end())) {
        fail(where, "has bytes after the " + std::to_string(needed) + " bytes of its data", "fetch the file again");
    }
    swap_bytes(array.mutable_bytes(), size_of(array.dtype()));
    return array;
}

}  // namespace mlgenn::description
