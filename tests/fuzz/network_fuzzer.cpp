// SPDX-License-Identifier: Apache-2.0
// The reader and the checks of network descriptions on arbitrary bytes: what is no network must be a DescriptionError,
// and nothing that a description claims may be believed before it is checked. Behind the first zero byte of an input
// stands the content of the array files "a.npy", "a.npz" and "a.idx", which the description may name.
//
//   network_fuzzer -max_len=8000 -max_total_time=600 -malloc_limit_mb=256 CORPUS_FOLDER
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace {

namespace fs = std::filesystem;

/// Lives as long as the process.
class ArrayFolder {
public:
    ArrayFolder() : path_(fs::temp_directory_path() / ("mlgenn_fuzz_" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
    }
    ArrayFolder(const ArrayFolder&) = delete;
    ArrayFolder& operator=(const ArrayFolder&) = delete;
    ~ArrayFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    void write(std::string_view bytes) const {
        for (const char* name : {"a.npy", "a.npz", "a.idx"}) {
            std::ofstream(path_ / name, std::ios::binary)
                .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        }
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

void check(const mlgenn::DescriptionError& error) {
    if (error.diagnostics().empty()) {
        std::abort();
    }
    for (const mlgenn::Diagnostic& diagnostic : error.diagnostics()) {
        if (diagnostic.where.empty() || diagnostic.problem.empty()) {
            std::abort();
        }
    }
}

template <class Action>
void expect_description_error_at_most(const Action& action) {
    try {
        action();
    } catch (const mlgenn::DescriptionError& error) {
        check(error);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ArrayFolder folder;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = input.find('\0');
    mlgenn::ReadOptions options;
    options.max_array_bytes = std::size_t{16} << 20;
    if (cut != std::string_view::npos) {
        folder.write(input.substr(cut + 1));
        expect_description_error_at_most(
            [&] { static_cast<void>(mlgenn::load_npy(folder.path() / "a.npy", options)); });
        expect_description_error_at_most(
            [&] { static_cast<void>(mlgenn::load_npz(folder.path() / "a.npz", "a", options)); });
        expect_description_error_at_most(
            [&] { static_cast<void>(mlgenn::load_idx(folder.path() / "a.idx", options)); });
    }
    expect_description_error_at_most(
        [&] { static_cast<void>(mlgenn::parse_network(input.substr(0, cut), "fuzz.json", folder.path(), options)); });
    return 0;
}
