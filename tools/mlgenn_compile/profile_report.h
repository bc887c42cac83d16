// SPDX-License-Identifier: Apache-2.0
// What --profile and --trace say.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiled_network.h"
#include "tools/mlgenn_compile/commands.h"

namespace mlgenn::cli {

/// A line per kernel, copy and phase, with its part of the kernels' time.
[[nodiscard]] std::string profile_table(const KernelProfile& profile);
[[nodiscard]] nlohmann::ordered_json profile_json(const KernelProfile& profile);
/// The network's profile; writes the time line, if it is wanted, and adds it to `files`. Nothing when only a time line
/// was asked for.
[[nodiscard]] std::optional<KernelProfile> take_profile(const ProfileSettings& settings, CompiledNetwork& network,
                                                        std::vector<std::filesystem::path>& files);

}  // namespace mlgenn::cli
