// SPDX-License-Identifier: Apache-2.0
// The directory of a zip archive. Every offset and size is checked against the file before it is followed.
#include "compiler/description/zip.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "compiler/description/messages.h"

namespace mlgenn::description {

namespace {

constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50;
constexpr std::uint32_t member_signature = 0x02014b50;
constexpr std::uint32_t local_signature = 0x04034b50;

constexpr std::uint64_t end_bytes = 22;
constexpr std::uint64_t end64_bytes = 56;
constexpr std::uint64_t locator64_bytes = 20;
constexpr std::uint64_t member_bytes = 46;
constexpr std::uint64_t local_bytes = 30;
constexpr std::uint64_t max_comment_bytes = 65535;
/// Room for more than 100,000 arrays.
constexpr std::uint64_t max_directory_bytes = std::uint64_t{16} << 20;

constexpr std::uint16_t none16 = 0xffff;
constexpr std::uint32_t none32 = 0xffffffff;

[[noreturn]] void damaged(const FileSource& file, const std::string& what) {
    fail(file.where(), "is not an intact zip archive: " + what, "write the file again with numpy.savez");
}

/// Little-endian numbers at fixed places; the caller has checked that they lie inside.
class Record {
public:
    explicit Record(std::span<const std::byte> bytes) : bytes_(bytes) {}
    [[nodiscard]] std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
    [[nodiscard]] std::uint64_t u64(std::size_t at) const { return number(at, 8); }

private:
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t size) const {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value |= std::to_integer<std::uint64_t>(bytes_[at + i]) << (8 * i);
        }
        return value;
    }
    std::span<const std::byte> bytes_;
};

std::vector<std::byte> read_range(FileSource& file, std::uint64_t begin, std::uint64_t size, const char* what) {
    if (begin > file.size() || size > file.size() - begin) {
        damaged(file, std::string(what) + " lies outside the file's " + std::to_string(file.size()) + " bytes");
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    file.select(begin, begin + size);
    if (file.read(bytes) != bytes.size()) {
        damaged(file, std::string(what) + " cannot be read");
    }
    return bytes;
}

struct DirectoryRange {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
};

/// The end record stands before a comment of unknown length: the last one whose comment fills the file counts.
std::uint64_t find_end_record(FileSource& file) {
    if (file.size() < end_bytes) {
        damaged(file, "it has only " + std::to_string(file.size()) + " bytes");
    }
    const std::uint64_t tail = std::min(file.size(), end_bytes + max_comment_bytes);
    const std::uint64_t tail_begin = file.size() - tail;
    const std::vector<std::byte> bytes = read_range(file, tail_begin, tail, "the end record");
    const Record record(bytes);
    for (std::size_t at = bytes.size() - end_bytes + 1; at-- > 0;) {
        if (record.u32(at) == end_signature && at + end_bytes + record.u16(at + 20) == bytes.size()) {
            return tail_begin + at;
        }
    }
    damaged(file, "the directory at its end is missing (is the file truncated?)");
}

DirectoryRange find_directory(FileSource& file) {
    const std::uint64_t end_at = find_end_record(file);
    const std::vector<std::byte> end_data = read_range(file, end_at, end_bytes, "the end record");
    const Record end(end_data);
    const std::uint16_t disk = end.u16(4);
    if ((disk != 0 && disk != none16) || end.u16(6) != disk || end.u16(8) != end.u16(10)) {
        damaged(file, "it is one part of several");
    }
    DirectoryRange range{end.u32(16), end.u32(12), end.u16(10)};
    if (range.begin != none32 && range.bytes != none32 && range.members != none16) {
        return range;
    }
    if (end_at < locator64_bytes) {
        damaged(file, "the zip64 locator is missing");
    }
    const std::vector<std::byte> locator_data =
        read_range(file, end_at - locator64_bytes, locator64_bytes, "the zip64 locator");
    if (Record(locator_data).u32(0) != locator64_signature) {
        // A directory whose numbers happen to be the markers, without zip64.
        return range;
    }
    const std::vector<std::byte> end64_data =
        read_range(file, Record(locator_data).u64(8), end64_bytes, "the zip64 end record");
    const Record end64(end64_data);
    if (end64.u32(0) != end64_signature) {
        damaged(file, "the zip64 end record is missing");
    }
    return {end64.u64(48), end64.u64(40), end64.u64(32)};
}

/// Sizes and positions that do not fit in 32 bits stand in an extra field, in this order, only where marked.
void read_zip64_extra(const FileSource& file, std::span<const std::byte> extra, ZipMember& member) {
    constexpr std::uint16_t zip64_tag = 1;
    while (extra.size() >= 4) {
        const Record field(extra);
        const std::size_t size = field.u16(2);
        if (size > extra.size() - 4) {
            damaged(file, "an extra field of " + in_quotes(member.name) + " is too long");
        }
        if (field.u16(0) == zip64_tag) {
            const auto numbers = extra.subspan(4, size);
            std::size_t at = 0;
            for (std::uint64_t* value : {&member.bytes, &member.compressed_bytes, &member.local_header}) {
                if (*value == none32 && at + 8 <= numbers.size()) {
                    *value = Record(numbers).u64(at);
                    at += 8;
                }
            }
        }
        extra = extra.subspan(4 + size);
    }
}

}  // namespace

