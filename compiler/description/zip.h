// SPDX-License-Identifier: Apache-2.0
// The directory of a zip archive: enough of the format for npz files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/description/byte_source.h"

namespace mlgenn::description {

struct ZipMember {
    std::string name;
    /// 0: stored, 8: deflated; others cannot be read.
    std::uint16_t method = 0;
    bool encrypted = false;
    std::uint32_t crc = 0;
    std::uint64_t compressed_bytes = 0;
    std::uint64_t bytes = 0;
    std::uint64_t local_header = 0;
};

/// Reads the central directory (with zip64). Throws DescriptionError when it does not fit the file.
[[nodiscard]] std::vector<ZipMember> read_zip_directory(FileSource& file);

/// Position of the member's data, whose whole range is checked to lie in the file.
[[nodiscard]] std::uint64_t zip_data_position(FileSource& file, const ZipMember& member);

}  // namespace mlgenn::description
