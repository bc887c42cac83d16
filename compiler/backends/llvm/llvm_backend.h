// SPDX-License-Identifier: Apache-2.0
// The CPU back end: LLVM IR, optimised and compiled in process, loaded with ORC.
#pragma once

#include "compiler/backends/backend.h"

namespace mlgenn::backends {

[[nodiscard]] Backend llvm();

}  // namespace mlgenn::backends
