// SPDX-License-Identifier: Apache-2.0
// Files that commands write: all or nothing, never half.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mlgenn/compiled_network.h"

namespace mlgenn::cli {

/// Writes to a temporary name beside `file`, then renames. Throws DescriptionError when that is not possible.
void write_file(const std::filesystem::path& file, std::string_view content);

/// Makes the folder and its parents; throws DescriptionError when that is not possible.
void make_folder(const std::filesystem::path& folder);

/// One population's spikes in all examples as arrays: times (f32, ms), ids, steps, and offsets [examples + 1].
/// The members times, ids and offsets are what `--input-events` reads.
[[nodiscard]] std::vector<std::pair<std::string, Array>> spike_members(const std::vector<SpikeRecord>& examples,
                                                                       double dt_ms);

/// Where arrays go: one .npy, one .npz, or a folder with a file each.
class ArraySink {
public:
    /// `target` as given with -o. Throws DescriptionError for a file name that is none of the three.
    explicit ArraySink(std::filesystem::path target);

    void add_array(const std::string& name, Array array);
    void add_spikes(const std::string& key, const std::vector<SpikeRecord>& examples, double dt_ms);
    /// Throws DescriptionError when the target cannot hold that many results: to be asked before computing them.
    void check_fits(std::size_t num_results) const;
    /// Returns the files written. Throws DescriptionError as above, and when a file cannot be written.
    [[nodiscard]] std::vector<std::filesystem::path> write() const;

private:
    std::filesystem::path target_;
    std::map<std::string, Array> arrays_;
    std::map<std::string, std::vector<std::pair<std::string, Array>>> spikes_;
};

}  // namespace mlgenn::cli
