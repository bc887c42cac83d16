// SPDX-License-Identifier: Apache-2.0
// Loads NVRTC and compiles with it.
#include "compiler/backends/cuda/nvrtc.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

/// nvrtcProgram and nvrtcResult of the toolkit's header.
using Program = void*;
using Result = int;

struct Functions {
    Result (*version)(int*, int*) = nullptr;
    Result (*num_supported_archs)(int*) = nullptr;
    Result (*supported_archs)(int*) = nullptr;
    Result (*create_program)(Program*, const char*, const char*, int, const char* const*, const char* const*) = nullptr;
    Result (*destroy_program)(Program*) = nullptr;
    Result (*compile_program)(Program, int, const char* const*) = nullptr;
    Result (*log_size)(Program, std::size_t*) = nullptr;
    Result (*log)(Program, char*) = nullptr;
    Result (*ptx_size)(Program, std::size_t*) = nullptr;
    Result (*ptx)(Program, char*) = nullptr;
    Result (*cubin_size)(Program, std::size_t*) = nullptr;
    Result (*cubin)(Program, char*) = nullptr;
    const char* (*error_string)(Result) = nullptr;
};

struct Library {
    Functions call;
    NvrtcStatus status;
};

std::vector<std::string> library_names() {
    if (const char* chosen = std::getenv("MLGENN_LIBNVRTC"); chosen != nullptr && *chosen != '\0') {
        return {chosen};
    }
    const std::vector<std::string> plain = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};
    std::vector<std::string> names = plain;
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
        if (const char* home = std::getenv(variable); home != nullptr && *home != '\0') {
            names.push_back(std::string(home) + "/lib64/libnvrtc.so");
        }
    }
    names.emplace_back("/usr/local/cuda/lib64/libnvrtc.so");
    return names;
}

void* open_library(NvrtcStatus& status) {
    std::string tried;
    for (const std::string& name : library_names()) {
        if (void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
            return handle;
        }
        tried += (tried.empty() ? "" : ", ") + name;
    }
    status.detail = "NVRTC was not found (tried " + tried +
                    "): install the CUDA toolkit, or set MLGENN_LIBNVRTC to its libnvrtc.so";
    return nullptr;
}

template <class Function>
bool find(void* handle, const char* name, Function& function, NvrtcStatus& status) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function == nullptr) {
        status.detail = std::string("the NVRTC library has no ") + name + ": it is not one of CUDA 12 or later";
    }
    return function != nullptr;
}

bool find_all(void* handle, Functions& f, NvrtcStatus& status) {
    return find(handle, "nvrtcVersion", f.version, status) &&
           find(handle, "nvrtcGetNumSupportedArchs", f.num_supported_archs, status) &&
           find(handle, "nvrtcGetSupportedArchs", f.supported_archs, status) &&
           find(handle, "nvrtcCreateProgram", f.create_program, status) &&
           find(handle, "nvrtcDestroyProgram", f.destroy_program, status) &&
           find(handle, "nvrtcCompileProgram", f.compile_program, status) &&
           find(handle, "nvrtcGetProgramLogSize", f.log_size, status) &&
           find(handle, "nvrtcGetProgramLog", f.log, status) && find(handle, "nvrtcGetPTXSize", f.ptx_size, status) &&
           find(handle, "nvrtcGetPTX", f.ptx, status) && find(handle, "nvrtcGetCUBINSize", f.cubin_size, status) &&
           find(handle, "nvrtcGetCUBIN", f.cubin, status) &&
           find(handle, "nvrtcGetErrorString", f.error_string, status);
}

/// The library stays loaded for the life of the process: unloading it while its threads end is not safe.
Library load_library() {
    Library library;
    NvrtcStatus& status = library.status;
    void* handle = open_library(status);
    if (handle == nullptr || !find_all(handle, library.call, status)) {
        return library;
    }
    int count = 0;
    if (library.call.version(&status.major, &status.minor) != 0 || library.call.num_supported_archs(&count) != 0 ||
        count <= 0) {
        status.detail = "the NVRTC library does not answer";
        return library;
    }
    status.architectures.resize(static_cast<std::size_t>(count));
    library.call.supported_archs(status.architectures.data());
    std::sort(status.architectures.begin(), status.architectures.end());
    status.available = true;
    status.detail = "NVRTC " + std::to_string(status.major) + "." + std::to_string(status.minor) + ", sm_" +
                    std::to_string(status.architectures.front()) + " ... sm_" +
                    std::to_string(status.architectures.back());
    return library;
}

