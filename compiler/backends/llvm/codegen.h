// SPDX-License-Identifier: Apache-2.0
// LLVM IR for a program: explicit vectors over neurons, one function per time loop, one entry point per module.
#pragma once

#include <memory>
#include <string>

#include "compiler/ir/program.h"

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
}  // namespace llvm

namespace mlgenn::backends::llvm_backend {

/// What code is generated for.
struct Target {
    std::string name;  ///< "native", "avx512", "avx2", "generic"
    std::string triple;
    std::string cpu;
    std::string features;
    /// f32 lanes of one vector value: 16 or 8.
    unsigned lanes = 8;
    /// Vector values that a block of neurons may keep in registers.
    unsigned max_parts = 8;
    /// The target compresses vectors by mask in one instruction (AVX-512).
    bool has_compress = false;
};

/// Name of the entry point with the signature of CpuRunFunction.
inline constexpr const char* entry_point = "mlgenn_run";

/// Requires: VerifyStage::expanded with places.
[[nodiscard]] std::unique_ptr<llvm::Module> generate_module(llvm::LLVMContext& context, const ir::Program& program,
                                                            const Target& target, const llvm::TargetMachine& machine);

}  // namespace mlgenn::backends::llvm_backend
