// SPDX-License-Identifier: Apache-2.0
// Random numbers in generated code: the generator of random.h as statements. There is no state, so that no order of
// execution, batch size, number of threads or back end can change a number.
#pragma once

#include <array>
#include <string>

#include "compiler/models/builders.h"
#include "compiler/models/random.h"

namespace mlgenn::models {

/// Four random words (u32) for one counter; `name` begins the names of the locals that it introduces.
[[nodiscard]] std::array<ir::E, 4> philox4x32(CodeBuilder& code, const std::string& name, PhiloxKey key,
                                              const std::array<ir::E, 4>& counter);

/// A multiple of 2^-24 in [0, 1), from a word's upper 24 bits.
[[nodiscard]] ir::E uniform_from(const ir::E& word);

}  // namespace mlgenn::models
