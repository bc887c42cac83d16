// SPDX-License-Identifier: Apache-2.0
// SASS of a cubin, where one of NVIDIA's disassemblers is installed.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace mlgenn::cuda {

/// Runs nvdisasm, else cuobjdump: the program that MLGENN_NVDISASM names, or the first found on PATH or in the CUDA
/// toolkit. Throws BackendError when there is none, and with its output when it fails.
[[nodiscard]] std::string disassemble_cubin(std::span<const std::byte> cubin);

}  // namespace mlgenn::cuda
