// SPDX-License-Identifier: Apache-2.0
// The table entry of the GPU back end.
#include "compiler/backends/cuda/cuda_backend.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "compiler/backends/cuda/disassembler.h"
#include "compiler/backends/cuda/generate.h"
#include "compiler/backends/cuda/locality.h"
#include "compiler/backends/cuda/nvrtc.h"
#include "compiler/backends/cuda/resource_report.h"
#include "compiler/backends/kernel_cache.h"
#include "mlgenn/cuda_executor.h"
#include "mlgenn/errors.h"

namespace mlgenn::backends {
namespace {

/// Raised whenever an image means something else, so that old cache entries are not used.
constexpr const char* generator_version = "3";
constexpr const char* source_name = "network.cu";

Availability availability() {
    const CudaDevice device = find_cuda_device();
    const cuda::NvrtcStatus& nvrtc = cuda::nvrtc_status();
    if (!device.available) {
        return {false, device.detail + "; " + nvrtc.detail};
    }
    if (!nvrtc.available) {
        return {false, device.detail + ", but " + nvrtc.detail};
    }
    return {true, device.detail + ", " + nvrtc.detail};
}

Availability toolchain() {
    const cuda::NvrtcStatus& nvrtc = cuda::nvrtc_status();
    return {nvrtc.available, nvrtc.detail};
}

Limits limits(const CompilerOptions&) {
    Limits result;
    result.runs_loops_apart = false;
    result.launches_kernels = true;
    return result;
}

/// "native" is the device's architecture; one that this NVRTC does not know gets PTX for the newest it knows.
std::string resolve_target(const CompilerOptions& options) {
    const std::string& target = options.target;
    if (target != "native") {
        cuda::check_target(target);
        return target;
    }
    const CudaDevice device = find_cuda_device(options.device);
    if (!device.available) {
        throw BackendError("the CUDA back end has no native target here: " + device.detail +
                           "\n    name one, for example sm_90");
    }
    const std::vector<int>& known = cuda::nvrtc_status().architectures;
    if (known.empty() || std::find(known.begin(), known.end(), device.capability) != known.end()) {
        return "sm_" + std::to_string(device.capability);
    }
    const auto newer = std::upper_bound(known.begin(), known.end(), device.capability);
    return "compute_" + std::to_string(newer == known.begin() ? known.front() : *(newer - 1));
}

/// The text, or for debugging the file that MLGENN_REPLACE_SOURCE names.
std::string source_text(const cuda::GpuLayout& layout) {
    const char* replacement = std::getenv("MLGENN_REPLACE_SOURCE");
    if (replacement == nullptr || *replacement == '\0') {
        return cuda::generate_text(layout);
    }
    std::ifstream file(replacement, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        throw BackendError(std::string("MLGENN_REPLACE_SOURCE: cannot read ") + replacement);
    }
    return text.str();
}

cuda::GpuLayout lay_out(const ir::Program& program, const std::string& target, const CompilerOptions& options) {
    return cuda::lay_out(
        program, {.block_bytes = cuda::shared_memory_of_block(target), .origin_comments = options.origin_comments});
}

GeneratedSource generate(const ir::Program& program, const CompilerOptions& options) {
    GeneratedSource source;
    source.backend = "cuda";
    source.target = resolve_target(options);
    source.text_kind = "cuda";
    source.text = source_text(lay_out(program, source.target, options));
    const cuda::NvrtcStatus& nvrtc = cuda::nvrtc_status();
    source.cache_text = std::string("mlgenn cuda ") + generator_version + " NVRTC " + std::to_string(nvrtc.major) +
                        "." + std::to_string(nvrtc.minor) + "\n";
    for (const std::string& option : cuda::compile_options(source.target)) {
        source.cache_text += option + "\n";
    }
    source.cache_text += source.text;
    return source;
}

Module build(const ir::Program& program, const GeneratedSource& source, const CompilerOptions& options) {
    const cuda::GpuLayout layout = lay_out(program, source.target, options);
    Module module;
    module.backend = "cuda";
    module.target = source.target;
    module.plan = make_plan(layout.placed.program, "cuda", cuda::kernel_names(program).front());
    module.plan.gpu = layout.launch;
    module.cache_key = cache_key(source.cache_text);
    const KernelCache cache(options.cache_dir);
    if (auto found = cache.find(module.cache_key)) {
        module.code = std::move(*found);
        module.from_cache = true;
        return module;
    }
    module.code = cuda::compile(source.text, source_name, source.target).image;
    cache.store(module.cache_key, module.code);
    return module;
}

std::unique_ptr<Executor> open(const Module& module, const CompilerOptions& options) {
    return make_cuda_executor(module.plan, module.code, options.batch_size, options.device);
}

/// The virtual architecture of a target: sm_90 -> compute_90.
std::string ptx_target(const std::string& target) {
    return "compute_" + target.substr(target.find('_') + 1);
}

std::string text_of(const std::vector<std::byte>& bytes) {
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    return text;
}

/// The module's code when it is machine code.
std::span<const std::byte> cubin_of(const Module& module, const std::string& kind) {
    if (module.target.rfind("sm_", 0) != 0) {
        throw BackendError("there is no " + kind + " for " + module.target +
                           ", which is PTX\n    choose a target such as " + "sm_" +
                           module.target.substr(module.target.find('_') + 1));
    }
    return module.code;
}

std::map<std::string, std::string> disassemble(const ir::Program& program, const GeneratedSource& source,
                                               const Module& module, const CompilerOptions& options,
                                               std::span<const std::string> kinds) {
    std::map<std::string, std::string> texts;
    for (const std::string& kind : kinds) {
        if (kind == "cuda") {
            texts[kind] = source.text;
        } else if (kind == "ptx") {
            texts[kind] = text_of(cuda::compile(source.text, source_name, ptx_target(source.target)).image);
        } else if (kind == "cubin") {
            const auto bytes = cubin_of(module, kind);
            texts[kind] = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        } else if (kind == "sass") {
            texts[kind] = cuda::disassemble_cubin(cubin_of(module, kind));
        } else if (kind == "resources") {
            (void)cubin_of(module, kind);
            texts[kind] = cuda::resource_report(lay_out(program, source.target, options),
                                                cuda::compile(source.text, source_name, source.target), source.target);
        }
    }
    return texts;
}

}  // namespace

Backend cuda() {
    return {.name = "cuda",
            .availability = availability,
            .toolchain = toolchain,
            .limits = limits,
            .unsupported = cuda::unsupported_reason,
            .generate = generate,
            .build = build,
            .memory = [](const CompilerOptions& options) { return cuda_device_memory(options.device); },
            .open = open,
            .emits = {"cuda", "ptx", "cubin", "sass", "resources"},
            .disassemble = disassemble};
}

}  // namespace mlgenn::backends
