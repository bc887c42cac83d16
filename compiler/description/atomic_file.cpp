// SPDX-License-Identifier: Apache-2.0
// Files that appear whole or not at all.
#include "compiler/description/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "compiler/description/messages.h"

namespace mlgenn::description {

namespace {

/// A new file that is removed unless it is kept.
class TemporaryFile {
public:
    TemporaryFile(std::filesystem::path path, const std::string& where) : path_(std::move(path)), where_(where) {
        constexpr mode_t permissions = 0666;
        handle_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
        if (handle_ < 0) {
            failed(errno);
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (handle_ >= 0) {
            ::close(handle_);
        }
        if (!kept_) {
            ::unlink(path_.c_str());
        }
    }

    void write(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(handle_, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                failed(errno);
            }
            bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
    }

    void rename_to(const std::filesystem::path& file) {
        if (::close(std::exchange(handle_, -1)) != 0) {
            failed(errno);
        }
        std::error_code error;
        std::filesystem::rename(path_, file, error);
        if (error) {
            failed(error.value());
        }
        kept_ = true;
    }

private:
    [[noreturn]] void failed(int error) const {
        fail(where_, "cannot be written: " + std::generic_category().message(error),
             "check the folder, its permissions and the space on the disk");
    }

    std::filesystem::path path_;
    const std::string& where_;
    int handle_ = -1;
    bool kept_ = false;
};

}  // namespace

void write_atomically(const std::filesystem::path& file, std::initializer_list<std::span<const std::byte>> parts) {
    // Threads of one process must not meet in one temporary name.
    static std::atomic<unsigned> counter{0};
    const std::string where = shown_path(file);
    std::filesystem::path temporary = file;
    temporary += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    TemporaryFile output(temporary, where);
    for (const auto part : parts) {
        output.write(part);
    }
    output.rename_to(file);
}

}  // namespace mlgenn::description
