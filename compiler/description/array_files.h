// SPDX-License-Identifier: Apache-2.0
// The readers of array files; `where` names the file in messages, as the user wrote it.
#pragma once

#include <filesystem>
#include <string>

#include "mlgenn/array.h"
#include "mlgenn/network_io.h"

namespace mlgenn::description {

[[nodiscard]] Array read_npy_file(const std::filesystem::path& file, const std::string& where,
                                  const ReadOptions& options);
[[nodiscard]] Array read_npz_file(const std::filesystem::path& file, const std::string& member,
                                  const std::string& where, const ReadOptions& options);
[[nodiscard]] Array read_idx_file(const std::filesystem::path& file, const std::string& where,
                                  const ReadOptions& options);
/// npy or idx, told by the first bytes.
[[nodiscard]] Array read_array_file(const std::filesystem::path& file, const std::string& where,
                                    const ReadOptions& options);

}  // namespace mlgenn::description
