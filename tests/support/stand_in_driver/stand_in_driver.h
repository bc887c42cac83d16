// SPDX-License-Identifier: Apache-2.0
// How tests steer the stand-in CUDA driver. The functions are found with dlsym in the library that the runtime loads.
#pragma once

#include <cstddef>

namespace mlgenn::stand_in {

/// What the pretended device is like and what happens to it.
struct Settings {
    int num_devices = 1;
    /// 90 for sm_90.
    int capability = 90;
    std::size_t memory_bytes = std::size_t{1} << 30;
    /// Threads and blocks run from the last to the first.
    bool descending = false;
    /// Uploads and events happen as soon as nothing in their stream comes before them, all else as late as it may.
    bool early_uploads = false;
    /// The device is lost at this launch, counted from 1; 0: never.
    int lost_at_launch = 0;
    /// There is no memory for this allocation, on the device or pinned, counted from 1; 0: there is enough.
    int failing_allocation = 0;
};

/// What the runtime has done since the settings were made.
struct Counters {
    int launches = 0;
    int graph_launches = 0;
    int live_allocations = 0;
    int live_pinned = 0;
    /// Of memory on the device.
    std::size_t live_bytes = 0;
    /// Of memory on the device, and of pinned memory.
    int allocations = 0;
    std::size_t bytes_downloaded = 0;
    std::size_t bytes_uploaded = 0;
    /// Number of the device that was opened last.
    int last_device = -1;
};

/// `mlgenn_stand_in_configure`: forgets errors and counters and takes these settings.
using Configure = void (*)(const Settings*);
/// `mlgenn_stand_in_counters`.
using GetCounters = void (*)(Counters*);

}  // namespace mlgenn::stand_in