/// One per name that MLGENN_LIBNVRTC has had, so that what was found once stays valid.
const Library& library() {
    static std::mutex mutex;
    static std::map<std::string, Library> loaded;
    const char* chosen = std::getenv("MLGENN_LIBNVRTC");
    const std::lock_guard lock(mutex);
    const auto [place, fresh] = loaded.try_emplace(chosen != nullptr ? chosen : "");
    if (fresh) {
        place->second = load_library();
    }
    return place->second;
}

/// A program that is destroyed with its owner.
class OwnedProgram {
public:
    OwnedProgram(const std::string& text, const std::string& file) {
        check(library().call.create_program(&program_, text.c_str(), file.c_str(), 0, nullptr, nullptr));
    }
    OwnedProgram(const OwnedProgram&) = delete;
    OwnedProgram& operator=(const OwnedProgram&) = delete;
    ~OwnedProgram() { library().call.destroy_program(&program_); }

    [[nodiscard]] Result compile(const std::vector<std::string>& options) {
        std::vector<const char*> pointers;
        for (const std::string& option : options) {
            pointers.push_back(option.c_str());
        }
        return library().call.compile_program(program_, static_cast<int>(pointers.size()), pointers.data());
    }
    [[nodiscard]] std::string log() const { return text(library().call.log_size, library().call.log); }
    [[nodiscard]] std::string ptx() const { return text(library().call.ptx_size, library().call.ptx); }
    [[nodiscard]] std::vector<std::byte> cubin() const {
        std::size_t size = 0;
        check(library().call.cubin_size(program_, &size));
        std::vector<std::byte> image(size);
        check(library().call.cubin(program_, reinterpret_cast<char*>(image.data())));
        return image;
    }

private:
    static void check(Result result) {
        if (result != 0) {
            throw BackendError(std::string("NVRTC: ") + library().call.error_string(result));
        }
    }
    /// NVRTC counts the terminating zero.
    [[nodiscard]] std::string text(Result (*get_size)(Program, std::size_t*), Result (*get)(Program, char*)) const {
        std::size_t size = 0;
        check(get_size(program_, &size));
        std::string result(size, '\0');
        check(get(program_, result.data()));
        while (!result.empty() && result.back() == '\0') {
            result.pop_back();
        }
        return result;
    }

    Program program_ = nullptr;
};

bool is_known_target(const std::string& target, const std::vector<int>& architectures) {
    return std::any_of(architectures.begin(), architectures.end(), [&](int architecture) {
        const std::string number = std::to_string(architecture);
        return architecture >= 75 && (target == "sm_" + number || target == "compute_" + number);
    });
}

}  // namespace

const NvrtcStatus& nvrtc_status() {
    return library().status;
}

std::vector<std::string> compile_options(const std::string& target) {
    std::vector<std::string> options = {"--gpu-architecture=" + target,
                                        "--std=c++17",
                                        "--fmad=false",
                                        "--ftz=true",
                                        "--prec-div=true",
                                        "--prec-sqrt=true"};
    if (target.rfind("sm_", 0) == 0) {
        options.emplace_back("--ptxas-options=-v");
    }
    return options;
}

void check_target(const std::string& target) {
    const NvrtcStatus& status = nvrtc_status();
    if (!status.available) {
        throw BackendError("the CUDA back end cannot compile: " + status.detail);
    }
    if (is_known_target(target, status.architectures)) {
        return;
    }
    std::string known;
    for (const int architecture : status.architectures) {
        known += architecture >= 75 ? ", sm_" + std::to_string(architecture) : "";
    }
    throw BackendError("the CUDA back end does not know the target '" + target + "'\n    use native" + known +
                       ", or compute_NN for PTX");
}

CompiledKernels compile(const std::string& text, const std::string& file, const std::string& target) {
    check_target(target);
    OwnedProgram program(text, file);
    const Result result = program.compile(compile_options(target));
    CompiledKernels compiled;
    compiled.log = program.log();
    if (result != 0) {
        throw BackendError("NVRTC cannot compile " + file + " for " + target + ": " +
                           library().call.error_string(result) + "\n" + annotate_log(compiled.log, text, file));
    }
    if (target.rfind("compute_", 0) == 0) {
        const std::string ptx = program.ptx();
        const auto* bytes = reinterpret_cast<const std::byte*>(ptx.data());
        compiled.image.assign(bytes, bytes + ptx.size());
        // The driver reads PTX as a string.
        compiled.image.push_back(std::byte{0});
        return compiled;
    }
    compiled.image = program.cubin();
    compiled.resources = parse_resources(compiled.log);
    return compiled;
}

}  // namespace mlgenn::cuda
