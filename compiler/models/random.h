// SPDX-License-Identifier: Apache-2.0
// The runtime's counter-based random numbers, by the names that models use.
#pragma once

#include "runtime/src/random.h"

namespace mlgenn::models {

using runtime::philox4x32;
using runtime::philox_key;
using runtime::PhiloxBlock;
using runtime::PhiloxKey;
using runtime::stream_of;

}  // namespace mlgenn::models
