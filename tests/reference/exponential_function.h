// SPDX-License-Identifier: Apache-2.0
// e^x in f32 with the roundings that docs/semantics.md states.
#pragma once

namespace mlgenn::reference {

[[nodiscard]] float exponential_function(float x);

}  // namespace mlgenn::reference
