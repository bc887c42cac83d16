// SPDX-License-Identifier: Apache-2.0
// Recorded spikes and traces: what is asked for and where it goes.
#pragma once

#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "tools/mlgenn_compile/output_files.h"

namespace mlgenn::cli {

/// "hidden.spikes" or "hidden.V" as recordings; throws DescriptionError for other texts.
[[nodiscard]] std::vector<Recording> parse_recordings(const std::vector<std::string>& texts);

void add_recordings(ArraySink& sink, const Recordings& recordings, double dt_ms);

/// A table of what was recorded ("hidden.spikes", number of spikes per example, ...); empty when nothing was.
[[nodiscard]] std::string recordings_table(const Recordings& recordings);

}  // namespace mlgenn::cli
