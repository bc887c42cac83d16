// SPDX-License-Identifier: Apache-2.0
// Running another program and reading what it prints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mlgenn::cli {

struct ProcessResult {
    /// Exit status; 128 + signal number when a signal ended it; 127 when it could not be started.
    int exit_code = 0;
    std::string out;
    std::string err;
};

/// Runs `arguments` (the program first, found through PATH) with no shell and empty standard input, and waits.
[[nodiscard]] ProcessResult run_process(const std::vector<std::string>& arguments);

/// CPU time of all threads of this process so far, in milliseconds.
[[nodiscard]] double process_cpu_ms();

/// A private new folder under the system's temporary folder, removed with all content at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace mlgenn::cli
