// SPDX-License-Identifier: Apache-2.0
// A stand-in for libnvrtc in tests: it compiles generated CUDA source with the host's compiler against
// tests/support/cuda_host, so that the stand-in driver can run it. Its version tells the kernel cache apart.
// Compiler and header are those of the build; a copy that was carried elsewhere takes what lies beside it.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

namespace {

enum Code : int { success = 0, compilation_failed = 6 };

struct Program {
    std::string text;
    std::string log;
    std::string image;
};

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A line per kernel that exports it to the stand-in driver.
std::string exports_of(const std::string& text) {
    const std::regex kernel(R"re(extern "C" __global__ void __launch_bounds__\([^)]+\)\s+(\w+)\()re");
    std::string lines;
    for (std::sregex_iterator it(text.begin(), text.end(), kernel), end; it != end; ++it) {
        lines += "MLGENN_HOST_KERNEL(" + (*it)[1].str() + ")\n";
    }
    return lines;
}

class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "mlgenn_host_XXXXXX").string();
        path_ = ::mkdtemp(name.data()) != nullptr ? name : ".";
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) {
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return text + "'";
}

/// The compiler of the build where it exists, else the one that is found through PATH.
std::string host_compiler() {
    return ::access(MLGENN_HOST_COMPILER, X_OK) == 0 ? MLGENN_HOST_COMPILER : "c++";
}

/// The header in the folder cuda_host beside this library, else the one of the source tree.
std::string host_header() {
    Dl_info here{};
    if (dladdr(reinterpret_cast<const void*>(&host_compiler), &here) != 0 && here.dli_fname != nullptr) {
        const auto beside = std::filesystem::path(here.dli_fname).parent_path() / "cuda_host" / "cuda_host.hpp";
        if (std::filesystem::exists(beside)) {
            return beside.string();
        }
    }
    return MLGENN_CUDA_HOST_HEADER;
}

int compile(Program& program) {
    const ScratchFolder scratch;
    std::ofstream(scratch.file("network.cu"), std::ios::binary) << program.text << "\n" << exports_of(program.text);
    const std::string command =
        quoted(host_compiler()) +
        " -std=c++17 -O1 -w -ffp-contract=off -fwrapv -fvisibility=hidden -fPIC -shared -x c++ -include " +
        quoted(host_header()) + " " + quoted(scratch.file("network.cu")) + " -o " + quoted(scratch.file("network.so")) +
        " 2> " + quoted(scratch.file("log"));
    const int status = std::system(command.c_str());
    program.log = read_file(scratch.file("log"));
    program.image = status == 0 ? read_file(scratch.file("network.so")) : std::string();
    return status == 0 ? success : compilation_failed;
}

Program& of(void* program) {
    return *static_cast<Program*>(program);
}

int copy_text(const std::string& text, char* to) {
    std::memcpy(to, text.c_str(), text.size() + 1);
    return success;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int nvrtcVersion(int* major, int* minor) {
    *major = 0;
    *minor = 1;
    return success;
}
int nvrtcGetNumSupportedArchs(int* count) {
    *count = 3;
    return success;
}
int nvrtcGetSupportedArchs(int* architectures) {
    architectures[0] = 75;
    architectures[1] = 80;
    architectures[2] = 90;
    return success;
}
int nvrtcCreateProgram(void** program, const char* text, const char*, int, const char* const*, const char* const*) {
    *program = new Program{text, {}, {}};
    return success;
}
int nvrtcDestroyProgram(void** program) {
    delete static_cast<Program*>(*program);
    *program = nullptr;
    return success;
}
int nvrtcCompileProgram(void* program, int, const char* const*) {
    return compile(of(program));
}
int nvrtcGetProgramLogSize(void* program, std::size_t* bytes) {
    *bytes = of(program).log.size() + 1;
    return success;
}
int nvrtcGetProgramLog(void* program, char* log) {
    return copy_text(of(program).log, log);
}
int nvrtcGetPTXSize(void* program, std::size_t* bytes) {
    *bytes = of(program).image.size() + 1;
    return success;
}
int nvrtcGetPTX(void* program, char* ptx) {
    std::memcpy(ptx, of(program).image.c_str(), of(program).image.size() + 1);
    return success;
}
int nvrtcGetCUBINSize(void* program, std::size_t* bytes) {
    *bytes = of(program).image.size();
    return success;
}
int nvrtcGetCUBIN(void* program, char* cubin) {
    std::memcpy(cubin, of(program).image.data(), of(program).image.size());
    return success;
}
const char* nvrtcGetErrorString(int code) {
    return code == success ? "success" : "the host compiler failed";
}

}  // extern "C"
#pragma GCC visibility pop
