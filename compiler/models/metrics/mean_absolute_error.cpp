// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build(MetricBuilder& b) {
    CodeBuilder& code = b.code();
    const E sum = code.let("sum", E(0.0F));
    code.loop("k", E(0U), E(b.num_neurons()), ir::LoopKind::serial, [&](const E& k) {
        const E difference = code.let("difference", ir::convert(b.readout(k), ir::Type::f32) - b.target(k));
        code.assign("sum", sum + ir::unary(ir::UnaryOp::abs, difference));
    });
    b.score(sum);
}

}  // namespace

MetricModel mean_absolute_error() {
    return {
        .entry = {.name = "mean_absolute_error",
                  .summary = "Mean over all examples and outputs of the absolute difference to the target.",
                  .equations = {"mean over examples and j of |readout_j - target_j|"},
                  .example = R"("mean_absolute_error")"},
        .target = TargetKind::values,
        .score = ScoreKind::sum,
        .divide_by_neurons = true,
        .build = build,
    };
}

}  // namespace mlgenn::models
