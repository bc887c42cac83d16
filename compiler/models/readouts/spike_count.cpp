// SPDX-License-Identifier: Apache-2.0
// Readout: how often a neuron spiked.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/readouts/window.h"

namespace mlgenn::models {

ReadoutModel spike_count() {
    return {
        .entry = {.name = "spike_count",
                  .summary = "Number of spikes in the example.",
                  .equations = {"on a spike: Scount += 1"},
                  .parameters = with_window(),
                  .example = R"("spike_count")"},
        .needs_spiking = true,
        .storage = Storage::u32,
        .build =
            [](ReadoutBuilder& b) {
                const Variable count = b.counter("Scount");
                Window(b).each_spike([=] { count.set(count.value() + ir::E(1U)); });
                b.result("Scount");
            },
    };
}

}  // namespace mlgenn::models
