// SPDX-License-Identifier: Apache-2.0
// Where the time of a network goes: the report of code that was compiled with kernel_profiling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mlgenn {

struct ProfileEntry {
    /// "kernel": a launch on a GPU, or a call of generated code on the CPU; "copy": to or from a GPU; "phase": one
    /// population's or connection's part of the network kernel, summed over the timesteps of a call.
    std::string kind{};
    /// "run_network", "inputs"; for phases "hidden update".
    std::string name{};
    /// For phases the models that they are made of ("leaky_integrate_fire").
    std::string detail{};
    std::uint64_t calls = 0;
    double total_ms = 0.0;
    double min_ms = 0.0;
    double max_ms = 0.0;
    /// For copies what was copied, for phases the weights that were read (spikes times mean row); 0: not counted.
    double bytes = 0.0;
    /// Additions of a weight: spikes times the mean number of synapses of their source; 0: none.
    double synops = 0.0;

    [[nodiscard]] double mean_ms() const { return calls == 0 ? 0.0 : total_ms / static_cast<double>(calls); }
    /// Per second of this entry's time.
    [[nodiscard]] double synops_per_second() const { return total_ms > 0.0 ? synops / total_ms * 1e3 : 0.0; }
};

/// Something that happened once, for a time line. Phases of a call follow each other in it, although their timesteps
/// alternate: their lengths are right, their places are not.
struct ProfileEvent {
    std::string kind{};
    std::string name{};
    /// Worker thread; of a GPU 0 for what computes and 1 for the inputs on their way, which overlap with it.
    std::uint32_t track = 0;
    /// Since the network was loaded.
    double begin_ms = 0.0;
    double duration_ms = 0.0;
};

struct KernelProfile {
    std::string network{};
    std::string backend{};
    std::string device{};
    /// Kernels, copies, then phases in the order in which they run.
    std::vector<ProfileEntry> entries{};
    /// The first events of every track.
    std::vector<ProfileEvent> events{};
    /// Events beyond the number that is kept.
    std::uint64_t events_left_out = 0;
};

/// The events in Chrome's trace format, for chrome://tracing or Perfetto.
[[nodiscard]] std::string chrome_trace(const KernelProfile& profile);

}  // namespace mlgenn
