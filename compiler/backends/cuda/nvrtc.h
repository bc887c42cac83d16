// SPDX-License-Identifier: Apache-2.0
// NVIDIA's run-time compiler, found when the program runs: nothing is linked and no CUDA header is needed.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace mlgenn::cuda {

struct NvrtcStatus {
    bool available = false;
    /// "NVRTC 13.0, sm_75 ... sm_121", or why there is none.
    std::string detail;
    int major = 0;
    int minor = 0;
    /// Compute capabilities that it compiles for (75, 80, ...), ascending.
    std::vector<int> architectures;
};

/// Looks for the library named by MLGENN_LIBNVRTC, else for the usual names, also below CUDA_HOME.
[[nodiscard]] const NvrtcStatus& nvrtc_status();

/// What ptxas says about one kernel.
struct KernelResources {
    int registers = 0;
    int spill_store_bytes = 0;
    int spill_load_bytes = 0;
    int stack_bytes = 0;
    int static_shared_bytes = 0;
};

struct CompiledKernels {
    std::vector<std::byte> image;
    std::string log;
    /// By kernel name; empty for PTX.
    std::map<std::string, KernelResources> resources;
};

/// The options that keep f32 as the IR defines it. Part of the cache key.
[[nodiscard]] std::vector<std::string> compile_options(const std::string& target);

/// Compiles `text` for `target`: "sm_90" gives a cubin, "compute_90" PTX. `file` stands in messages.
/// Throws BackendError without NVRTC, for a target that it does not know, and, with the log and the source lines
/// around each error, when the source does not compile.
[[nodiscard]] CompiledKernels compile(const std::string& text, const std::string& file, const std::string& target);

/// Throws BackendError naming the known ones if NVRTC cannot compile for `target`.
void check_target(const std::string& target);

/// Log lines of ptxas -v by kernel.
[[nodiscard]] std::map<std::string, KernelResources> parse_resources(const std::string& log);
/// `log` with the lines of `text` around every "file(line): error".
[[nodiscard]] std::string annotate_log(const std::string& log, const std::string& text, const std::string& file);

}  // namespace mlgenn::cuda
