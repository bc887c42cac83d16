// SPDX-License-Identifier: Apache-2.0
// Population whose spikes are given as events.
#include "compiler/models/entries.h"

namespace mlgenn::models {

NeuronModel spike_input() {
    return {
        .entry = {.name = "spike_input",
                  .summary = "Emits the spikes that the caller gives as times and neuron indices.",
                  .equations = {"an event with time x is due at the first step n with f32(n) * f32(dt) >= f32(x)",
                                "at most one spike per neuron and step; surplus events are postponed a step each",
                                "events that are not emitted by the last step are dropped"},
                  .parameters = {},
                  .example = R"("spike_input")"},
        .input = InputForm::events,
        .build = nullptr,
    };
}

}  // namespace mlgenn::models
