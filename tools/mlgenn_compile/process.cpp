// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "mlgenn/errors.h"

extern char** environ;

namespace mlgenn::cli {
namespace {

/// A pipe whose ends close themselves.
class Pipe {
public:
    Pipe() {
        if (pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw BackendError(std::string("cannot make a pipe: ") + std::strerror(errno));
        }
    }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    [[nodiscard]] int read_end() const { return ends_[0]; }
    [[nodiscard]] int write_end() const { return ends_[1]; }
    void close_end(std::size_t end) {
        if (ends_[end] >= 0) {
            close(ends_[end]);
            ends_[end] = -1;
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Starts the program; returns its id, or an errno value through `error`.
pid_t spawn(const std::vector<std::string>& arguments, const Pipe& out, const Pipe& err, int& error) {
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv;
    for (std::string& argument : copies) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.write_end(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.write_end(), STDERR_FILENO);
    pid_t child = -1;
    error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/// Reads both ends until the other side has closed them.
void drain(Pipe& out, Pipe& err, ProcessResult& result) {
    std::array<pollfd, 2> ends{pollfd{out.read_end(), POLLIN, 0}, pollfd{err.read_end(), POLLIN, 0}};
    std::array<std::string*, 2> texts{&result.out, &result.err};
    std::array<char, 65536> buffer{};
    std::size_t open_ends = ends.size();
    while (open_ends > 0) {
        if (poll(ends.data(), ends.size(), -1) < 0) {
            if (errno != EINTR) {
                return;
            }
            continue;
        }
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].fd < 0 || ends[i].revents == 0) {
                continue;
            }
            const ssize_t count = read(ends[i].fd, buffer.data(), buffer.size());
            if (count > 0) {
                texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
            } else if (count == 0 || errno != EINTR) {
                ends[i].fd = -1;
                --open_ends;
            }
        }
    }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments) {
    Pipe out;
    Pipe err;
    ProcessResult result;
    int error = 0;
    const pid_t child = spawn(arguments, out, err, error);
    out.close_end(1);
    err.close_end(1);
    if (error != 0) {
        result.exit_code = 127;
        result.err = arguments[0] + ": " + std::strerror(error);
        return result;
    }
    drain(out, err, result);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

double process_cpu_ms() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mlgenn-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw BackendError("cannot make a temporary folder " + name + ": " + std::strerror(errno));
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace mlgenn::cli
