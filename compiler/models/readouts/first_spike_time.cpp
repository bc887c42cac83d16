// SPDX-License-Identifier: Apache-2.0
// Readout: when a neuron spiked first.
#include <limits>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/readouts/window.h"

namespace mlgenn::models {

ReadoutModel first_spike_time() {
    return {
        .entry = {.name = "first_spike_time",
                  .summary = "Minus the time of the first spike in ms, so that the largest is the earliest; "
                             "-3.4028235e38 without a spike.",
                  .equations = {"on a spike: TFirstSpike = max(-t, TFirstSpike)"},
                  .parameters = with_window(),
                  .example = R"("first_spike_time")"},
        .needs_spiking = true,
        .build =
            [](ReadoutBuilder& b) {
                const Variable first = b.accumulator("TFirstSpike", std::numeric_limits<float>::lowest());
                Window(b).each_spike([=, &b] { first.set(ir::max(-b.time_ms(), first.value())); });
                b.result("TFirstSpike");
            },
    };
}

}  // namespace mlgenn::models