std::vector<ZipMember> read_zip_directory(FileSource& file) {
    const DirectoryRange range = find_directory(file);
    if (range.bytes > max_directory_bytes || range.members > range.bytes / member_bytes) {
        damaged(file, "its directory claims " + counted(range.members, "member") + " in " +
                          std::to_string(range.bytes) + " bytes");
    }
    const std::vector<std::byte> directory = read_range(file, range.begin, range.bytes, "the directory");
    std::vector<ZipMember> members;
    std::span<const std::byte> rest(directory);
    for (std::uint64_t i = 0; i < range.members; ++i) {
        if (rest.size() < member_bytes || Record(rest).u32(0) != member_signature) {
            damaged(file, "entry " + std::to_string(i) + " of its directory is missing");
        }
        const Record record(rest);
        const std::size_t name_bytes = record.u16(28);
        const std::size_t extra_bytes = record.u16(30);
        const std::size_t entry_bytes = member_bytes + name_bytes + extra_bytes + record.u16(32);
        if (entry_bytes > rest.size()) {
            damaged(file, "entry " + std::to_string(i) + " of its directory is too long");
        }
        ZipMember member{.name = std::string(reinterpret_cast<const char*>(rest.data()) + member_bytes, name_bytes),
                         .method = record.u16(10),
                         .encrypted = (record.u16(8) & 1U) != 0,
                         .crc = record.u32(16),
                         .compressed_bytes = record.u32(20),
                         .bytes = record.u32(24),
                         .local_header = record.u32(42)};
        read_zip64_extra(file, rest.subspan(member_bytes + name_bytes, extra_bytes), member);
        members.push_back(std::move(member));
        rest = rest.subspan(entry_bytes);
    }
    return members;
}

std::uint64_t zip_data_position(FileSource& file, const ZipMember& member) {
    const std::vector<std::byte> bytes = read_range(file, member.local_header, local_bytes, "a member's header");
    const Record header(bytes);
    if (header.u32(0) != local_signature) {
        damaged(file, "the header of " + in_quotes(member.name) + " is missing");
    }
    const std::uint64_t begin = member.local_header + local_bytes + header.u16(26) + header.u16(28);
    if (begin > file.size() || member.compressed_bytes > file.size() - begin) {
        damaged(file, "the data of " + in_quotes(member.name) + " lies outside the file's " +
                          std::to_string(file.size()) + " bytes");
    }
    return begin;
}

}  // namespace mlgenn::description
