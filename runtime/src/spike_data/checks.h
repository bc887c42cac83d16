// SPDX-License-Identifier: Apache-2.0
// Checks that the functions of mlgenn/spike_data.h share.
#pragma once

#include <string>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

/// Throws a DescriptionError with one finding unless `holds`.
inline void require(bool holds, const char* where, const std::string& problem, std::string remedy) {
    if (!holds) {
        throw DescriptionError(Diagnostic{where, problem, {}, std::move(remedy)});
    }
}

}  // namespace mlgenn::runtime
