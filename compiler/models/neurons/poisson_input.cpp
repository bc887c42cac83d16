// SPDX-License-Identifier: Apache-2.0
// Population that spikes at random with the rate that its input value gives.
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"
#include "compiler/models/math.h"
#include "compiler/models/neurons/value_input.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build(NeuronBuilder& b) {
    const E rate = ir::unary(ir::UnaryOp::abs, b.input());
    const E silence = exp(b.code(), "silence", rate * E(-b.scope().dt_ms()));
    const E event = b.code().let("event", b.random_uniform("random") >= silence);
    if (b.params().boolean(signed_spikes)) {
        b.negative_event(b.input() < E(0.0F) && event);
    }
    b.spike(b.input() > E(0.0F) && event, {});
}

}  // namespace

NeuronModel poisson_input() {
    return {
        .entry = {.name = "poisson_input",
                  .summary = "Spikes at random: the input value is the rate, in spikes per ms.",
                  .equations = {"u uniform in [0, 1), drawn for every neuron, timestep and example",
                                "event if u >= exp(-|Input| dt)", "spike if event and Input > 0",
                                "signed_spikes: negative event if event and Input < 0"},
                  .parameters = with_input_frames({signed_spikes_parameter()}),
                  .example = R"("poisson_input")"},
        .input = InputForm::values,
        .negative_events_switch = signed_spikes,
        .build = build,
    };
}

}  // namespace mlgenn::models
