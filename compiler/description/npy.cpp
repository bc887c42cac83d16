// SPDX-License-Identifier: Apache-2.0
// Reading npy data: every size is checked against the file before memory is allocated for it.
#include "compiler/description/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "compiler/description/array_files.h"
#include "compiler/description/messages.h"

namespace mlgenn::description {

namespace {

static_assert(std::endian::native == std::endian::little, "npy data is taken over as it stands in the file");

constexpr std::array<unsigned char, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
/// Far more than any header of plain numbers needs.
constexpr std::uint32_t max_header_bytes = std::uint32_t{1} << 20;

void read_exactly(ByteSource& source, std::span<std::byte> out, const std::string& where) {
    if (const std::size_t found = source.read(out); found != out.size()) {
        fail(where,
             "is truncated: " + std::to_string(found) + " bytes where " + std::to_string(out.size()) + " are expected",
             "write the file again with numpy.save");
    }
}

struct Preamble {
    std::uint32_t header_bytes = 0;
    std::uint32_t preamble_bytes = 0;
};

Preamble read_preamble(ByteSource& source, std::uint64_t total_bytes, const std::string& where) {
    std::array<std::byte, 12> bytes{};
    if (total_bytes < 10) {
        fail(where, "has " + std::to_string(total_bytes) + " bytes, too few for an npy file",
             "write the file again with numpy.save");
    }
    read_exactly(source, std::span(bytes).first(8), where);
    if (std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
        fail(where, "is not an npy file: it does not start with \\x93NUMPY", "write the file with numpy.save");
    }
    const auto major = std::to_integer<unsigned>(bytes[6]);
    const auto minor = std::to_integer<unsigned>(bytes[7]);
    if (major < 1 || major > 3 || minor != 0) {
        fail(where,
             "has npy version " + std::to_string(major) + "." + std::to_string(minor) + ", expected 1.0, 2.0 or 3.0",
             "write the file again with numpy.save");
    }
    const std::uint32_t length_bytes = major == 1 ? 2 : 4;
    Preamble preamble{0, 8 + length_bytes};
    read_exactly(source, std::span(bytes).subspan(8, length_bytes), where);
    for (std::uint32_t i = 0; i < length_bytes; ++i) {
        preamble.header_bytes |= std::to_integer<std::uint32_t>(bytes[8 + i]) << (8 * i);
    }
    return preamble;
}

void check_booleans(const Array& array, const std::string& where) {
    const auto bytes = array.bytes();
    const auto odd = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return std::to_integer<int>(b) > 1; });
    if (array.dtype() == DType::boolean && odd != bytes.end()) {
        fail(where,
             "element " + std::to_string(odd - bytes.begin()) + " of a bool array is " +
                 std::to_string(std::to_integer<int>(*odd)) + ", expected 0 or 1",
             "write the file again with numpy.save");
    }
}

}  // namespace

std::uint64_t checked_bytes(DType dtype, const Shape& shape, const std::string& where, const ReadOptions& options) {
    std::uint64_t needed = size_of(dtype);
    const bool has_zero = std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end();
    for (const std::size_t dimension : shape) {
        if (!has_zero && dimension > options.max_array_bytes / needed) {
            fail(where,
                 "an array of shape " + to_string(shape) + " of " + std::string(name_of(dtype)) +
                     " needs more than the limit of " + std::to_string(options.max_array_bytes) + " bytes",
                 "use a smaller array, or raise ReadOptions::max_array_bytes");
        }
        needed *= has_zero ? 0 : dimension;
    }
    return needed;
}

Array read_npy(ByteSource& source, std::uint64_t total_bytes, const std::string& where, const ReadOptions& options) {
    const Preamble preamble = read_preamble(source, total_bytes, where);
    const std::uint64_t begin = std::uint64_t{preamble.preamble_bytes} + preamble.header_bytes;
    if (begin > total_bytes || preamble.header_bytes > max_header_bytes) {
        fail(where,
             "the npy header claims " + std::to_string(preamble.header_bytes) + " bytes in a file of " +
                 std::to_string(total_bytes),
             "write the file again with numpy.save");
    }
    std::string text(preamble.header_bytes, '\0');
    read_exactly(source, std::as_writable_bytes(std::span(text)), where);
    NpyHeader header = parse_npy_dictionary(text, where);

    const std::uint64_t found = total_bytes - begin;
    const std::uint64_t needed = checked_bytes(header.dtype, header.shape, where, options);
    if (found != needed) {
        fail(where,
             "shape " + to_string(header.shape) + " of " + std::string(name_of(header.dtype)) + " needs " +
                 std::to_string(needed) + " bytes of data, found " + std::to_string(found),
             found < needed ? "the file is truncated: write it again"
                            : "the file has bytes after its data: write it again");
    }
    Array array(header.dtype, std::move(header.shape));
    read_exactly(source, array.mutable_bytes(), where);
    check_booleans(array, where);
    return array;
}

Array read_npy_file(const std::filesystem::path& file, const std::string& where, const ReadOptions& options) {
    FileSource source(file, where);
    return read_npy(source, source.size(), where, options);
}

}  // namespace mlgenn::description
