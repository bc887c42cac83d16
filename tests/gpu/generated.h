// SPDX-License-Identifier: Apache-2.0
// The CUDA source of a test network.
#pragma once

#include <string>

#include "compiler/ir/program.h"
#include "tests/gpu/networks.h"

namespace mlgenn::testing {

/// The network after all passes, for the CUDA back end.
[[nodiscard]] ir::Program cuda_program(const NetworkCase& c, const std::string& schedule,
                                       Accumulation accumulation = Accumulation::exact);
/// Its source.
[[nodiscard]] std::string cuda_source(const NetworkCase& c, const std::string& schedule,
                                      Accumulation accumulation = Accumulation::exact);

}  // namespace mlgenn::testing
