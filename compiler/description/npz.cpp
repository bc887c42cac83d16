// SPDX-License-Identifier: Apache-2.0
// Arrays from npz archives: stored or deflated npy files in a zip.
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "compiler/description/array_files.h"
#include "compiler/description/messages.h"
#include "compiler/description/npy.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/zip.h"

namespace mlgenn::description {

namespace {

constexpr std::uint16_t stored = 0;
constexpr std::uint16_t deflated = 8;

/// Passes bytes through and sums their CRC-32 up.
class CheckedSource final : public ByteSource {
public:
    explicit CheckedSource(ByteSource& source) : source_(source) {}
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t count = source_.read(out);
        crc_ = static_cast<std::uint32_t>(crc32_z(crc_, reinterpret_cast<const Bytef*>(out.data()), count));
        return count;
    }
    [[nodiscard]] std::uint32_t crc() const { return crc_; }

private:
    ByteSource& source_;
    std::uint32_t crc_ = 0;
};

/// "w" for "w.npy".
std::string array_name(const ZipMember& member) {
    const std::string_view suffix = ".npy";
    std::string name = member.name;
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
        name.resize(name.size() - suffix.size());
    }
    return name;
}

ZipMember find_member(const std::vector<ZipMember>& members, const std::string& wanted, const std::string& where) {
    std::vector<std::string> names;
    std::vector<const ZipMember*> matches;
    for (const ZipMember& member : members) {
        names.push_back(array_name(member));
        if (member.name == wanted || names.back() == wanted) {
            matches.push_back(&member);
        }
    }
    if (matches.empty()) {
        fail(where, "the archive has no member " + in_quotes(wanted), suggestion(wanted, names, "its members are"));
    }
    if (matches.size() > 1) {
        fail(where, "the archive has " + std::to_string(matches.size()) + " members named " + in_quotes(wanted),
             "write the file again with numpy.savez");
    }
    return *matches.front();
}

/// What can be known of a member without reading its data.
void check_member(const ZipMember& member, const std::string& where, const ReadOptions& options) {
    constexpr std::uint64_t room_for_header = std::uint64_t{1} << 20;
    if (member.encrypted) {
        fail(where, "is encrypted", "write the file again with numpy.savez");
    }
    if (member.method != stored && member.method != deflated) {
        fail(where, "is compressed by method " + std::to_string(member.method) + ", expected 0 (stored) or 8 (deflate)",
             "write the file again with numpy.savez or numpy.savez_compressed");
    }
    if (member.bytes > room_for_header && member.bytes - room_for_header > options.max_array_bytes) {
        fail(where,
             "expands to " + std::to_string(member.bytes) + " bytes, more than the limit of " +
                 std::to_string(options.max_array_bytes),
             "use a smaller array, or raise ReadOptions::max_array_bytes");
    }
    const bool fits = member.method == stored ? member.bytes == member.compressed_bytes
                                              : member.bytes / max_inflation <= member.compressed_bytes;
    if (!fits) {
        fail(where,
             "claims to expand from " + std::to_string(member.compressed_bytes) + " to " +
                 std::to_string(member.bytes) + " bytes, which its compression cannot do",
             "write the file again with numpy.savez");
    }
}

}  // namespace

Array read_npz_file(const std::filesystem::path& file, const std::string& member_name, const std::string& archive,
                    const ReadOptions& options) {
    FileSource source(file, archive);
    const ZipMember member = find_member(read_zip_directory(source), member_name, archive);
    const std::string where = archive + ":" + printable(member_name);
    check_member(member, where, options);
    const std::uint64_t begin = zip_data_position(source, member);
    source.select(begin, begin + member.compressed_bytes);

    std::unique_ptr<InflateSource> inflated;
    if (member.method == deflated) {
        inflated = std::make_unique<InflateSource>(source, InflateSource::Format::raw, where);
    }
    CheckedSource checked(inflated ? static_cast<ByteSource&>(*inflated) : source);
    Array array = read_npy(checked, member.bytes, where, options);
    if (inflated && !inflated->at_end()) {
        fail(where, "expands to more than the " + std::to_string(member.bytes) + " bytes that the archive names",
             "write the file again with numpy.savez");
    }
    if (checked.crc() != member.crc) {
        fail(where, "the data does not match its checksum (CRC-32)", "write the file again with numpy.savez");
    }
    return array;
}

}  // namespace mlgenn::description
