// SPDX-License-Identifier: Apache-2.0
// Bytes from a file or from a compressed stream.
#include "compiler/description/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "compiler/description/messages.h"
#include "mlgenn/errors.h"

namespace mlgenn::description {

FileSource::FileSource(const std::filesystem::path& file, std::string where) : where_(std::move(where)) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(file, error);
    if (error || !std::filesystem::exists(status)) {
        const std::error_code reason = error ? error : std::make_error_code(std::errc::no_such_file_or_directory);
        fail(where_, "cannot be read: " + reason.message(), "check the path");
    }
    // Opening a pipe or a device could wait or read for ever.
    if (!std::filesystem::is_regular_file(status)) {
        fail(where_, std::filesystem::is_directory(status) ? "is a folder, expected a file" : "is not a regular file",
             "name a file");
    }
    errno = 0;
    stream_.open(file, std::ios::binary);
    stream_.seekg(0, std::ios::end);
    const std::streamoff end = stream_ ? static_cast<std::streamoff>(stream_.tellg()) : -1;
    if (end < 0) {
        fail(where_, "cannot be read: " + std::generic_category().message(errno), "check the file's permissions");
    }
    size_ = static_cast<std::uint64_t>(end);
    select(0, size_);
}

void FileSource::select(std::uint64_t begin, std::uint64_t end) {
    if (begin > end || end > size_) {
        throw InternalError("a range outside the file " + where_);
    }
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(begin));
    remaining_ = end - begin;
}

std::size_t FileSource::read(std::span<std::byte> out) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), remaining_));
    stream_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(wanted));
    if (static_cast<std::size_t>(stream_.gcount()) != wanted) {
        fail(where_, "cannot be read to its end", "check that nothing writes to the file");
    }
    remaining_ -= wanted;
    return wanted;
}

InflateSource::InflateSource(ByteSource& compressed, Format format, std::string where)
    : compressed_(compressed), where_(std::move(where)) {
    constexpr int gzip_flag = 16;
    const int window_bits = format == Format::raw ? -MAX_WBITS : MAX_WBITS + gzip_flag;
    if (inflateInit2(&stream_, window_bits) != Z_OK) {
        throw InternalError("zlib cannot be initialised");
    }
}

InflateSource::~InflateSource() {
    inflateEnd(&stream_);
}

std::size_t InflateSource::read(std::span<std::byte> out) {
    std::size_t filled = 0;
    while (filled < out.size() && !ended_) {
        if (stream_.avail_in == 0) {
            const std::size_t available = compressed_.read(buffer_);
            if (available == 0) {
                fail(where_, "the compressed data is truncated", "write the file again");
            }
            stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
            stream_.avail_in = static_cast<uInt>(available);
        }
        const std::size_t room = std::min<std::size_t>(out.size() - filled, std::numeric_limits<uInt>::max());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
        stream_.avail_out = static_cast<uInt>(room);
        const int result = inflate(&stream_, Z_NO_FLUSH);
        filled += room - stream_.avail_out;
        if (result == Z_STREAM_END) {
            ended_ = true;
        } else if (result != Z_OK) {
            fail(where_, "the compressed data is damaged (" + std::string(stream_.msg ? stream_.msg : "zlib") + ")",
                 "write the file again");
        }
    }
    return filled;
}

bool InflateSource::at_end() {
    std::array<std::byte, 1> extra{};
    if (read(extra) != 0) {
        return false;
    }
    return stream_.avail_in == 0 && compressed_.read(extra) == 0;
}

}  // namespace mlgenn::description
