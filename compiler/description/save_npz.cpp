// SPDX-License-Identifier: Apache-2.0
// Writing npz archives.
#include <zlib.h>

#include <limits>
#include <string>

#include "compiler/description/atomic_file.h"
#include "compiler/description/messages.h"
#include "compiler/description/npy_writer.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn {

namespace {

void append_u16(std::string& out, std::uint32_t value) {
    out += static_cast<char>(value & 0xff);
    out += static_cast<char>((value >> 8U) & 0xff);
}

void append_u32(std::string& out, std::uint32_t value) {
    append_u16(out, value & 0xffff);
    append_u16(out, value >> 16U);
}

/// The part that a member's local and central header share.
std::string member_header(std::uint32_t crc, std::uint32_t num_bytes, std::size_t name_bytes) {
    constexpr std::uint32_t version_needed = 20;
    constexpr std::uint32_t names_are_utf8 = 1U << 11U;
    constexpr std::uint32_t stored = 0;
    // The earliest moment that zip knows, so that equal arrays make equal files.
    constexpr std::uint32_t time = 0;
    constexpr std::uint32_t date = 0x21;
    std::string header;
    for (const std::uint32_t field : {version_needed, names_are_utf8, stored, time, date}) {
        append_u16(header, field);
    }
    append_u32(header, crc);
    append_u32(header, num_bytes);
    append_u32(header, num_bytes);
    append_u16(header, static_cast<std::uint32_t>(name_bytes));
    append_u16(header, 0);  // no extra field
    return header;
}

/// Builds an archive whose members are stored as they are.
class ZipWriter {
public:
    explicit ZipWriter(std::string where) : where_(std::move(where)) {}

    void add(const std::string& name, const std::string& head, std::span<const std::byte> data) {
        check_space(name, head.size() + data.size());
        const auto* head_bytes = reinterpret_cast<const unsigned char*>(head.data());
        const auto* data_bytes = reinterpret_cast<const unsigned char*>(data.data());
        const uLong crc = crc32_z(crc32_z(0, head_bytes, head.size()), data_bytes, data.size());
        const std::string header = member_header(static_cast<std::uint32_t>(crc),
                                                 static_cast<std::uint32_t>(head.size() + data.size()), name.size());
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        bytes_ += "PK\x03\x04" + header + name + head;
        bytes_.append(reinterpret_cast<const char*>(data.data()), data.size());
        add_to_directory(name, header, offset);
    }

    [[nodiscard]] std::string finish() && {
        const auto directory_offset = static_cast<std::uint32_t>(bytes_.size());
        bytes_ += directory_ + "PK\x05\x06";
        append_u32(bytes_, 0);  // one disk
        append_u16(bytes_, num_members_);
        append_u16(bytes_, num_members_);
        append_u32(bytes_, static_cast<std::uint32_t>(directory_.size()));
        append_u32(bytes_, directory_offset);
        append_u16(bytes_, 0);  // no comment
        return std::move(bytes_);
    }

private:
    void check_space(const std::string& name, std::size_t num_bytes) const {
        constexpr std::size_t limit = std::numeric_limits<std::uint32_t>::max();
        constexpr std::size_t headers = 1U << 20U;
        if (num_bytes > limit || bytes_.size() + directory_.size() + num_bytes + headers > limit ||
            num_members_ == std::numeric_limits<std::uint16_t>::max()) {
            description::fail(where_,
                              "'" + name + "' with its " + std::to_string(num_bytes) +
                                  " bytes would make the archive larger than 4 GB",
                              "write the arrays as npy files");
        }
    }

    void add_to_directory(const std::string& name, const std::string& header, std::uint32_t offset) {
        constexpr std::uint32_t made_by = 20;
        directory_ += "PK\x01\x02";
        append_u16(directory_, made_by);
        directory_ += header;
        append_u16(directory_, 0);  // no comment
        append_u16(directory_, 0);  // first disk
        append_u16(directory_, 0);  // internal attributes
        append_u32(directory_, 0);  // external attributes
        append_u32(directory_, offset);
        directory_ += name;
        ++num_members_;
    }

    std::string where_;
    std::string bytes_{};
    std::string directory_{};
    std::uint16_t num_members_ = 0;
};

}  // namespace

void save_npz(const std::filesystem::path& file, std::span<const std::pair<std::string, Array>> members) {
    const std::string where = description::shown_path(file);
    ZipWriter zip(where);
    for (const auto& [name, array] : members) {
        zip.add(name + ".npy", description::npy_header(array, where), array.bytes());
    }
    const std::string bytes = std::move(zip).finish();
    description::write_atomically(file, {std::as_bytes(std::span(bytes))});
}

}  // namespace mlgenn
