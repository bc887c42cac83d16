// SPDX-License-Identifier: Apache-2.0
// The GPU back end: CUDA source from templates, compiled with NVRTC, run through the CUDA driver.
#pragma once

#include "compiler/backends/backend.h"

namespace mlgenn::backends {

[[nodiscard]] Backend cuda();

}  // namespace mlgenn::backends
