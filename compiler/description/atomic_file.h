// SPDX-License-Identifier: Apache-2.0
// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>

namespace mlgenn::description {

/// Writes the parts one after the other to a new file beside `file` and renames it. Throws DescriptionError, leaving
/// an existing `file` as it was, when that fails.
void write_atomically(const std::filesystem::path& file, std::initializer_list<std::span<const std::byte>> parts);

}  // namespace mlgenn::description
