// SPDX-License-Identifier: Apache-2.0
// Inputs that the command line wants prepared: sensor events, encoded values, steps for times, duplicates.
#pragma once

#include "mlgenn/inputs.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/network_setup.h"

namespace mlgenn::cli {

/// All inputs of the network, as the options say. Throws DescriptionError for options and data that do not fit.
[[nodiscard]] Inputs read_prepared_inputs(const DataSettings& data, const NetworkSetup& setup);

}  // namespace mlgenn::cli
