// SPDX-License-Identifier: Apache-2.0
// The head of an npy file, for the writers of npy and npz.
#pragma once

#include <string>

#include "mlgenn/array.h"

namespace mlgenn::description {

/// Version 1.0, padded so that the data that follows starts at a multiple of 64 bytes. `where` stands in messages.
[[nodiscard]] std::string npy_header(const Array& array, const std::string& where);

}  // namespace mlgenn::description
