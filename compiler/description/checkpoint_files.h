// SPDX-License-Identifier: Apache-2.0
// Which arrays of a checkpoint folder belong to which part of a network.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/description/report.h"
#include "mlgenn/checkpoint.h"

namespace mlgenn::description {

struct CheckpointFile {
    std::filesystem::path path{};
    /// "Conn_Pop0_Pop1" and "g".
    std::string name{};
    std::string variable{};
    /// What of the network it is, once that is found.
    std::optional<Place> place{};
};

/// The files of `folder` that begin with `keys`, by name. Throws DescriptionError when there are none.
[[nodiscard]] std::vector<CheckpointFile> list_checkpoint(const std::filesystem::path& folder,
                                                          const std::vector<std::string>& keys);

/// Finds every file's place: by options.names, else by the same name (with '_' for what names here cannot have), else,
/// for connections without a name of their own, by mlGeNN's "Conn_<source>_<target>". Adds findings about `names`.
void find_places(const Network& network, const std::map<std::string, std::string>& names,
                 std::vector<CheckpointFile>& files, std::vector<Diagnostic>& findings);

/// How to name what mlGeNN has only numbered ("Pop0"); empty where there is nothing of the kind.
[[nodiscard]] std::string numbered_hint(const Network& network, const std::vector<CheckpointFile>& files);

}  // namespace mlgenn::description
