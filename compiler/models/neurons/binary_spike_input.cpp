// SPDX-License-Identifier: Apache-2.0
// Population that spikes wherever its input value says so.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/neurons/value_input.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build(NeuronBuilder& b) {
    if (b.params().boolean(signed_spikes)) {
        b.negative_event(b.input() < E(0.0F));
    }
    b.spike(b.input() > E(0.0F), {});
}

}  // namespace

NeuronModel binary_spike_input() {
    return {
        .entry = {.name = "binary_spike_input",
                  .summary = "Spikes in every step in which the input value is positive.",
                  .equations = {"spike if Input > 0", "signed_spikes: negative event if Input < 0"},
                  .parameters = with_input_frames({signed_spikes_parameter()}),
                  .example = R"({"model": "binary_spike_input", "params": {"input_frames": 10}})"},
        .input = InputForm::values,
        .negative_events_switch = signed_spikes,
        .build = build,
    };
}

}  // namespace mlgenn::models
