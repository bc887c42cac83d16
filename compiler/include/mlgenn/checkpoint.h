// SPDX-License-Identifier: Apache-2.0
// Trained weights from the folders that mlGeNN's numpy serialiser writes: <key>-...-<name>-<variable>.npy.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"
#include "mlgenn/network_io.h"

namespace mlgenn {

struct CheckpointOptions {
    /// An array that is missing or belongs to nothing is an error; else it only stands in the report.
    bool strict = true;
    /// A name in the checkpoint ("Pop0", "Conn_Pop0_Pop1") -> the population or connection that it means.
    std::map<std::string, std::string> names{};
    ReadOptions read{};
};

struct CheckpointReport {
    struct LoadedArray {
        std::filesystem::path file{};
        /// "connection 'input_to_hidden', weight".
        std::string target{};
        /// As it stands in the network now.
        Shape shape{};
        /// Delays that were no whole numbers.
        std::size_t num_rounded = 0;
    };
    std::vector<LoadedArray> loaded{};
    /// Arrays that were missing or not used. Empty after a strict load.
    std::vector<Diagnostic> remarks{};
};

/// Replaces weights (g), delays (d), lists of synapses (pre_ind, post_ind) and neuron parameters (Bias) of `network` by
/// the arrays of `folder` whose file names begin with `keys`. Arrays are float32 or float64 (indices: integers too), of
/// one dimension or of the shape that the network gives them. Completes the network as validated() does; a connection
/// whose weight comes from the checkpoint may leave it out, but then its shapes must be known without it.
/// Throws DescriptionError with all findings, leaving the network as it was.
CheckpointReport load_checkpoint(Network& network, const std::filesystem::path& folder,
                                 const std::vector<std::string>& keys, const CheckpointOptions& options = {});

}  // namespace mlgenn
