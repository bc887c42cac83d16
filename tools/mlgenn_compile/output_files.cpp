// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/output_files.h"

#include <span>
#include <system_error>

#include "compiler/description/atomic_file.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::cli {

namespace fs = std::filesystem;

void write_file(const fs::path& file, std::string_view content) {
    description::write_atomically(file, {std::as_bytes(std::span(content))});
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder, error)) {
        throw DescriptionError(Diagnostic{
            folder.string(),
            "no folder can be made there: " + (error ? error.message() : std::string("a file of that name exists")),
            {},
            "choose another place with -o"});
    }
}

std::vector<std::pair<std::string, Array>> spike_members(const std::vector<SpikeRecord>& examples, double dt_ms) {
    std::vector<float> times;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> steps;
    std::vector<std::uint64_t> offsets{0};
    for (const SpikeRecord& example : examples) {
        for (const std::uint32_t step : example.steps) {
            times.push_back(static_cast<float>(step) * static_cast<float>(dt_ms));
        }
        steps.insert(steps.end(), example.steps.begin(), example.steps.end());
        ids.insert(ids.end(), example.ids.begin(), example.ids.end());
        offsets.push_back(ids.size());
    }
    return {{"times", Array::from(times)},
            {"ids", Array::from(ids)},
            {"steps", Array::from(steps)},
            {"offsets", Array::from(offsets)}};
}

ArraySink::ArraySink(fs::path target) : target_(std::move(target)) {
    const std::string extension = target_.extension().string();
    if (!extension.empty() && extension != ".npy" && extension != ".npz" && !fs::is_directory(target_)) {
        throw DescriptionError(Diagnostic{"-o " + target_.string(),
                                          "cannot write files that end in '" + extension + "'",
                                          {},
                                          "name a .npy file, an .npz file, or a folder"});
    }
}

void ArraySink::add_array(const std::string& name, Array array) {
    arrays_.insert_or_assign(name, std::move(array));
}

void ArraySink::add_spikes(const std::string& key, const std::vector<SpikeRecord>& examples, double dt_ms) {
    spikes_.insert_or_assign(key, spike_members(examples, dt_ms));
}

void ArraySink::check_fits(std::size_t num_results) const {
    if (target_.extension() == ".npy" && num_results != 1) {
        throw DescriptionError(
            Diagnostic{"-o " + target_.string(),
                       "a .npy file holds one array, but there are " + std::to_string(num_results) + " results",
                       {},
                       "name an .npz file or a folder"});
    }
}

std::vector<fs::path> ArraySink::write() const {
    check_fits(arrays_.size() + spikes_.size());
    const std::string extension = target_.extension().string();
    if (extension == ".npy") {
        if (arrays_.empty()) {
            throw DescriptionError(Diagnostic{
                "-o " + target_.string(), "a .npy file cannot hold spikes", {}, "name an .npz file or a folder"});
        }
        save_npy(target_, arrays_.begin()->second);
        return {target_};
    }
    if (extension == ".npz") {
        std::vector<std::pair<std::string, Array>> members(arrays_.begin(), arrays_.end());
        for (const auto& [key, parts] : spikes_) {
            for (const auto& [part, array] : parts) {
                members.emplace_back(key + "." + part, array);
            }
        }
        save_npz(target_, members);
        return {target_};
    }
    make_folder(target_);
    std::vector<fs::path> files;
    for (const auto& [name, array] : arrays_) {
        files.push_back(target_ / (name + ".npy"));
        save_npy(files.back(), array);
    }
    for (const auto& [key, parts] : spikes_) {
        files.push_back(target_ / (key + ".npz"));
        save_npz(files.back(), parts);
    }
    return files;
}

}  // namespace mlgenn::cli
