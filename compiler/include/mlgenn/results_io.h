// SPDX-License-Identifier: Apache-2.0
// Results of calls as files.
#pragma once

#include <filesystem>

#include "mlgenn/callbacks.h"

namespace mlgenn {

/// Writes callback data as an npz archive, as save_npz does. The members of a value with key K:
/// - SpikeTrains: K.times (f64, ms), K.ids (i32), K.offsets (u64, recorded examples + 1), the examples one after
/// another;
/// - arrays of one shape and type: K, stacked with the recorded examples first; other arrays: K.0, K.1, ...;
/// - an array or a number: K.
/// Throws DescriptionError when the file cannot be written, two members would have one name, or it would exceed 4 GB.
void save_callback_data(const std::filesystem::path& file, const CallbackData& data);

}  // namespace mlgenn
