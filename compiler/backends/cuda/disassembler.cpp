// SPDX-License-Identifier: Apache-2.0
// Finds a disassembler and runs it.
#include "compiler/backends/cuda/disassembler.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "mlgenn/errors.h"

extern char** environ;

namespace mlgenn::cuda {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> executable(const fs::path& file) {
    return ::access(file.c_str(), X_OK) == 0 && !fs::is_directory(file) ? std::optional(file) : std::nullopt;
}

/// Folders of PATH, then those of the CUDA toolkit.
std::vector<fs::path> search_folders() {
    std::vector<fs::path> folders;
    const char* path = std::getenv("PATH");
    std::string rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (end > 0) {
            folders.emplace_back(rest.substr(0, end));
        }
        rest.erase(0, std::min(end + 1, rest.size()));
    }
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
        if (const char* home = std::getenv(variable); home != nullptr && *home != '\0') {
            folders.push_back(fs::path(home) / "bin");
        }
    }
    folders.emplace_back("/usr/local/cuda/bin");
    return folders;
}

fs::path find_disassembler() {
    if (const char* chosen = std::getenv("MLGENN_NVDISASM"); chosen != nullptr && *chosen != '\0') {
        if (const auto found = executable(chosen)) {
            return *found;
        }
        throw BackendError("SASS cannot be shown: MLGENN_NVDISASM names '" + std::string(chosen) +
                           "', which is no program");
    }
    for (const char* name : {"nvdisasm", "cuobjdump"}) {
        for (const fs::path& folder : search_folders()) {
            if (const auto found = executable(folder / name)) {
                return *found;
            }
        }
    }
    throw BackendError(
        "SASS cannot be shown: neither nvdisasm nor cuobjdump is on PATH or in the CUDA toolkit\n    install the "
        "toolkit's binary utilities, or set MLGENN_NVDISASM to one of the two");
}

/// A file that is gone with its owner.
class TemporaryFile {
public:
    explicit TemporaryFile(std::span<const std::byte> content) {
        std::string name = (fs::temp_directory_path() / "mlgenn_XXXXXX").string();
        const int file = ::mkstemp(name.data());
        if (file < 0) {
            throw BackendError("SASS cannot be shown: cannot write " + name + ": " + std::strerror(errno));
        }
        path_ = name;
        ::close(file);
        std::ofstream out(path_, std::ios::binary);
        out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
        if (!out.flush()) {
            std::error_code ignored;
            fs::remove(path_, ignored);
            throw BackendError("SASS cannot be shown: cannot write " + name);
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Both output streams of a program, and how it ended.
struct Output {
    std::string text;
    int status = 0;
};

Output run(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw BackendError(std::string("SASS cannot be shown: ") + std::strerror(errno));
    }
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    pid_t child = 0;
    const int problem = ::posix_spawn(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    Output output;
    std::array<char, 65536> buffer{};
    ssize_t count = 0;
    while (problem == 0 && ((count = ::read(ends[0], buffer.data(), buffer.size())) > 0 || errno == EINTR)) {
        output.text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        errno = 0;
    }
    ::close(ends[0]);
    if (problem != 0) {
        throw BackendError("SASS cannot be shown: cannot run " + arguments[0] + ": " + std::strerror(problem));
    }
    while (::waitpid(child, &output.status, 0) < 0 && errno == EINTR) {
    }
    return output;
}

}  // namespace

std::string disassemble_cubin(std::span<const std::byte> cubin) {
    const fs::path program = find_disassembler();
    const TemporaryFile file(cubin);
    std::vector<std::string> arguments = {program.string()};
    if (program.filename() == "cuobjdump") {
        arguments.emplace_back("-sass");
    }
    arguments.push_back(file.path());
    Output output = run(arguments);
    if (output.status != 0) {
        throw BackendError("SASS cannot be shown: " + program.string() + " failed:\n" + output.text);
    }
    return std::move(output.text);
}

}  // namespace mlgenn::cuda
