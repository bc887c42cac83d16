// SPDX-License-Identifier: Apache-2.0
// Recorded spikes, traces and connections: what is asked for and where it goes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/output_files.h"

namespace mlgenn::cli {

/// Makes `options` record what `settings` ask for: whole recordings, or with a file recorders that select. Throws
/// DescriptionError for texts that are not understood, and for selections without a file.
void apply_recordings(const RecordSettings& settings, const Network& network, CompilerOptions& options);

/// Number of results that recordings add to those of -o.
[[nodiscard]] std::size_t num_whole_recordings(const RecordSettings& settings);

void add_recordings(ArraySink& sink, const Recordings& recordings, double dt_ms);

/// Writes the recorders' data, if there is a file for them, and adds the file to `files`.
void write_recorded(const RecordSettings& settings, const CallbackData& data,
                    std::vector<std::filesystem::path>& files);

/// A table of what was recorded ("hidden.spikes", number of spikes per example, ...); empty when nothing was.
[[nodiscard]] std::string recordings_table(const Recordings& recordings, const CallbackData& data);

}  // namespace mlgenn::cli
