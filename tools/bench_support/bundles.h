// SPDX-License-Identifier: Apache-2.0
// Benchmark bundles: folders with a trained network's weights, inputs, labels and another simulator's outputs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/inputs.h"
#include "mlgenn/network.h"

namespace mlgenn::bench {

/// Recorded outputs. Counts: per population u16 (examples, neurons), only where the bundle holds them.
struct BundleReference {
    Array readout;  ///< (examples, outputs)
    std::map<std::string, Array> counts;
};

struct Bundle {
    std::string name;
    Network network;
    std::uint32_t timesteps = 0;
    double dt = 1.0;
    std::size_t num_examples = 0;
    Inputs inputs;
    /// Name of the one output population, and its labels.
    std::string output;
    Targets targets;
    /// Every example independent.
    BundleReference clean;
    /// Examples in order at batch size 1, with what mlGeNN 2.4 carries over from one to the next.
    std::optional<BundleReference> sequential;
};

/// Reads the bundle in `folder` (meta.json and its arrays). Throws DescriptionError when something is missing, does
/// not fit together or is of an unknown kind.
[[nodiscard]] Bundle load_bundle(const std::filesystem::path& folder);

/// The same bundle cut down to `count` examples from `first` on; without the sequential reference unless `first` is 0.
/// Throws DescriptionError when there are not that many.
[[nodiscard]] Bundle select_examples(const Bundle& bundle, std::size_t first, std::size_t count);

}  // namespace mlgenn::bench
