// SPDX-License-Identifier: Apache-2.0
// Bytes from a file or from a compressed stream, read in order and never more than asked for.
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace mlgenn::description {

class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Fills `out` from the front; returns the number of bytes, less than its size only at the end.
    /// Throws DescriptionError when the file cannot be read or the stream is damaged.
    [[nodiscard]] virtual std::size_t read(std::span<std::byte> out) = 0;
};

/// A regular file, or a range of it.
class FileSource final : public ByteSource {
public:
    /// `where` names the file in messages. Throws DescriptionError when it cannot be opened.
    FileSource(const std::filesystem::path& file, std::string where);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] const std::string& where() const { return where_; }
    /// From now on the source is the bytes [begin, end) of the file; both lie within its size.
    void select(std::uint64_t begin, std::uint64_t end);
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

private:
    std::ifstream stream_;
    std::string where_;
    std::uint64_t size_ = 0;
    std::uint64_t remaining_ = 0;
};

/// Inflates another source.
class InflateSource final : public ByteSource {
public:
    enum class Format : std::uint8_t { raw, gzip };

    /// `compressed` outlives this.
    InflateSource(ByteSource& compressed, Format format, std::string where);
    ~InflateSource() override;

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;
    /// The stream has ended, its checksum is right and no compressed bytes are left over.
    [[nodiscard]] bool at_end();

private:
    ByteSource& compressed_;
    std::string where_;
    z_stream stream_{};
    std::array<std::byte, 65536> buffer_{};
    bool ended_ = false;
};

/// No deflate stream grows by more than this factor; a size beyond it is a lie.
inline constexpr std::uint64_t max_inflation = 1032;

}  // namespace mlgenn::description
