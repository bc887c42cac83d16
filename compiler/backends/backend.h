// SPDX-License-Identifier: Apache-2.0
// The seam between the compiler and a target: about seven functions per back end, in one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "mlgenn/compiler.h"
#include "mlgenn/executor.h"
#include "mlgenn/memory_estimate.h"

namespace mlgenn::backends {

/// What passes may know about a target. They ask this, never "is it CUDA".
struct Limits {
    /// Fastest memory that one example's worker has for itself, and the next level, in bytes.
    std::size_t near_cache_bytes = 32 << 10;
    std::size_t far_cache_bytes = 1 << 20;
    /// Layer-wise execution of feed-forward components pays here.
    bool runs_loops_apart = true;
    /// f32 additions to memory happen in the order of the spikes.
    bool ordered_scatter = true;
    /// Work reaches the device as kernel launches: one for an example, or one for a timestep.
    bool launches_kernels = false;
};

/// Code for one network before a toolchain has seen it. A function of the program and the target alone.
struct GeneratedSource {
    std::string backend;
    /// Architecture and features that the code is for.
    std::string target;
    /// Everything that decides the binary: text, options, toolchain. Hashed for the cache.
    std::string cache_text;
    /// The source for people ("llvm" or "cuda").
    std::string text_kind;
    std::string text;
};

/// Toolchain output: bytes and the plan that goes with them.
struct Module {
    std::string backend;
    std::string target;
    std::vector<std::byte> code;
    ExecutionPlan plan;
    bool from_cache = false;
    std::string cache_key;
};

struct Availability {
    bool available = false;
    /// Version and target, or the reason why not.
    std::string detail;
};

/// A back end as a table of functions.
struct Backend {
    std::string name;
    /// Whether build() and open() can work here.
    Availability (*availability)() = nullptr;
    /// Whether build() can; it needs no device.
    Availability (*toolchain)() = nullptr;
    Limits (*limits)(const CompilerOptions&) = nullptr;
    /// Why a program cannot run here; empty if it can.
    std::string (*unsupported)(const ir::Program&) = nullptr;
    /// Pure: no device and no toolchain. Throws BackendError for an unknown target.
    GeneratedSource (*generate)(const ir::Program&, const CompilerOptions&) = nullptr;
    /// Runs the toolchain, or takes the result from the cache. `program` must be the one that made `source`.
    Module (*build)(const ir::Program& program, const GeneratedSource& source, const CompilerOptions&) = nullptr;
    /// Memory of the device that open() would use.
    DeviceMemoryState (*memory)(const CompilerOptions&) = nullptr;
    /// Loads the code on this machine's device.
    std::unique_ptr<Executor> (*open)(const Module&, const CompilerOptions&) = nullptr;
    /// Kinds of text that this back end can show ("llvm", "asm", ...).
    std::vector<std::string> emits{};
    /// The texts of those kinds, made from the program or the module.
    std::map<std::string, std::string> (*disassemble)(const ir::Program&, const GeneratedSource&, const Module&,
                                                      const CompilerOptions&,
                                                      std::span<const std::string> kinds) = nullptr;
};

/// All back ends that this build knows, best first for "auto".
[[nodiscard]] std::span<const Backend> all_backends();
/// What is to be done with a back end.
enum class Purpose : std::uint8_t { run, build };
/// The named back end, or for "auto" the first that can serve `purpose` here. Throws BackendError with the reason.
[[nodiscard]] const Backend& select_backend(const std::string& name, Purpose purpose = Purpose::run);

/// Plan of a program whose buffers have places.
[[nodiscard]] ExecutionPlan make_plan(const ir::Program& program, const std::string& backend,
                                      const std::string& entry_point);

}  // namespace mlgenn::backends
